"""Notes made of numbers, for music to train with: grooves, basses, chords, arpeggios and melodies in a key."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

BAR = 16  # steps in a bar; steps of a rhythm are sixteenths
SCALES = ([0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 3, 5, 7, 9, 10], [0, 2, 4, 5, 7, 9, 10])  # semitones
KICK, SNARE, CLAP, CLOSED_HAT, OPEN_HAT, RIDE, CRASH = 36, 38, 39, 42, 46, 51, 49  # as General MIDI numbers them
TOMS_AND_MORE = (41, 43, 45, 47, 48, 50, 54, 56, 60, 61, 62, 63, 64, 69, 70, 75, 76, 37)


@dataclass(frozen=True)
class Note:
    """A note from ``at`` to ``until``, both in steps from the beginning."""

    at: float
    until: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Harmony:
    """A key and the chords that come round, one for each bar."""

    tonic: int
    scale: Sequence[int]
    roots: Sequence[int]

    def pitch(self, degree: int, octave: int) -> int:
        """MIDI's number of a degree of the scale."""
        return int(np.clip(12 * octave + self.tonic + 12 * (degree // 7) + self.scale[degree % 7], 12, 115))

    def root(self, bar: int) -> int:
        return self.roots[bar % len(self.roots)]


def any_harmony(rng: np.random.Generator) -> Harmony:
    roots = [int(root) for root in rng.choice([0, 3, 4, 5, 1, 2], int(rng.choice([2, 4, 4, 8])))]
    return Harmony(int(rng.integers(12)), SCALES[rng.integers(len(SCALES))], roots)


Player: TypeAlias = Callable[[Sequence[int]], Iterator[Note]]
"""Notes for some bars."""


def rhythm(rng: np.random.Generator, density: float) -> list[int]:
    """Steps of a bar that are struck; those on the beat more often."""
    weights = np.where(np.arange(BAR) % 4 == 0, 1.6, np.where(np.arange(BAR) % 2 == 0, 1.0, 0.45))
    struck = np.flatnonzero(rng.random(BAR) < density * weights)
    return [int(step) for step in struck] or [0]


def velocity(rng: np.random.Generator, step: int) -> int:
    return int(np.clip(rng.normal(92 if step % 4 == 0 else 78, 10), 30, 127))


def drums(rng: np.random.Generator, bars: Sequence[int]) -> Iterator[Note]:
    """A groove of kick, backbeat, cymbal and something else, with fills."""
    kick = sorted({0, *rhythm(rng, 0.25)}) if rng.random() < 0.6 else [0, 4, 8, 12]
    backbeat, snare = ([4, 12] if rng.random() < 0.8 else rhythm(rng, 0.2)), int(rng.choice([SNARE, SNARE, 40, CLAP]))
    cymbal, every = int(rng.choice([CLOSED_HAT, CLOSED_HAT, RIDE, 70, 54])), int(rng.choice([1, 2, 2, 4]))
    other, other_steps = int(rng.choice(TOMS_AND_MORE)), rhythm(rng, 0.15)
    groove = [(KICK, kick), (snare, backbeat), (cymbal, range(0, BAR, every)), (other, other_steps)]
    groove = [part for part in groove if rng.random() < 0.9]
    for number, bar in enumerate(bars):
        if number % 8 == 0 and rng.random() < 0.6:
            groove_now = [*groove, (CRASH, [0])]
        elif number % 4 == 3 and rng.random() < 0.5:
            groove_now = [*groove, (int(rng.choice(TOMS_AND_MORE)), range(int(rng.choice([8, 12])), BAR))]
        else:
            groove_now = groove
        for pitch, steps in groove_now:
            sound = OPEN_HAT if pitch == CLOSED_HAT and rng.random() < 0.06 else pitch
            yield from (Note(bar * BAR + s, bar * BAR + s + 1, sound, velocity(rng, s)) for s in steps)


def bass(rng: np.random.Generator, bars: Sequence[int], harmony: Harmony) -> Iterator[Note]:
    """The root, the fifth and the octave."""
    steps, octave = rhythm(rng, float(rng.choice([0.1, 0.3, 0.6]))), int(rng.choice([2, 2, 3]))
    degrees = [int(rng.choice([0, 0, 0, 4, 7, 2])) for _ in steps]
    held = float(rng.uniform(0.5, 1))
    for bar in bars:
        for step, end, degree in zip(steps, [*steps[1:], BAR], degrees, strict=True):
            at = bar * BAR + step
            pitch = harmony.pitch(harmony.root(bar) + degree, octave)
            yield Note(at, at + held * (end - step), pitch, velocity(rng, step))


def chords(rng: np.random.Generator, bars: Sequence[int], harmony: Harmony, density: float) -> Iterator[Note]:
    """Chords struck together, short or held."""
    steps, octave = rhythm(rng, density), int(rng.choice([4, 4, 5]))
    held, members = float(rng.choice([0.3, 0.95, 1.0])), [0, 2, 4, 6, 8][: rng.integers(2, 5)]
    for bar in bars:
        for step, end in zip(steps, [*steps[1:], BAR], strict=True):
            for member in members:
                pitch = harmony.pitch(harmony.root(bar) + member, octave)
                at = bar * BAR + step
                yield Note(at, at + held * (end - step), pitch, velocity(rng, step))


def arpeggio(rng: np.random.Generator, bars: Sequence[int], harmony: Harmony) -> Iterator[Note]:
    """Broken chords, evenly."""
    every, octave = int(rng.choice([1, 2, 2, 4])), int(rng.choice([4, 5, 5, 6]))
    order = [int(rng.choice([0, 2, 4, 7, 9])) for _ in range(int(rng.choice([3, 4, 8])))]
    held = float(rng.choice([0.5, 1, 3]))
    for bar in bars:
        for number, step in enumerate(range(0, BAR, every)):
            at = bar * BAR + step
            pitch = harmony.pitch(harmony.root(bar) + order[number % len(order)], octave)
            yield Note(at, at + held * every, pitch, velocity(rng, step))


def melody(rng: np.random.Generator, bars: Sequence[int], harmony: Harmony) -> Iterator[Note]:
    """Phrases of two bars that come again, walking up and down the scale."""
    octave, phrases = int(rng.choice([4, 5, 5])), []
    for _ in range(2):
        steps = rhythm(rng, float(rng.uniform(0.15, 0.5)))
        walk = np.cumsum(rng.choice([-2, -1, -1, 0, 1, 1, 2, 3], len(steps))) + int(rng.choice([0, 2, 4]))
        phrases.append((steps, [int(degree) for degree in walk]))
    for bar in bars:
        steps, degrees = phrases[bar % 2]
        for step, end, degree in zip(steps, [*steps[1:], BAR], degrees, strict=True):
            at = bar * BAR + step
            yield Note(at, at + 0.95 * (end - step), harmony.pitch(degree, octave), velocity(rng, step))


def sections(n_bars: int, rng: np.random.Generator, share: float) -> list[int]:
    """The bars that an instrument plays in: it enters and leaves every four."""
    fours = [range(first, min(first + 4, n_bars)) for first in range(0, n_bars, 4)]
    return [bar for four in fours if rng.random() < share for bar in four]
