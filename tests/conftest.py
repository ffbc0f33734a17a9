"""What the tests share: made sound, made videos, and the folder of real files where there is one."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from clips import Clips, RunFfmpeg

import vidsep.pipeline
import vidsep.separation.separator
from vidsep.audio import FloatArray
from vidsep.media import ffmpeg
from vidsep.separation.separator import Separator

SHARED = Path(os.environ.get("VIDSEP_SHARED", Path(__file__).parents[2] / "shared"))

__all__ = ["RunFfmpeg", "noise", "scene", "tone"]


def tone(
    frequency_hz: float, level_dbfs: float, seconds: float, sample_rate: int = 48000, channels: int = 2
) -> FloatArray:
    """A sine whose peak is ``level_dbfs`` in every channel, as EBU Tech 3341 specifies its levels."""
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency_hz * t)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def noise(level_db: float, seconds: float, sample_rate: int = 48000, channels: int = 2, seed: int = 0) -> FloatArray:
    """White noise of RMS ``level_db`` below full scale, channels independent."""
    rng = np.random.default_rng(seed)
    shape = (round(seconds * sample_rate), channels)
    return (10 ** (level_db / 20) * rng.standard_normal(shape)).astype(np.float32)


def scene(seconds: float, sample_rate: int = 44100, seed: int = 0) -> FloatArray:
    """A made programme in stereo: syllables in the centre, a wide chord, bursts of noise to one side, with pauses."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * t), 0, 1)
    voice = syllables * sum(np.sin(2 * np.pi * 140 * k * t + k) / k for k in range(1, 12))
    chord = [sum(np.sin(2 * np.pi * f * t + side) for f in (220.0, 277.2, 329.6)) for side in (0.0, 0.9)]
    bursts = rng.standard_normal(len(t)) * (np.sin(2 * np.pi * 0.21 * t) > 0.6)
    left = 0.1 * voice + 0.03 * chord[0] + 0.02 * bursts
    right = 0.1 * voice + 0.03 * chord[1] + 0.005 * bursts
    return np.stack([left, right], axis=1).astype(np.float32)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stem cache that all tests share and that is not the user's; and a folder of models that is empty."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIDSEP_CACHE_DIR", str(folder))
        patch.setenv("VIDSEP_MODEL_DIR", str(folder.with_name("models")))
        yield folder


@pytest.fixture(scope="session")
def separator() -> Separator:
    """The built-in network on the CPU, loaded once for all tests."""
    return Separator(device="cpu")


@pytest.fixture
def one_network(separator: Separator, monkeypatch: pytest.MonkeyPatch) -> Separator:
    """Whatever asks for a separator gets the one that is loaded already."""
    for module in (vidsep.pipeline, vidsep.separation.separator):
        monkeypatch.setattr(module, "Separator", lambda *_, **__: separator)
    return separator


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files, golden outputs and training audio; tests that need it skip where it is missing."""
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


@pytest.fixture(scope="session")
def clips(run_ffmpeg: RunFfmpeg, tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Small videos of every kind; nothing may write to them."""
    return Clips(tmp_path_factory.mktemp("clips"), run_ffmpeg)
