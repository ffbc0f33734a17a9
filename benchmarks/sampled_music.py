"""Make music of sampled instruments: drum kits, synthesisers, guitars and orchestras that the recordings lack.

``python -m benchmarks.sampled_music FOLDER --soundfont FILE`` writes a corpus for `vidsep train`. The notes are ours,
made of numbers; the sounds are those of General MIDI soundfonts (FluidR3 and MuseScore General are under the MIT
licence), played by the command of FluidSynth (https://www.fluidsynth.org). Needs ``pip install mido``.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import mido
import numpy as np
import numpy.typing as npt
import soundfile

RATE = 44100  # Hz
ARTISTS = 24
TICKS = 480  # of MIDI's clock in a beat
STEP = TICKS // 4  # steps of a rhythm are sixteenths
BAR = 16  # steps in a bar
DRUMS = 9  # MIDI's channel of drum kits

SCALES = ([0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 3, 5, 7, 9, 10], [0, 2, 4, 5, 7, 9, 10])  # semitones
KITS = (0, 0, 8, 16, 24, 25, 32, 40, 48)  # programs of General MIDI's kits
KICK, SNARE, CLAP, CLOSED_HAT, OPEN_HAT, RIDE, CRASH = 36, 38, 39, 42, 46, 51, 49
TOMS_AND_MORE = (41, 43, 45, 47, 48, 50, 54, 56, 60, 61, 62, 63, 64, 69, 70, 75, 76, 37)

BASSES = (*range(32, 40), 43, 58, 87)
KEYS = (*range(8), *range(16, 24), *range(24, 32), *range(48, 56), *range(88, 96))
PLUCKED = (*range(16), *range(24, 32), 45, 46, *range(80, 88), *range(96, 109))
SINGING = (*range(40, 46), *range(56, 88), *range(104, 112), 22, 26, 29, 30, 52, 53, 54)
PADS = (*range(48, 56), *range(88, 104))


@dataclass(frozen=True)
class Note:
    """A note from ``at`` to ``until``, both in steps from the beginning."""

    at: float
    until: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Part:
    """What one instrument plays."""

    channel: int
    program: int
    notes: list[Note]
    controls: dict[int, int]  # MIDI's controllers: 7 volume, 10 pan, 91 reverb, 93 chorus


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


def piece(seconds: float, rng: np.random.Generator) -> mido.MidiFile:
    """A piece of several sections, in each of which some of its instruments play."""
    tempo = float(rng.uniform(60, 175))  # beats per minute
    n_bars = int(seconds * tempo / 60 / 4) + 1
    roots = [int(root) for root in rng.choice([0, 3, 4, 5, 1, 2], int(rng.choice([2, 4, 4, 8])))]
    harmony = Harmony(int(rng.integers(12)), SCALES[rng.integers(len(SCALES))], roots)
    makers: list[tuple[float, tuple[int, ...], Player]] = [
        (0.7, KITS, lambda bars: drums(rng, bars)),
        (0.75, BASSES, lambda bars: bass(rng, bars, harmony)),
        (0.6, KEYS, lambda bars: chords(rng, bars, harmony, 0.3)),
        (0.45, PADS, lambda bars: chords(rng, bars, harmony, 0.05)),
        (0.5, PLUCKED, lambda bars: arpeggio(rng, bars, harmony)),
        (0.55, SINGING, lambda bars: melody(rng, bars, harmony)),
    ]
    chosen = [number for number, (share, _, _) in enumerate(makers) if rng.random() < share]
    if not chosen or rng.random() < 0.25:
        chosen = [int(rng.integers(len(makers)))]
    parts = []
    for number in chosen:
        _, programs, play = makers[number]
        sections = [range(first, min(first + 4, n_bars)) for first in range(0, n_bars, 4)]
        bars = [bar for section in sections if len(chosen) == 1 or rng.random() < 0.75 for bar in section]
        channel = DRUMS if programs is KITS else number
        parts.append(Part(channel, int(rng.choice(programs)), list(play(bars)), controls(rng, channel)))
    return midi(parts, tempo, swing=float(rng.choice([0, 0, 0, 0.3, 0.5])))


def controls(rng: np.random.Generator, channel: int) -> dict[int, int]:
    middle = channel == DRUMS or rng.random() < 0.4
    wet = int(rng.choice([0, 20, 40, 90]))
    pan = 64 if middle else int(rng.integers(24, 105))
    return {7: int(rng.integers(70, 120)), 10: pan, 91: wet, 93: int(rng.choice([0, 0, 30, 80]))}


def midi(parts: Sequence[Part], tempo: float, swing: float) -> mido.MidiFile:
    """The parts as a MIDI file; swing moves every other step by a share of one."""

    def ticks(step: float) -> int:
        return round((step + swing * (round(step) % 2)) * STEP)

    tracks = []
    for part in parts:
        events = [(0, mido.Message("program_change", channel=part.channel, program=part.program))]
        for control, value in part.controls.items():
            events.append((0, mido.Message("control_change", channel=part.channel, control=control, value=value)))
        for note in part.notes:
            struck = {"channel": part.channel, "note": note.pitch}
            events.append((ticks(note.at), mido.Message("note_on", velocity=note.velocity, **struck)))
            events.append((max(ticks(note.until), ticks(note.at) + 1), mido.Message("note_off", **struck)))
        track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo))])
        now = 0
        for at, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=at - now))
            now = at
        tracks.append(track)
    return mido.MidiFile(type=1, ticks_per_beat=TICKS, tracks=tracks)


def played(score: mido.MidiFile, soundfont: Path, seconds: float) -> npt.NDArray[np.float64]:
    """``(n_samples, 2)``: the first seconds of the score as FluidSynth plays it, its peak at half of full scale."""
    with tempfile.TemporaryDirectory() as folder:
        notes, sound = Path(folder, "notes.mid"), Path(folder, "sound.wav")
        score.save(str(notes))
        options = ["-ni", "-q", "-r", str(RATE), "-g", "0.4", "-F", str(sound)]
        command = ["fluidsynth", *options, str(soundfont), str(notes)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        music, _ = soundfile.read(sound, frames=round(seconds * RATE), always_2d=True)
    return np.asarray(0.5 * music / max(1e-4, np.max(np.abs(music))))


def main() -> None:
    """Write the pieces into `ARTISTS` folders: the trainer takes a folder for an artist and hears each as often."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--soundfont", type=Path, required=True, action="append", help="may be given more than once")
    parser.add_argument("--pieces", type=int, default=180)
    parser.add_argument("--seconds", type=float, default=50.0)
    arguments = parser.parse_args()
    for number in range(arguments.pieces):
        place = arguments.folder / f"sampled music {number % ARTISTS:02d}"
        place.mkdir(parents=True, exist_ok=True)
        score = piece(arguments.seconds, np.random.default_rng(number))
        soundfont = arguments.soundfont[number % len(arguments.soundfont)]
        music = played(score, soundfont, arguments.seconds)
        soundfile.write(place / f"{number:03d}.flac", music, RATE)


if __name__ == "__main__":
    main()
