"""The two pieces of music: the calm one under the vlog, and the bright one to replace it with."""

import numpy as np

from samples.making.instruments import bass, brush, clap, electric_piano, guitar, hat, kick, marimba, pad, whistle
from samples.making.sound import SAMPLE_RATE, Wave, add, pan, room

# D major, 80 beats a minute, a chord a bar of 3 s: bass note, then the voices.
CALM_CHORDS = (
    (38, (62, 66, 69, 73)),  # D maj7
    (35, (62, 66, 69, 71)),  # B m7
    (43, (59, 62, 66, 69)),  # G maj9
    (45, (59, 64, 67, 69)),  # A 7 sus
    (38, (62, 66, 69, 73)),
    (42, (61, 64, 69, 73)),  # F# m7
    (43, (59, 62, 66, 71)),  # G maj7
    (45, (61, 64, 67, 71)),  # A 9
    (43, (59, 62, 66, 69)),
    (38, (57, 62, 66, 69)),  # D, rings out
)
CALM_MELODY = (  # bar, beat, note, beats
    (1, 2.0, 78, 1.5), (1, 3.5, 76, 0.5), (2, 0.0, 74, 2.0), (2, 2.5, 71, 1.0), (3, 0.0, 73, 2.5),
    (5, 1.0, 81, 1.0), (5, 2.0, 80, 1.0), (5, 3.0, 76, 1.0), (6, 0.0, 78, 2.5), (6, 3.0, 74, 1.0),
    (7, 0.0, 76, 1.5), (7, 2.0, 73, 1.5), (8, 0.5, 74, 1.5), (8, 2.0, 71, 1.0), (8, 3.0, 73, 1.0), (9, 0.0, 74, 3.0),
)  # fmt: skip

# C major, 120 beats a minute, a chord a bar of 2 s.
BRIGHT_CHORDS = ((41, (57, 60, 64, 67)), (43, (59, 62, 67, 69)), (45, (60, 64, 67, 71)), (40, (59, 62, 67, 71)))
BRIGHT_ENDING = ((41, (57, 60, 64, 67)), (43, (59, 62, 67, 69)), (36, (60, 64, 67, 71)), (36, (60, 64, 67, 74)))
BRIGHT_HOOK = ((0, 79), (3, 76), (6, 74), (8, 76), (11, 72), (14, 74))  # sixteenth in the bar, note
BRIGHT_ANSWER = ((0, 72), (3, 74), (6, 76), (10, 79), (12, 76), (14, 74))
BRIGHT_BARS = 16


def calm(seconds: float, seed: int = 11) -> Wave:
    """The vlog's own music: guitar, electric piano, bass, brushes and a flute, stereo."""
    rng = np.random.default_rng(seed)
    beat, track = 0.75, np.zeros((round(seconds * SAMPLE_RATE), 2))
    for bar, (root, voices) in enumerate(CALM_CHORDS):
        start, last = bar * 4 * beat, bar == len(CALM_CHORDS) - 1
        _calm_chords(track, rng, start, root, voices, last)
        if bar > 0 and not last:
            _brushes(track, rng, start, beat)
    for bar, at, note, beats in CALM_MELODY:
        add(track, 0.30 * pan(whistle(note, beats * beat + 0.15), -0.22), (bar * 4 + at) * beat + 0.012)
    return track + 0.16 * room(track, rng, 1.9, 7000)


def _calm_chords(
    track: Wave, rng: np.random.Generator, start: float, root: int, voices: tuple[int, ...], last: bool
) -> None:
    """One bar of harmony: piano chord, picked guitar, bass, a pad behind them."""
    for i, note in enumerate(voices):
        add(track, 0.20 * pan(electric_piano(note, 3.4, 0.6), 0.32), start + 0.018 * i)
        add(track, 0.055 * pad(note, 3.6, rng), max(0.0, start - 0.2))
    strings = (root + 12, *voices)
    for eighth, string in enumerate((0, 2, 1, 3, 4, 2, 3, 1)):
        if last and eighth > 4:
            break
        strength = 0.30 * (1.0 if eighth in (0, 4) else 0.72) * rng.uniform(0.85, 1.1)
        at = start + eighth * (0.375 if not last else 0.2) + rng.uniform(0, 0.012)
        add(track, strength * pan(guitar(strings[string], 2.2), -0.42), at)
    add(track, 0.34 * pan(bass(root, 2.9 if last else 1.9), 0.0), start)
    if not last:
        add(track, 0.24 * pan(bass(root + 7 if root < 40 else root, 0.7), 0.0), start + 2.25)


def _brushes(track: Wave, rng: np.random.Generator, start: float, beat: float) -> None:
    """One bar of a quiet drum kit."""
    for at, level in ((0, 0.30), (2.5, 0.20)):
        add(track, level * pan(kick(0.0), 0.0), start + at * beat)
    for at in (1, 3):
        add(track, 0.17 * pan(brush(), 0.12), start + at * beat + 0.008)
    for eighth in range(8):
        late = 0.03 if eighth % 2 else 0.0  # a little swing
        level = (0.055 if eighth % 2 else 0.035) * rng.uniform(0.8, 1.2)
        add(track, level * pan(hat(0.035), 0.5), start + eighth * beat / 2 + late)


def bright(seed: int = 12) -> Wave:
    """The replacement: marimbas, claps and a bouncing bass, stereo, 32 s, made to be looped without a seam."""
    rng = np.random.default_rng(seed)
    beat = 0.5
    length = round(BRIGHT_BARS * 4 * beat * SAMPLE_RATE)
    track = np.zeros((length + 4 * SAMPLE_RATE, 2))
    for bar in range(BRIGHT_BARS):
        root, voices = (BRIGHT_ENDING if bar % 8 >= 4 else BRIGHT_CHORDS)[bar % 4]
        _bright_bar(track, rng, bar, beat, root, voices)
    track += 0.15 * room(track, rng, 1.3, 9000)
    looped = track[:length].copy()
    looped[: len(track) - length] += track[length:]  # what rings past the end rings into the beginning
    return looped


def _bright_bar(
    track: Wave, rng: np.random.Generator, bar: int, beat: float, root: int, voices: tuple[int, ...]
) -> None:
    """One bar: strummed offbeats, bass, a running marimba, and from the fifth bar on a tune."""
    start, sixteenth = bar * 4 * beat, beat / 4
    for i in (0, 3, 6, 8, 11, 14):  # offbeat chords, strummed
        for j, note in enumerate(voices):
            add(track, 0.085 * pan(guitar(note + 12, 0.45), 0.45), start + i * sixteenth + 0.006 * j)
    for i in (0, 3, 6, 10, 12, 14):
        add(track, 0.36 * pan(bass(root + (12 if i in (6, 14) else 0), 0.26), 0.0), start + i * sixteenth)
    for i in range(16):
        note = voices[(i * 3) % 4] + 12
        level = 0.09 * (1.3 if i % 4 == 0 else 0.8) * rng.uniform(0.85, 1.1)
        add(track, level * pan(marimba(note, 0.6), -0.5), start + i * sixteenth)
    for i, note in BRIGHT_HOOK if bar % 4 in (0, 1) else BRIGHT_ANSWER:
        if bar >= 4:
            add(track, 0.26 * pan(marimba(note, 1.0), 0.1), start + i * sixteenth)
            add(track, 0.07 * pan(whistle(note, 0.3), -0.1), start + i * sixteenth)
    for note in voices:
        add(track, 0.05 * pad(note, 2.2, rng, 2600), start)
    _bright_drums(track, rng, start, beat)


def _bright_drums(track: Wave, rng: np.random.Generator, start: float, beat: float) -> None:
    """One bar of kick, claps and hats."""
    for quarter in range(4):
        add(track, 0.42 * pan(kick(0.7), 0.0), start + quarter * beat)
        add(track, 0.08 * pan(hat(0.05), -0.25), start + (quarter + 0.5) * beat)
        if quarter % 2:
            add(track, 0.25 * pan(clap(), 0.05), start + quarter * beat)
    for i in range(16):
        add(track, 0.03 * rng.uniform(0.6, 1.2) * pan(hat(0.02), 0.35), start + i * beat / 4)
