"""One clip of a test set: sounds drawn, placed, brought to their loudness, mixed."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from vidsep.audio import FloatArray, db_to_gain, gain_to_db
from vidsep.corpora import Recording
from vidsep.dataset.placing import Place, event_count, next_earliest, place
from vidsep.dataset.recipes import BACKGROUND, FOREGROUND, MUSIC, SPEECH, Recipe, Track
from vidsep.errors import DatasetError
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.loudness.true_peak import TruePeakMeter

STEMS: Mapping[str, tuple[str, ...]] = {"speech": (SPEECH,), "music": (MUSIC,), "sfx": (FOREGROUND, BACKGROUND)}
FADE_SECONDS = 0.01  # at both ends of every sound: cut ones would click
N_TRIALS = 10  # recordings tried for one sound before it is left out
AUDIBLE_LUFS = -60.0  # a stretch below is a pause of its recording
BEFORE_SETTLING_LUFS = -23.0  # of tracks whose loudness is set at the end: no gate of the meter is near
WIDEST_PAN = 0.7  # of foreground effects in stereo, -1 left to 1 right
STEP = 2.0**-23  # of 24-bit sound

Load = Callable[[Recording], FloatArray]


@dataclass(frozen=True)
class Event:
    """A sound of a clip: ``seconds`` of ``recording`` from ``offset`` on, at ``start``, by the factor ``gain``."""

    track: str
    recording: Recording
    start: float
    seconds: float
    offset: float
    gain: float


@dataclass(frozen=True)
class Rendered:
    """A clip. Stems, ``(n_samples, n_channels)``, hold whole steps of 24 bits and sum to the mixture exactly."""

    stems: Mapping[str, FloatArray]
    mixture: FloatArray
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Renderer:
    """Renders clips of ``seconds``; ``pools`` holds the recordings of each track, ``load`` gives their sound,
    none for one that cannot be read.

    ``absent`` is the probability with which a stem is left out, but never all three: 0 in the published recipes.
    """

    recipe: Recipe
    pools: Mapping[str, Sequence[Recording]]
    load: Load
    seconds: float
    sample_rate: int
    n_channels: int
    absent: float = 0.0

    def clip(self, rng: np.random.Generator) -> Rendered:
        """A clip, the same for the same numbers. Raises `DatasetError` if no recording sounds."""
        present = self._present(rng)
        stems: dict[str, FloatArray] = {}
        events: list[Event] = []
        for stem, names in STEMS.items():
            parts = []
            for name in names if stem in present else ():
                sound, found = self._track(name, rng)
                parts.append(sound)
                events += found
            stems[stem] = reduce(np.add, parts, self._silence())
        gain = self._master_gain(stems, rng)
        steps = {name: np.rint(sound * (gain / STEP)) for name, sound in stems.items()}
        whole = {name: (sound * STEP).astype(np.float32) for name, sound in steps.items()}
        mixture: FloatArray = (sum(steps.values()) * STEP).astype(np.float32)
        events = [replace(event, gain=event.gain * gain) for event in events]
        return Rendered(whole, mixture, tuple(sorted(events, key=lambda event: event.start)))

    def _present(self, rng: np.random.Generator) -> set[str]:
        while True:
            draws = rng.random(len(STEMS))
            if present := {stem for stem, draw in zip(STEMS, draws, strict=True) if draw >= self.absent}:
                return present

    def _track(self, name: str, rng: np.random.Generator) -> tuple[FloatArray, list[Event]]:
        """The sounds of a track, mixed at their loudness."""
        track = self.recipe.tracks[name]
        target_lufs = track.loudness_lufs.value(rng)
        level_lufs = BEFORE_SETTLING_LUFS if track.settled else target_lufs
        total, events, earliest = self._silence(), [], 0.0
        for _ in range(event_count(track, self.seconds, rng)):
            drawn = self._event(name, track, earliest, level_lufs + track.event_lu.value(rng), rng)
            if drawn is None:
                continue
            event, sound = drawn
            first = round(event.start * self.sample_rate)
            sound = sound[: len(total) - first]
            total[first : first + len(sound)] += sound
            events.append(event)
            earliest = next_earliest(track, Place(event.start, event.seconds), rng)
        if not events:
            raise DatasetError(
                f"no recording for {name} fits into {self.seconds:g} s and sounds",
                "give other recordings or longer clips",
            )
        if not track.settled:
            return total, events
        gain = db_to_gain(target_lufs - self._lufs(total))
        return total * np.float32(gain), [replace(event, gain=event.gain * gain) for event in events]

    def _event(
        self, name: str, track: Track, earliest: float, lufs: float, rng: np.random.Generator
    ) -> tuple[Event, FloatArray] | None:
        pool, most = self.pools[name], min(track.most_seconds, self.seconds / 2)
        for _ in range(N_TRIALS):
            recording = _drawn(pool, rng)
            where = place(track, earliest, min(recording.seconds, most), self.seconds, rng)
            share, side = rng.random(), rng.uniform(-WIDEST_PAN, WIDEST_PAN)
            if where is None:
                continue
            sound = self.load(recording)
            length = min(round(where.seconds * self.sample_rate), len(sound))
            offset = int(share * (len(sound) - length))
            piece = self._faded(sound[offset : offset + length])
            if name == FOREGROUND and self.n_channels == 2:
                piece = _panned(piece, side)
            loudness = self._lufs(piece)
            if loudness >= AUDIBLE_LUFS:
                gain = db_to_gain(lufs - loudness)
                event = Event(name, recording, where.start, length / self.sample_rate, offset / self.sample_rate, gain)
                return event, piece * np.float32(gain)
        return None

    def _master_gain(self, stems: Mapping[str, FloatArray], rng: np.random.Generator) -> float:
        """The factor that brings the mixture to its loudness, or to the highest peak that it may have."""
        mixture = reduce(np.add, stems.values())
        gain_db = self.recipe.mix_lufs.value(rng) - self._lufs(mixture)
        peaks = [_peak_db(sound, self.sample_rate, self.recipe.is_true_peak) for sound in (mixture, *stems.values())]
        return db_to_gain(min(gain_db, self.recipe.peak_db - max(peaks)))

    def _lufs(self, sound: FloatArray) -> float:
        meter = LoudnessMeter(self.sample_rate, self.n_channels)
        meter.add(sound)
        return meter.integrated_lufs

    def _silence(self) -> FloatArray:
        return np.zeros((round(self.seconds * self.sample_rate), self.n_channels), np.float32)

    def _faded(self, sound: FloatArray) -> FloatArray:
        n_fade = min(round(FADE_SECONDS * self.sample_rate), len(sound) // 2)
        ramp = np.sin(np.pi / 2 * (np.arange(n_fade) + 0.5) / max(n_fade, 1)) ** 2
        gains = np.concatenate([ramp, np.ones(len(sound) - 2 * n_fade), ramp[::-1]])
        return sound * gains[:, None].astype(np.float32)


def _drawn(pool: Sequence[Recording], rng: np.random.Generator) -> Recording:
    """A source, then one of its recordings: what a corpus has much of is not heard all the time."""
    sources = sorted({recording.source for recording in pool})
    source = sources[int(rng.integers(len(sources)))]
    own = [recording for recording in pool if recording.source == source]
    return own[int(rng.integers(len(own)))]


def _panned(sound: FloatArray, side: float) -> FloatArray:
    """Moved to ``side``, -1 left to 1 right, at constant power."""
    angle = math.pi / 4 * (1 + side)
    return sound * np.array([math.cos(angle), math.sin(angle)], np.float32) * np.float32(math.sqrt(2))


def _peak_db(sound: FloatArray, sample_rate: int, is_true_peak: bool) -> float:
    if not is_true_peak:
        return gain_to_db(float(np.abs(sound).max()))
    meter = TruePeakMeter(sample_rate, sound.shape[1])
    meter.add(sound)
    return meter.true_peak_dbtp
