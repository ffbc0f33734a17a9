"""What the tests share: made sound, made videos, and the folder of real files where there is one."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vidsep.audio import FloatArray
from vidsep.media import ffmpeg

SHARED = Path(os.environ.get("VIDSEP_SHARED", Path(__file__).parents[2] / "shared"))

RunFfmpeg = Callable[..., None]


def tone(frequency_hz: float, level_dbfs: float, seconds: float, sample_rate: int = 48000, channels: int = 2) -> FloatArray:
    """A sine whose peak is ``level_dbfs`` in every channel, as EBU Tech 3341 specifies its levels."""
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def noise(level_db: float, seconds: float, sample_rate: int = 48000, channels: int = 2, seed: int = 0) -> FloatArray:
    """White noise of RMS ``level_db`` below full scale, channels independent."""
    rng = np.random.default_rng(seed)
    shape = (round(seconds * sample_rate), channels)
    return (10 ** (level_db / 20) * rng.standard_normal(shape)).astype(np.float32)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real-world files, golden outputs and training audio; tests that need it skip where it is missing."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the folder of shared test material, looked for at {SHARED} (set VIDSEP_SHARED)")
    return SHARED


@pytest.fixture(scope="session")
def run_ffmpeg() -> RunFfmpeg:
    """Runs ffmpeg with the given arguments, to make files that vidsep did not make."""

    def run(*args: str | Path) -> None:
        command = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-y", *map(str, args)]
        subprocess.run(command, check=True, timeout=120)

    return run
