"""How fast vidsep measures and limits, beside pyloudnorm and ffmpeg's ebur128, in one run on one machine.

    python benchmarks/loudness.py [seconds of sound]

Prints a Markdown table: times real time (best of three), and the ratio to ffmpeg's filter.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile

from vidsep.audio import Audio, FloatArray
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.loudness.measure import measure
from vidsep.media import ffmpeg
from vidsep.processors.limit import Limit

SAMPLE_RATE = 48000
ROUNDS = 3


def programme(seconds: float) -> FloatArray:
    """Stereo noise whose level swells every four seconds, peaks near full scale."""
    rng = np.random.default_rng(0)
    swell = 0.02 + 0.18 * np.abs(np.sin(np.pi * np.arange(round(seconds * SAMPLE_RATE)) / (4 * SAMPLE_RATE)))
    sound = rng.standard_normal((len(swell), 2), dtype=np.float32) * swell[:, None]
    return np.clip(sound, -0.9, 0.9).astype(np.float32)


def integrated_only(sound: Audio) -> float:
    meter = LoudnessMeter(SAMPLE_RATE, 2)
    for block in sound.blocks():
        meter.add(block)
    return meter.integrated_lufs


def limited(sound: Audio, ceiling_dbtp: float) -> None:
    for _ in Limit(ceiling_dbtp).process(sound.blocks(), SAMPLE_RATE):
        pass


def ebur128(path: Path, options: str) -> None:
    command = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-i", str(path)]
    subprocess.run([*command, "-af", f"ebur128=framelog=verbose{options}", "-f", "null", "-"], check=True)


def contenders(sound: FloatArray, path: Path) -> dict[str, Callable[[], object]]:
    audio = Audio(sound, SAMPLE_RATE)
    quiet = Audio(sound * np.float32(0.2), SAMPLE_RATE)
    return {
        "ffmpeg ebur128": lambda: ebur128(path, ""),
        "ffmpeg ebur128 with true peak": lambda: ebur128(path, ":peak=true"),
        "pyloudnorm, integrated only": lambda: pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound),
        "vidsep, integrated only": lambda: integrated_only(audio),
        "vidsep, I, M, S, LRA and true peak": lambda: measure(audio.blocks(), SAMPLE_RATE, 2),
        "vidsep limiter, nothing near the ceiling": lambda: limited(quiet, -1.0),
        "vidsep limiter, peaks just below": lambda: limited(audio, 0.0),
        "vidsep limiter at work": lambda: limited(audio, -6.0),
    }


def seconds_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(seconds: float = 300.0) -> None:
    sound = programme(seconds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "programme.wav"
        soundfile.write(path, sound, SAMPLE_RATE, subtype="FLOAT")
        works = contenders(sound, path)
        best = dict.fromkeys(works, float("inf"))
        for _ in range(ROUNDS):  # in turn, so that a busy moment of the machine meets all alike
            for name, work in works.items():
                best[name] = min(best[name], seconds_of(work))
    reference = best["ffmpeg ebur128 with true peak"]
    print(f"{seconds:g} s of stereo at {SAMPLE_RATE} Hz\n")
    print("| what | times real time | against ffmpeg with true peak |\n|---|---:|---:|")
    for name, spent in best.items():
        print(f"| {name} | {seconds / spent:.0f} | {reference / spent:.1f} |")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
