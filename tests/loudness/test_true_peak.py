"""True peak: EBU Tech 3341 cases 15 to 23, tolerance +0.2 and -0.4 dB."""

from pathlib import Path

import numpy as np
import pytest
from conftest import noise, tone
from ebur128 import ebur128

from vidsep.audio import FloatArray
from vidsep.loudness.true_peak import TruePeakMeter


def true_peak_dbtp(sound: FloatArray, sample_rate: int = 48000) -> float:
    meter = TruePeakMeter(sample_rate, sound.shape[1])
    meter.add(sound)
    return meter.true_peak_dbtp


def sine(divisor: float, phase_degrees: float, amplitude: float, sample_rate: int) -> FloatArray:
    """One second at the sample rate over ``divisor``, faded so that its ends make no peaks of their own."""
    wave = amplitude * np.sin(2 * np.pi * np.arange(sample_rate) / divisor + np.radians(phase_degrees))
    fade = np.minimum(1, np.arange(sample_rate) / (0.01 * sample_rate))
    return np.repeat((wave * fade * fade[::-1])[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 96000])
@pytest.mark.parametrize(
    ("divisor", "phase_degrees", "amplitude", "expected_dbtp"),
    [
        pytest.param(4, 0, 0.5, -6, id="case 15"),
        pytest.param(4, 45, 0.5, -6, id="case 16"),
        pytest.param(6, 60, 0.5, -6, id="case 17"),
        pytest.param(8, 67.5, 0.5, -6, id="case 18"),
        pytest.param(4, 45, 1.41, 3, id="case 19"),
    ],
)
def test_3341_cases_15_to_19(
    divisor: float, phase_degrees: float, amplitude: float, expected_dbtp: float, sample_rate: int
) -> None:
    reading = true_peak_dbtp(sine(divisor, phase_degrees, amplitude, sample_rate), sample_rate)
    assert -0.4 <= reading - expected_dbtp <= 0.2


@pytest.mark.parametrize("offset", range(4))
def test_a_burst_peaks_alike_wherever_it_is_sampled(offset: int) -> None:
    """In the manner of cases 20 to 23: a burst at a sixth of the rate, made at four times the rate, then decimated."""
    t = (np.arange(-9600, 9600) + offset) / 4
    burst = np.cos(2 * np.pi * t / 6) * np.where(np.abs(t) < 60, np.cos(np.pi * t / 120) ** 2, 0)
    assert -0.4 <= true_peak_dbtp(burst[::4, None].astype(np.float32)) <= 0.2


@pytest.mark.parametrize("size", [1, 23, 997, 48000, 100000])
def test_peaks_across_a_cut_are_seen(size: int) -> None:
    sound = noise(-20, 2.1)[: 48100 if size == 1 else None]
    middle = 48000  # the loudest peak lies between the last sample of one second and the first of the next
    sound[middle - 3 : middle + 3] = np.array([-1, 1, -1, -1, 1, -1], np.float32)[:, None] * 0.9
    meter = TruePeakMeter(48000, 2)
    for start in range(0, len(sound), size):
        meter.add(sound[start : start + size])
    assert meter.true_peak_dbtp == true_peak_dbtp(sound)
    assert meter.true_peak_dbtp > 3


def test_every_channel_counts() -> None:
    for channel in range(6):
        sound = np.zeros((4800, 6), np.float32)
        sound[:, channel] = tone(1000, -3, 0.1, channels=1)[:, 0]
        assert true_peak_dbtp(sound) == pytest.approx(-3, abs=0.1)


@pytest.mark.parametrize("n_samples", [0, 1, 480, 100000])
def test_silence_is_minus_infinity(n_samples: int) -> None:
    assert true_peak_dbtp(np.zeros((n_samples, 2), np.float32)) == -np.inf


def test_one_sample_is_its_own_peak() -> None:
    assert true_peak_dbtp(np.full((1, 1), -0.5, np.float32)) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_agrees_with_ffmpeg_on_hot_noise(sample_rate: int, tmp_path: Path) -> None:
    sound = np.clip(noise(-6, 2, sample_rate), -0.7, 0.7)
    sound[:1000] = 0  # ffmpeg mirrors what stands at the very start
    judge = ebur128(sound, sample_rate, tmp_path).true_peak_dbtp
    assert true_peak_dbtp(sound, sample_rate) == pytest.approx(judge, abs=0.15)  # ffmpeg prints tenths
