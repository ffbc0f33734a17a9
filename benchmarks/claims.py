"""What is still heard of the music after ``strip-music``, by those who look for music.

    python -m benchmarks.claims --data CORPORA [--mixtures 20] [--levels 0 -6 -12 -18] [--judge-python PYTHON]

``CORPORA`` holds ``speech``, ``music`` and ``effects`` (docs/training.md). Mixtures of 20 s are made of the recordings
that `vidsep train` keeps aside: somebody talks, a background goes on, and a song plays at a level against the talk.
They are taken through ``strip-music``, and two judges are asked before and after:

- a landmark fingerprinter (`benchmarks.landmarks`) that knows all songs of the corpus, whether it finds the song;
- INA's music detector, in a Python that has inaSpeechSegmenter (``--judge-python``), how much of the time is music.

The same is asked of the talk and the background alone: what a perfect tool would leave. Prints a table in Markdown.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile
from tqdm import tqdm

from benchmarks.landmarks import Landmarks
from vidsep.audio import Audio, FloatArray
from vidsep.corpora import Recording, held_aside, load, read_corpus
from vidsep.pipeline import remix_audio
from vidsep.separation.registry import DEFAULT_MODEL
from vidsep.separation.separator import Separator

RATE, SECONDS = 44100, 20
JUDGE = Path(__file__).parent / "peers" / "music_detector.py"
JUDGE_RATE = 16000
TALK_RMS, BACKGROUND_DB = 0.08, -12  # of talk, against full scale; of the background, against the talk
VERSIONS = ("mixture", "strip-music", "no music")


@dataclass(frozen=True)
class Case:
    """A mixture and what becomes of it, by `VERSIONS`; ``song`` is what plays in it, ``level_db`` over the talk."""

    name: str
    song: str
    level_db: float
    sounds: Mapping[str, FloatArray]


def main() -> None:
    """Measure and print."""
    options = parsed()
    separator = Separator(options.model, options.device)
    known = songs(options.data)
    found: dict[str, dict[str, str | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        cases = []
        for case in tqdm(made(options, separator), "mixtures", options.mixtures * len(options.levels), leave=False):
            cases.append((case.name, case.song, case.level_db))
            found[case.name] = {}
            for version, sound in case.sounds.items():
                find = known.find(sound, RATE)
                found[case.name][version] = find.song if find else None
                mono = scipy.signal.resample_poly(sound.mean(axis=1), JUDGE_RATE // 100, RATE // 100)
                soundfile.write(Path(folder) / f"{case.name} {version}.wav", mono, JUDGE_RATE)
        heard = judged(options.judge_python, folder) if options.judge_python else {}
    report(cases, found, heard)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What others still hear of the music after strip-music")
    parser.add_argument("--data", type=Path, required=True, help="a folder with speech, music and effects")
    parser.add_argument("--mixtures", type=int, default=20, help="at each level")
    parser.add_argument("--levels", type=float, nargs="+", default=[0, -6, -12, -18], help="of the song, dB over talk")
    parser.add_argument("--judge-python", help="a Python with inaSpeechSegmenter")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="of `vidsep models list`, or a path")
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], default="auto")
    return parser.parse_args()


def songs(data: Path) -> Landmarks:
    """A fingerprinter that knows every song of the corpus."""
    known = Landmarks()
    for recording in tqdm(read_corpus(data / "music"), "learning songs", leave=False):
        known.add(recording.path.name, load(recording, RATE, 2), RATE)
    return known


def made(options: argparse.Namespace, separator: Separator) -> Iterator[Case]:
    """The mixtures, the same at each level, and what ``strip-music`` makes of them."""
    aside = {kind: held_aside(read_corpus(options.data / kind))[1] for kind in ("speech", "music", "effects")}
    for number in range(options.mixtures):
        rng = np.random.default_rng(number)
        talk, _ = stretch(aside["speech"], rng)
        background, _ = stretch(aside["effects"], rng)
        music, song = stretch(aside["music"], rng)
        rest = TALK_RMS * (talk + 10 ** (BACKGROUND_DB / 20) * background)
        for level_db in options.levels:
            mixture = rest + TALK_RMS * 10 ** (level_db / 20) * music
            stripped = remix_audio(Audio(mixture, RATE), preset="strip-music", separator=separator).samples[:]
            sounds = dict(zip(VERSIONS, (mixture, stripped, rest), strict=True))
            yield Case(f"{number:03d} {level_db:g}", song, level_db, sounds)


def stretch(recordings: list[Recording], rng: np.random.Generator) -> tuple[FloatArray, str]:
    """`SECONDS` of a recording's sound at an RMS of 1, of several recordings one after the other if they are short."""
    parts: list[FloatArray] = []
    name = ""
    while sum(map(len, parts)) < SECONDS * RATE:
        recording = recordings[rng.integers(len(recordings))]
        name = name or recording.path.name
        parts.append(load(recording, RATE, 2))
    sound = np.concatenate(parts)
    start = rng.integers(0, len(sound) - SECONDS * RATE + 1) if len(parts) == 1 else 0
    sound = sound[start : start + SECONDS * RATE]
    return sound / np.sqrt(np.mean(np.square(sound)) + 1e-12).astype(np.float32), name


def judged(python: str, folder: str) -> dict[str, dict[str, float]]:
    """What the music detector says of every file in the folder."""
    done = subprocess.run([python, str(JUDGE), folder], check=True, capture_output=True, text=True)
    shares: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return shares


def report(
    cases: list[tuple[str, str, float]], found: dict[str, dict[str, str | None]], heard: dict[str, dict[str, float]]
) -> None:
    """One row for each level."""
    print(f"| song over talk | song found in the {' | in '.join(VERSIONS)} | another song found in any |", end="")
    print(f" time heard as music: {' | '.join(VERSIONS)} |" if heard else "")
    print("|---" * (5 + 3 * bool(heard)) + "|")
    for level_db in dict.fromkeys(level for _, _, level in cases):
        here = [(name, song) for name, song, level in cases if level == level_db]
        rates = [np.mean([found[name][version] == song for name, song in here]) for version in VERSIONS]
        wrong = sum(found[name][version] not in (song, None) for name, song in here for version in VERSIONS)
        cells = [f"{level_db:+g} dB", *(f"{rate:.0%}" for rate in rates), f"{wrong} of {len(here) * len(VERSIONS)}"]
        if heard:
            cells += [
                f"{np.mean([heard[f'{name} {version}'].get('music', 0) for name, _ in here]):.0%}"
                for version in VERSIONS
            ]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
