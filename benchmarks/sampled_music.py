"""Make music of sampled instruments: drum kits, synthesisers, guitars and orchestras that the recordings lack.

``python -m benchmarks.sampled_music FOLDER --soundfont FILE`` writes a corpus for `vidsep train`. The notes are ours,
made of numbers; the sounds are those of General MIDI soundfonts (FluidR3 and MuseScore General are under the MIT
licence), played by the command of FluidSynth (https://www.fluidsynth.org). Needs ``pip install mido``.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile

from benchmarks.made_music import RATE, Floats, write_corpus
from benchmarks.score import Note, Player, any_harmony, arpeggio, bass, chords, drums, melody, sections

ARTISTS = 24
TICKS = 480  # of MIDI's clock in a beat
STEP = TICKS // 4
DRUMS = 9  # MIDI's channel of drum kits

KITS = (0, 0, 8, 16, 24, 25, 32, 40, 48)  # programs of General MIDI's kits

BASSES = (*range(32, 40), 43, 58, 87)
KEYS = (*range(8), *range(16, 24), *range(24, 32), *range(48, 56), *range(88, 96))
PLUCKED = (*range(16), *range(24, 32), 45, 46, *range(80, 88), *range(96, 109))
SINGING = (*range(40, 46), *range(56, 88), *range(104, 112), 22, 26, 29, 30, 52, 53, 54)
PADS = (*range(48, 56), *range(88, 104))


@dataclass(frozen=True)
class Part:
    """What one instrument plays."""

    channel: int
    program: int
    notes: list[Note]
    controls: dict[int, int]  # MIDI's controllers: 7 volume, 10 pan, 91 reverb, 93 chorus


def piece(seconds: float, rng: np.random.Generator) -> mido.MidiFile:
    """A piece of several sections, in each of which some of its instruments play."""
    tempo = float(rng.uniform(60, 175))  # beats per minute
    n_bars = int(seconds * tempo / 60 / 4) + 1
    harmony = any_harmony(rng)
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
        bars = range(n_bars) if len(chosen) == 1 else sections(n_bars, rng, share=0.75)
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


def played(score: mido.MidiFile, soundfont: Path, seconds: float) -> Floats:
    """``(n_samples, 2)``: the first seconds of the score as FluidSynth plays it."""
    with tempfile.TemporaryDirectory() as folder:
        notes, sound = Path(folder, "notes.mid"), Path(folder, "sound.wav")
        score.save(str(notes))
        options = ["-ni", "-q", "-r", str(RATE), "-g", "0.4", "-F", str(sound)]
        command = ["fluidsynth", *options, str(soundfont), str(notes)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        music, _ = soundfile.read(sound, frames=round(seconds * RATE), always_2d=True)
    return np.asarray(music)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--soundfont", type=Path, required=True, action="append", help="may be given more than once")
    parser.add_argument("--pieces", type=int, default=180)
    parser.add_argument("--seconds", type=float, default=50.0)
    arguments = parser.parse_args()

    def made(number: int) -> Floats:
        soundfont = arguments.soundfont[number % len(arguments.soundfont)]
        return played(piece(arguments.seconds, np.random.default_rng(number)), soundfont, arguments.seconds)

    write_corpus(arguments.folder, "sampled music", ARTISTS, arguments.pieces, made)


if __name__ == "__main__":
    main()
