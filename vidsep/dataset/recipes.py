"""The recipes of test sets, as published: how many sounds of each kind, how loud, how they may overlap.

DnR 2: Petermann, Wichern, Wang and Le Roux, "The cocktail fork problem", ICASSP 2022, and the configuration of its
tools (darius522/dnr-utils). DnR 3: Watcharasupat, Wu and Orife, "Remastering Divide and Remaster", IS2 2024, and its
configuration (kwatcharasupat/divide-and-remaster-v3). All loudness is integrated, in LUFS.

Two things differ here, because corpora do: DnR's recordings are short (a sentence, half a minute of music, one sound),
so of a longer one a stretch is taken (``most_seconds``); and the counts, which are those of 60 s, go with the clip's
length.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vidsep.errors import DatasetError

NOMINAL_SECONDS = 60.0  # the clip length that the published counts are for

SPEECH, MUSIC, FOREGROUND, BACKGROUND = "speech", "music", "sfx", "background"  # DnR's words for its tracks


@dataclass(frozen=True)
class Draw:
    """A random number around ``middle``: uniform within ``spread`` of it, or normal with that standard deviation.

    Normal ones stop at three deviations: once in hundreds of draws a track would be too quiet to be measured.
    """

    middle: float
    spread: float
    is_normal: bool

    def value(self, rng: np.random.Generator) -> float:
        """One draw."""
        if self.is_normal:
            return self.middle + self.spread * float(np.clip(rng.standard_normal(), -3, 3))
        return self.middle + self.spread * (2 * rng.random() - 1)


@dataclass(frozen=True)
class Track:
    """One kind of sound in a clip.

    ``events`` is the mean number of sounds in 60 s. ``loudness_lufs`` is drawn once a clip, ``event_lu`` is how far
    each sound is from it. ``overlap`` is the share of a sound that the next one may cover; the next starts
    ``gap_seconds`` or more behind that. ``whole`` sounds are not cut, of others at least 30 % is heard.
    ``settled`` tracks are brought to their loudness as a whole, too.
    """

    events: float
    loudness_lufs: Draw
    event_lu: Draw
    overlap: float
    gap_seconds: float
    most_seconds: float
    whole: bool
    settled: bool


@dataclass(frozen=True)
class Recipe:
    """A kind of test set. ``peak_db`` is the highest sample peak (dBFS) or true peak (dBTP) of the mixture."""

    name: str
    sample_rate: int
    mix_lufs: Draw
    peak_db: float
    is_true_peak: bool
    tracks: Mapping[str, Track]


def _dnr_v2() -> Recipe:
    def track(events: float, lufs: float, most_seconds: float, *, whole: bool = False) -> Track:
        return Track(events, Draw(lufs, 2, False), Draw(0, 1, False), 0.0, 1.0, most_seconds, whole, settled=False)

    tracks = {
        SPEECH: track(8, -17, 15, whole=True),
        MUSIC: track(7, -24, 30),
        FOREGROUND: track(12, -21, 10),
        BACKGROUND: track(6, -29, 30),
    }
    return Recipe("dnr-v2", 44100, Draw(-27, 2, False), -0.5, False, tracks)


def _dnr_v3() -> Recipe:
    def track(
        events: float, lufs: tuple[float, float], event_lu: float, overlap: float, most_seconds: float, *,
        whole: bool = False,
    ) -> Track:  # fmt: skip
        draws = Draw(*lufs, True), Draw(0, event_lu, True)
        return Track(events, *draws, overlap, 0.0, most_seconds, whole, settled=True)

    tracks = {
        SPEECH: track(12, (-27, 4), 6, 0.25, 15, whole=True),
        MUSIC: track(7, (-32, 6), 10, 0.0, 30),
        FOREGROUND: track(12, (-32, 6), 10, 0.5, 10),
        BACKGROUND: track(24, (-40, 6), 10, 1.0, 30),
    }
    return Recipe("dnr-v3", 48000, Draw(-27, 1, True), -2.0, True, tracks)


RECIPES = {recipe.name: recipe for recipe in (_dnr_v2(), _dnr_v3())}


def find_recipe(name: str) -> Recipe:
    """The recipe of that name. Raises `DatasetError` if there is none."""
    if name not in RECIPES:
        raise DatasetError(f"there is no recipe {name!r}", f"it is one of {', '.join(RECIPES)}")
    return RECIPES[name]
