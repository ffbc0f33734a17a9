"""Small corpora made of tones and noise, and the smallest network that can be trained on them."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from conftest import scene

from vidsep.audio import FloatArray

RATE = 8000

TINY: dict[str, Any] = {
    "sample_rate": RATE, "n_fft": 256, "hop": 64, "n_bands": 4, "n_groups": 1, "width": 8, "hidden": 8,
    "dilations": [1, 2], "level_seconds": 0.5, "steps": 32,
}  # fmt: skip


def make_corpora(folder: Path, seconds: float = 3.0) -> dict[str, str]:
    """Three sources each of speech, music and effects, one file a source; the ``[corpora]`` of a run."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    for number in range(3):
        voice = scene(seconds, RATE, seed=number)[:, 0] * np.clip(np.sin(2 * np.pi * (2 + number) * t), 0, 1)
        tones = [np.sin(2 * np.pi * (220 + 55 * number) * k * t + side) for k in (1, 1.5) for side in (0, 1)]
        music = 0.1 * np.stack([tones[0] + tones[2], tones[1] + tones[3]], axis=1)
        noise = 0.1 * rng.standard_normal(len(t)) * (np.sin(2 * np.pi * (1 + number) * t) > 0)
        write(folder / "speech" / f"speaker {number}" / "a.wav", voice)
        write(folder / "music" / f"artist {number}" / "b.wav", music)
        write(folder / "effects" / f"class {number}" / "c.wav", noise)
    return {kind: kind for kind in ("speech", "music", "effects")}


def write(path: Path, samples: Any, sample_rate: int = RATE) -> None:
    """A sound file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, sample_rate, subtype="FLOAT")


def run_table(folder: Path, **run: Any) -> dict[str, Any]:
    """A run on made corpora in ``folder``, as a TOML file would hold it."""
    settings = {"folder": "run", "batch": 2, "seconds": 1.0, "steps": 4, "validation_examples": 2, "warmup_steps": 0}
    return {"corpora": make_corpora(folder), "network": dict(TINY), "examples": {}, "run": settings | run}


def level_db(samples: FloatArray) -> float:
    """RMS against full scale."""
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))
