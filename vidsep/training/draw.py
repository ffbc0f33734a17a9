"""Everything random about a batch of examples, as small arrays: where to crop and how to treat it.

They are drawn by numpy on the host, from the seed, the number of the step and that of the attempt alone. So the same
seed makes the same examples on every backend and device, and a resumed run goes on where it was.

A source is one thing that sounds: two voices, the music, singing over it where there is a corpus of it, a background,
single effects. Voices, singing and effects are mono until they are panned; the background is made of two crops, its
middle and its sides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vidsep.audio import STEM_NAMES
from vidsep.training.places import Drawer, Floats, Places
from vidsep.training.resident import Resident
from vidsep.training.settings import TrainingConfig

Numbers: TypeAlias = dict[str, npt.NDArray[Any]]
Corpora: TypeAlias = Mapping[str, Resident]
"""By kind: speech, music, effects and perhaps vocals."""

VOICES = 2
MOST_SPEED = 1.25  # and 1 / 1.25 is the least
SPEED_UNIT = 1024  # speeds are multiples of its inverse, so that devices can compute places in whole numbers
ROOM_SECONDS = 0.8  # of a room's decay that are heard
NOISE_SAMPLES = 1 << 20  # what rooms are cut from


@dataclass(frozen=True)
class Layout:
    """Which sources there are: their names, and for each channel of sound that is cropped its source."""

    sources: tuple[str, ...]
    channels: tuple[int, ...]

    @classmethod
    def of(cls, has_vocals: bool, most_events: int) -> "Layout":
        sources = ["voice"] * VOICES + ["music"] + ["vocals"] * has_vocals + ["bed"] + ["event"] * most_events
        channels = [number for number, name in enumerate(sources) for _ in range(2 if name in ("music", "bed") else 1)]
        return cls(tuple(sources), tuple(channels))

    def where(self, name: str) -> list[int]:
        """The numbers of the sources of that name."""
        return [number for number, source in enumerate(self.sources) if source == name]

    def channels_of(self, name: str) -> list[int]:
        """The channels of the sources of that name."""
        return [channel for channel, source in enumerate(self.channels) if self.sources[source] == name]


class Draw:
    """Draws the numbers of batches of ``batch`` examples from recordings."""

    def __init__(self, config: TrainingConfig, corpora: Corpora, batch: int) -> None:
        self.config, self.batch, self.n_samples = config, batch, config.n_samples
        self.layout = Layout.of("vocals" in corpora, config.examples.most_events)
        needed = int(MOST_SPEED * config.n_samples)
        self._drawers = {kind: Drawer.of(resident) for kind, resident in corpora.items()}
        self._drawers["bed"] = Drawer.of(corpora["effects"], needed)
        sung = [recording for recording in corpora["music"].recordings if recording.has_vocals]
        if sung:
            self._drawers["sung"] = Drawer.of(corpora["music"].only(sung))

    def __call__(self, seed: int, attempt: int, step: int) -> Numbers:
        """The numbers of one step: float32 and int32 arrays, ``batch`` entries along their first axis."""
        rng = np.random.default_rng([seed, attempt, step])
        numbers = self._presence(rng) | self._levels(rng) | self._colours(rng) | self._space(rng)
        numbers |= self._speeds(rng)
        numbers |= self._crops(rng, numbers["pace"])
        return {name: _narrow(values) for name, values in numbers.items()}

    def _presence(self, rng: np.random.Generator) -> Numbers:
        """``on`` says which sources sound."""
        settings, batch = self.config.examples, self.batch
        shares = np.array([getattr(settings, stem) for stem in STEM_NAMES])
        stems = rng.random((batch, 3)) < shares
        spare = rng.choice(3, size=batch, p=shares / shares.sum())
        stems |= ~stems.any(axis=1, keepdims=True) & (np.arange(3) == spare[:, None])
        bed = rng.random(batch) < settings.bed
        events = rng.integers(0, settings.most_events + 1, batch)
        events = np.where(bed, events, np.maximum(events, min(1, settings.most_events)))
        bed |= events == 0
        second = rng.random(batch) < settings.second_voice
        sung = rng.random(batch) < settings.sung
        on = {"voice": [np.ones(batch, bool), second], "music": [np.ones(batch, bool)], "vocals": [sung], "bed": [bed]}
        on["event"] = [events > number for number in range(settings.most_events)]
        stem_of = {"voice": 0, "music": 1, "vocals": 1, "bed": 2, "event": 2}
        names = list(dict.fromkeys(self.layout.sources))
        columns = [column & stems[:, stem_of[name]] for name in names for column in on[name]]
        return {"on": np.stack(columns, axis=1).astype(np.float64), "stems": stems.astype(np.float64)}

    def _levels(self, rng: np.random.Generator) -> Numbers:
        settings, batch = self.config.examples, self.batch

        def levels(mean: float, spread: float, *shape: int) -> Floats:
            return np.clip(rng.normal(mean, spread, (batch, *shape)), mean - 3 * spread, mean + 3 * spread)

        of_source = {
            "voice": np.stack([np.zeros(batch), rng.uniform(-8, 0, batch)], axis=1),
            "music": np.zeros((batch, 1)),
            "vocals": rng.uniform(-3, 6, (batch, 1)),  # over what accompanies it, as songs are mixed
            "bed": levels(settings.bed_db, settings.bed_spread_db, 1),
            "event": levels(settings.event_db, settings.event_spread_db, settings.most_events),
        }
        names = dict.fromkeys(self.layout.sources)
        return {
            "source_db": np.concatenate([of_source[name] for name in names], axis=1),
            "dialogue_db": levels(settings.dialogue_db, settings.dialogue_spread_db),
            "music_db": levels(settings.music_db, settings.music_spread_db),
            "drive": np.where(rng.random(batch) < settings.compressed, rng.uniform(0.5, 1.5, batch), 0),
            "gain_db": rng.uniform(settings.lowest_gain_db, settings.highest_gain_db, batch),
        }

    def _colours(self, rng: np.random.Generator) -> Numbers:
        """Equalisation, limits of the band, and what a codec leaves out."""
        settings, nyquist = self.config.examples, self.config.network.sample_rate / 2
        shape = (self.batch, len(self.layout.sources))
        coloured = rng.random(shape) < settings.equalised
        limited = rng.random((2, *shape)) < 1 - np.sqrt(1 - settings.band_limited)
        lossy = rng.random(self.batch) < settings.lossy
        return {
            "tilt_db": rng.normal(0, 1.2, shape) * coloured,
            "bump_db": rng.normal(0, 3, shape) * coloured,
            "bump_octave": rng.uniform(-4, 4, shape),
            "highest_hz": np.where(limited[0], rng.uniform(0.15, 0.65, shape) * nyquist, 2 * nyquist),
            "lowest_hz": np.where(limited[1], rng.uniform(60, 350, shape), 0),
            "holes_db": np.where(lossy, rng.uniform(-30, -10, self.batch), -300),
            "coded_hz": np.where(lossy, rng.uniform(0.45, 0.95, self.batch) * nyquist, 2 * nyquist),
        }

    def _space(self, rng: np.random.Generator) -> Numbers:
        """Pan, width and rooms."""
        settings, batch = self.config.examples, self.batch
        n_sources = len(self.layout.sources)
        beside = np.where(rng.random((batch, n_sources)) < 0.3, rng.uniform(-0.3, 0.3, (batch, n_sources)), 0)
        events = self.layout.where("event")
        beside[:, events] = rng.uniform(-0.6, 0.6, (batch, len(events)))
        wet = 10 ** (-rng.uniform(-2, 16, batch) / 20)  # direct sound over reverberation, in dB
        reverberated = rng.random(batch) < settings.reverberated
        return {
            "pan": beside,
            "wet": np.where(reverberated, wet, 0),
            "effects_wet": np.where(reverberated & (rng.random(batch) < 0.5), wet, 0),
            "decay_seconds": rng.uniform(0.12, 0.8, batch),
            "room": rng.integers(0, NOISE_SAMPLES, batch),
            "music_width": np.where(rng.random(batch) < settings.narrow, 0, rng.uniform(0.4, 1.4, batch)),
            "bed_width": np.where(rng.random(batch) < 0.2, 0, rng.uniform(0.2, 1.0, batch)),
            "swap": (rng.random(batch) < 0.5).astype(np.float64),
            "mono": (rng.random(batch) < settings.mono).astype(np.float64),
        }

    def _speeds(self, rng: np.random.Generator) -> Numbers:
        """``stretch`` in tempo, for the examples that are stretched at all, and ``speed`` in units of 1 / SPEED_UNIT.

        Stretched sources change either tempo alone or pitch alone: then the speed undoes the tempo.
        """
        settings = self.config.examples
        shape = (self.batch, len(self.layout.sources))
        limit = np.log(MOST_SPEED)
        varied = rng.random(shape) < settings.varispeed
        speed = np.exp(rng.uniform(-limit, limit, shape) * varied)
        stretch = np.exp(rng.uniform(-limit, limit, shape))
        pitched = rng.random(shape) < 0.5
        stretched = np.arange(self.batch)[:, None] < n_stretched(settings.stretched, self.batch)
        speed = np.where(stretched, np.where(pitched, 1 / stretch, 1), speed)
        units = np.clip(np.round(speed * SPEED_UNIT), SPEED_UNIT / MOST_SPEED, SPEED_UNIT * MOST_SPEED).astype(np.int64)
        pace = np.where(stretched, stretch, 1) * units / SPEED_UNIT
        return {"stretch": stretch, "speed": units, "pace": pace}

    def _crops(self, rng: np.random.Generator, pace: npt.NDArray[Any]) -> Numbers:
        """Where the sources come from; ``pace`` is how many samples of them make one sample of the example."""
        numbers: Numbers = {}
        needed = pace * self.n_samples
        for name in dict.fromkeys(self.layout.sources):
            where = self.layout.where(name)
            drawn = (
                self._events(rng, needed[:, where]) if name == "event" else self._going_on(rng, name, needed[:, where])
            )
            numbers |= {f"{name}_{field.name}": getattr(drawn, field.name) for field in fields(drawn)}
        return numbers

    def _events(self, rng: np.random.Generator, needed: Floats) -> Places:
        """Single effects: they begin anywhere and last a third of the example or more, where they are that long."""
        drawer = self._drawers["effects"]
        rows = drawer.recordings(rng, needed.shape)
        longest = rng.uniform(0.3, 1, needed.shape) * needed
        at = rng.random(needed.shape) * np.maximum(0, needed - np.minimum(longest, drawer.lengths(rows)))
        return drawer.places(rng, rows, at, longest)

    def _going_on(self, rng: np.random.Generator, name: str, needed: Floats) -> Places:
        """Sounds that fill the example if they are long enough; shorter ones stand anywhere in it."""
        drawer = self._drawers[{"voice": "speech"}.get(name, name)]
        rows = drawer.recordings(rng, needed.shape)
        if name == "music" and "sung" in self._drawers:
            sung = rng.random(rows.shape) < self.config.examples.sung
            return self._sung_or_not(rng, rows, sung, needed)
        if name == "bed":
            rows, needed = np.repeat(rows, 2, axis=1), np.repeat(needed, 2, axis=1)
        at = rng.random(rows.shape) * np.maximum(0, needed - drawer.lengths(rows))
        return drawer.places(rng, rows, at, needed)

    def _sung_or_not(self, rng: np.random.Generator, rows: Any, sung: Any, needed: Floats) -> Places:
        """Music, from the recordings with singing where ``sung`` says so."""
        both = []
        for name, chosen in (("sung", self._drawers["sung"].recordings(rng, rows.shape)), ("music", rows)):
            drawer = self._drawers[name]
            at = rng.random(rows.shape) * np.maximum(0, needed - drawer.lengths(chosen))
            both.append(drawer.places(rng, chosen, at, needed))
        return Places(*(np.where(sung, *(getattr(places, field.name) for places in both)) for field in fields(Places)))


def n_stretched(share: float, batch: int) -> int:
    """How many examples of a batch, its first, change tempo or pitch."""
    return min(batch, round(share * batch))


def _narrow(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.float32 if values.dtype.kind == "f" else np.int32)
