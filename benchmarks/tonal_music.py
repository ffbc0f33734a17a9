"""Make music of nothing but steady tones: the one kind that recorded music lacks and that weights should know.

``python -m benchmarks.tonal_music FOLDER --pieces 40`` writes a corpus for `vidsep train`. It is ours, made of numbers:
chords and melodies of sines, organ pipes, reeds, bells and bowed tones in random keys, tempos and tunings.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.made_music import RATE, Floats, write_corpus

ARTISTS = 10
SCALES = ([0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 4, 7, 9], [0, 2, 3, 5, 7, 9, 10])  # semitones
STEPS = (0, 3, 4, 5, 1, 2)  # roots of chords, in degrees of the scale


def sine(phase: Floats, _: np.random.Generator) -> Floats:
    return np.asarray(np.sin(phase))


def organ(phase: Floats, rng: np.random.Generator) -> Floats:
    pipes = [(0.5, 0.5), (1, 1), (2, 0.7), (3, 0.4), (4, 0.3), (6, 0.15), (8, 0.1)]
    return sum_of([(ratio, level * rng.uniform(0.2, 1)) for ratio, level in pipes], phase)


def reed(phase: Floats, rng: np.random.Generator) -> Floats:
    softness = rng.uniform(1, 2.2)
    return sum_of([(k, k**-softness) for k in range(1, 16)], phase)


def hollow(phase: Floats, rng: np.random.Generator) -> Floats:
    softness = rng.uniform(1, 2)
    return sum_of([(k, k**-softness) for k in range(1, 16, 2)], phase)


def bell(phase: Floats, rng: np.random.Generator) -> Floats:
    return np.asarray(np.sin(phase + rng.uniform(0.3, 2) * np.sin(rng.choice([2, 3.5, 1.41, 7]) * phase)))


def sum_of(partials: list[tuple[float, float]], phase: Floats) -> Floats:
    """Partials given as ratio of frequency and level, those above 16 kHz left out."""
    hz = float(np.median(np.diff(phase))) * RATE / (2 * np.pi)
    sound = [level * np.sin(ratio * phase) for ratio, level in partials if ratio * hz < 16_000]
    return np.asarray(np.sum(sound, axis=0), dtype=np.float64)


VOICES: tuple[Callable[[Floats, np.random.Generator], Floats], ...] = (sine, sine, organ, reed, hollow, bell)


def note(hz: float, envelope: Floats, voice: Any, rng: np.random.Generator) -> Floats:
    """One tone under an envelope, with or without vibrato."""
    t = np.arange(len(envelope)) / RATE
    vibrato = rng.choice([0, 0, rng.uniform(0.001, 0.006)]) * np.sin(2 * np.pi * rng.uniform(4, 6.5) * t)
    return np.asarray(voice(2 * np.pi * hz * np.cumsum(1 + vibrato) / RATE + rng.uniform(0, 6), rng) * envelope)


def envelope(seconds: float, rng: np.random.Generator) -> Floats:
    """How a tone swells and goes: struck or held, dying away or not, with or without tremolo."""
    t = np.arange(round(seconds * RATE)) / RATE
    attack, release = rng.choice([0.002, rng.uniform(0.005, 0.25)]), rng.uniform(0.02, 0.3)
    shape = np.clip(t / attack, 0, 1) * np.clip((seconds - t) / release, 0, 1)
    if rng.random() < 0.5:
        shape = shape * np.exp(-t * rng.uniform(0.5, 6))
    if rng.random() < 0.2:
        shape = shape * (1 + 0.4 * np.sin(2 * np.pi * rng.uniform(1, 6) * t)) / 1.4
    return np.asarray(shape)


def piece(seconds: float, rng: np.random.Generator) -> Floats:
    """``(n_samples, 2)``: chords, a bass and perhaps a melody, each with a sound and a place of its own."""
    tuning_hz, scale = 55 * 2 ** rng.uniform(0, 1), SCALES[rng.integers(len(SCALES))]
    beat = rng.uniform(0.25, 0.8)
    music = np.zeros((round(seconds * RATE), 2))

    def hz(degree: int, octave: int) -> float:
        return float(tuning_hz * 2 ** (octave + degree // len(scale) + scale[degree % len(scale)] / 12))

    def add(at: float, tone: Floats, level: float, place: float) -> None:
        start = round(at * RATE)
        tone = tone[: max(0, len(music) - start)]
        sides = np.sqrt([1 - place, 1 + place]) * level
        music[start : start + len(tone)] += tone[:, None] * sides

    parts = [(rng.choice(len(VOICES)), rng.uniform(-0.7, 0.7), rng.uniform(0.3, 1)) for _ in range(4)]
    is_struck, strokes, octave = rng.random() < 0.6, int(rng.choice([1, 1, 2, 4])), int(rng.integers(1, 4))
    has_melody, has_bass, bars_beats = rng.random() < 0.6, rng.random() < 0.6, int(rng.choice([2, 4, 8]))
    for bar in range(int(seconds / (bars_beats * beat)) + 1):
        at, length = bar * bars_beats * beat, bars_beats * beat
        root = int(rng.choice(STEPS))
        voice, place, level = parts[0]
        for stroke in range(strokes):
            together = envelope(length / strokes, rng)
            for member in (0, 2, 4, 6, 7)[: rng.integers(2, 6)]:
                shape = together if is_struck else envelope(length / strokes, rng)
                tone = note(hz(root + member, octave), shape, VOICES[voice], rng)
                add(at + stroke * length / strokes, tone, 0.4 * level, place)
        if has_bass:
            voice, place, level = parts[1]
            add(at, note(hz(root, 0), envelope(length, rng), VOICES[voice], rng), level, place / 4)
        for step in range(bars_beats if has_melody else 0):
            voice, place, level = parts[2]
            if rng.random() < 0.7:
                shape = envelope(beat * rng.uniform(0.5, 1.5), rng)
                tone = note(hz(root + int(rng.integers(0, 8)), 3), shape, VOICES[voice], rng)
                add(at + step * beat, tone, 0.5 * level, place)
    return music


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()

    def made(number: int) -> Floats:
        return piece(arguments.seconds, np.random.default_rng(number))

    write_corpus(arguments.folder, "made of tones", ARTISTS, arguments.pieces, made)


if __name__ == "__main__":
    main()
