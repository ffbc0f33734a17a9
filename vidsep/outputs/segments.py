"""Cuts a programme where its music starts and stops, says what was taken out of each part, and where to listen."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_closing, binary_opening, uniform_filter1d

from vidsep.audio import STEM_NAMES
from vidsep.loudness.gating import Levels, gated_lufs, mean_lufs, to_lufs
from vidsep.outputs.levels import PAIRS, StemLevels

MOST_SEGMENTS = 200
SHORTEST_SECONDS = 2.0
LONGEST_SECONDS = 30.0  # longer music is cut evenly, so that a row says where; longer still in long programmes
SMOOTH_SECONDS = 0.4  # momentary loudness (BS.1770-4): edges are found to 0.2 s

# When a music stem counts as music and not as the network's residue. Judged by ear and eye on separated film sound.
QUIETEST_LUFS = -60.0
BELOW_OWN_LU = 24.0  # under the loudness of the programme's music
BELOW_ALL_LU = 24.0  # under everything that sounds at the time
BELOW_PROGRAMME_LU = 27.0  # under the loudness of the programme

MOST_SPOTS = 10
SPOT_SECONDS = 3.0
SPOT_BELOW_PROGRAMME_LU = 20.0  # quieter places are not worth a listener's time
UNSURE = 0.75  # worth a listen: below, stems of made mixtures held about as much error as sound
LEAST_SHARE = 1 / len(STEM_NAMES)  # of the strongest of three equal stems


@dataclass(frozen=True)
class Segment:
    """A stretch of the programme. Loudness in LUFS, minus infinity for silence; ``certainty`` from 0 (a guess) to 1.

    ``removed_share`` is the part of the stretch's energy that was music and is gone, 0 to 1.
    """

    start_seconds: float
    end_seconds: float
    has_music: bool
    dialogue_lufs: float
    music_before_lufs: float
    music_after_lufs: float
    removed_share: float
    certainty: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds

    @property
    def reduction_lu(self) -> float:
        """How much quieter the old music is; 0 without music."""
        return self.music_before_lufs - self.music_after_lufs


@dataclass(frozen=True)
class Spot:
    """A place worth a listen: ``between`` names the two stems that the network could hardly tell apart."""

    start_seconds: float
    end_seconds: float
    certainty: float
    between: tuple[str, str]


def segments(levels: StemLevels, most: int = MOST_SEGMENTS) -> list[Segment]:
    """The programme from start to end in at most ``most`` parts, each with or without music."""
    playing, shortest = music_plays(levels), SHORTEST_SECONDS
    while len(_changes(playing)) > most // 2:
        shortest *= 2
        playing = _without_short(playing, shortest, levels.step_seconds)
    longest = max(LONGEST_SECONDS, 2 * levels.total_seconds / most) / levels.step_seconds
    edges = _cut_music(_changes(playing), playing, longest)
    return [_segment(levels, start, stop, bool(playing[start])) for start, stop in pairwise(edges)]


def whole(levels: StemLevels) -> Segment:
    """The programme as one stretch."""
    return _segment(levels, 0, len(levels.music), bool(music_plays(levels).any()))


def music_plays(levels: StemLevels) -> npt.NDArray[np.bool_]:
    """Whether there is music, for each frame; stretches and gaps under two seconds do not count."""
    music, everything = (to_lufs(smooth(power, SMOOTH_SECONDS, levels)) for power in (levels.music, levels.total))
    floor = max(
        QUIETEST_LUFS,
        gated_lufs(levels.music) - BELOW_OWN_LU,
        gated_lufs(levels.total) - BELOW_PROGRAMME_LU,
    )
    return _without_short((music > floor) & (music > everything - BELOW_ALL_LU), SHORTEST_SECONDS, levels.step_seconds)


def certainty(sure: npt.ArrayLike, total: npt.ArrayLike) -> Levels:
    """How clearly one stem owns the sound: 0 when all three share every bin equally, 1 when no bin is shared."""
    share = np.asarray(sure) / np.maximum(1e-30, total)
    return np.clip((share - LEAST_SHARE) / (1 - LEAST_SHARE), 0.0, 1.0)


def spots_to_hear(levels: StemLevels) -> list[Spot]:
    """At most ten places where there is music and the network was least sure, in order of time."""
    sure, total = (smooth(power, SPOT_SECONDS, levels) for power in (levels.sure, levels.total))
    audible = to_lufs(total) > gated_lufs(levels.total) - SPOT_BELOW_PROGRAMME_LU
    doubt = np.where(music_plays(levels) & audible, certainty(sure, total), 1.0)
    apart = max(2 * SPOT_SECONDS, levels.total_seconds / (3 * MOST_SPOTS))
    spots: list[Spot] = []
    while doubt.size and len(spots) < MOST_SPOTS and doubt.min() < UNSURE:
        frame = int(doubt.argmin())
        spots.append(_spot(levels, frame, float(doubt[frame])))
        doubt[np.abs(levels.seconds - levels.seconds[frame]) < apart] = 1.0
    return sorted(spots, key=lambda spot: spot.start_seconds)


def _spot(levels: StemLevels, frame: int, certain: float) -> Spot:
    start = max(0.0, levels.seconds[frame] - SPOT_SECONDS / 2)
    end = min(levels.total_seconds, levels.seconds[frame] + SPOT_SECONDS / 2)
    first, last = (round(seconds / levels.step_seconds) for seconds in (start, end))
    first_stem, second_stem = PAIRS[int(levels.contested[first : last + 1].sum(axis=0).argmax())]
    return Spot(float(start), float(end), certain, (STEM_NAMES[first_stem], STEM_NAMES[second_stem]))


def _segment(levels: StemLevels, start: int, stop: int, has_music: bool) -> Segment:
    part = slice(start, stop)
    total = float(levels.total[part].sum())
    gone = max(0.0, float(levels.music[part].sum() - levels.music_after[part].sum()))
    dialogue, before, after = (mean_lufs(power[part]) for power in (levels.dialogue, levels.music, levels.music_after))
    return Segment(
        start_seconds=start * levels.step_seconds,
        end_seconds=min(stop * levels.step_seconds, levels.total_seconds),
        has_music=has_music,
        dialogue_lufs=dialogue,
        music_before_lufs=before,
        music_after_lufs=after,
        removed_share=gone / total if total > 0 else 0.0,
        certainty=float(certainty(levels.sure[part].sum(), total)) if total > 0 else 1.0,
    )


def smooth(power: Levels, seconds: float, levels: StemLevels) -> Levels:
    """Power averaged over a window of ``seconds``."""
    width = max(1, round(seconds / levels.step_seconds))
    smooth: Levels = np.maximum(0.0, uniform_filter1d(power, width, mode="nearest")) if power.size else power
    return smooth


def _without_short(flags: npt.NDArray[np.bool_], seconds: float, step_seconds: float) -> npt.NDArray[np.bool_]:
    """``flags`` without gaps, then without stretches, shorter than ``seconds``; at the ends too."""
    width = min(round(seconds / step_seconds), len(flags))
    if width < 2:
        return flags
    brush, inside = np.ones(width, dtype=bool), slice(width, -width)
    closed = binary_closing(np.pad(flags, width, constant_values=True), brush)[inside]
    opened = binary_opening(np.pad(closed, width), brush)[inside]
    return np.asarray(opened, dtype=bool)


def _changes(playing: npt.NDArray[np.bool_]) -> list[int]:
    """Frames where music starts or stops, with the first frame and the end."""
    if not playing.size:
        return []
    return [0, *(np.flatnonzero(np.diff(playing)) + 1).tolist(), len(playing)]


def _cut_music(changes: list[int], playing: npt.NDArray[np.bool_], longest: float) -> list[int]:
    """``changes`` with even cuts in between, so that no stretch of music has more than ``longest`` frames."""
    edges = changes[-1:]
    for start, stop in pairwise(changes):
        pieces = int(np.ceil((stop - start) / longest)) if playing[start] else 1
        edges += np.linspace(start, stop, pieces, endpoint=False).round().astype(int).tolist()
    return sorted(edges)
