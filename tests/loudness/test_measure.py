"""All measurements at once, against pyloudnorm and ffmpeg."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import RunFfmpeg, noise, tone
from ebur128 import ebur128
from pyloudnorm import Meter

from vidsep.audio import Audio, FloatArray
from vidsep.loudness.measure import ProgrammeMeter, measure


def made_programme(sample_rate: int) -> FloatArray:
    """Speech-like bursts over a swelling bed, 30 s, stereo: enough structure for both gates and a range."""
    t = np.arange(30 * sample_rate) / sample_rate
    bursts = (np.sin(2 * np.pi * 0.7 * t) > 0.2) * np.abs(np.sin(2 * np.pi * 4 * t))
    swell = 0.5 - 0.45 * np.cos(2 * np.pi * t / 30)
    made = noise(-26, 30, sample_rate) * bursts[:, None] + tone(220, -25, 30, sample_rate) * swell[:, None]
    return made.astype(np.float32)


def agrees_with_the_judges(sound: FloatArray, sample_rate: int, folder: Path) -> None:
    sound = sound[: len(sound) - len(sound) % (sample_rate // 10)]  # pyloudnorm counts part of a block as a whole one
    mine = measure([sound], sample_rate, sound.shape[1])
    theirs = Meter(sample_rate, filter_class="DeMan").integrated_loudness(sound.astype(np.float64))
    assert mine.integrated_lufs == pytest.approx(theirs, abs=0.01)
    judge = ebur128(sound, sample_rate, folder)
    rounding = 0.05
    assert mine.integrated_lufs == pytest.approx(judge.integrated_lufs, abs=0.1 + rounding)
    assert mine.lra_lu == pytest.approx(judge.lra_lu, abs=0.1 + rounding)
    assert mine.true_peak_dbtp == pytest.approx(judge.true_peak_dbtp, abs=0.1 + rounding)


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
def test_made_programme_agrees_with_pyloudnorm_and_ffmpeg(sample_rate: int, tmp_path: Path) -> None:
    agrees_with_the_judges(made_programme(sample_rate), sample_rate, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["big_buck_bunny_0_30.webm", "sintel_trailer_seatpreview.mp4", "notld_60s.flac", "notld_45s_billboard.flac"],
)
def test_real_programme_agrees_with_pyloudnorm_and_ffmpeg(
    name: str, shared: Path, run_ffmpeg: RunFfmpeg, tmp_path: Path
) -> None:
    path = tmp_path / "decoded.wav"
    run_ffmpeg("-i", shared / "real_mixes" / name, "-map", "0:a:0", "-c:a", "pcm_f32le", path)
    sound, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    agrees_with_the_judges(sound, sample_rate, tmp_path)


def test_surround_programme_agrees_with_ffmpeg(tmp_path: Path) -> None:
    sound = noise(-25, 10, channels=6)
    judge = ebur128(sound, 48000, tmp_path)
    assert measure([sound], 48000, 6, "5.1").integrated_lufs == pytest.approx(judge.integrated_lufs, abs=0.1)


@pytest.mark.parametrize("block_seconds", [0.013, 1.0, 7.7])
def test_the_result_does_not_depend_on_the_cut(block_seconds: float) -> None:
    sound = Audio(made_programme(44100), 44100)
    assert measure(sound.blocks(block_seconds), 44100, 2) == measure([sound.samples[:]], 44100, 2)


def test_watched_blocks_pass_unchanged() -> None:
    sound = noise(-20, 3)
    meter = ProgrammeMeter(48000, 2)
    passed = list(meter.watch([sound[:100000], sound[100000:]]))
    assert np.array_equal(np.concatenate(passed), sound)
    assert meter.result() == measure([sound], 48000, 2)


def test_json_has_no_infinity() -> None:
    silent = measure([], 48000, 2).as_dict()
    assert json.loads(json.dumps(silent, allow_nan=False)) == {
        "integrated_lufs": None,
        "max_momentary_lufs": None,
        "max_short_term_lufs": None,
        "lra_lu": 0.0,
        "true_peak_dbtp": None,
    }
    assert measure([tone(1000, -23, 5)], 48000, 2).as_dict()["integrated_lufs"] == pytest.approx(-23, abs=0.1)
