"""The limiter: never above the ceiling, untouched below it. The contract of all processors is in test_contract.py."""

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import FloatArray
from vidsep.loudness.true_peak import TruePeakMeter
from vidsep.processors.base import apply
from vidsep.processors.limit import Limit

RATE = 48000


def true_peak_dbtp(sound: FloatArray, sample_rate: int = RATE) -> float:
    meter = TruePeakMeter(sample_rate, sound.shape[1])
    meter.add(sound)
    return meter.true_peak_dbtp


def click(seconds: float, at_seconds: float, height: float) -> FloatArray:
    sound = tone(1000, -12, seconds)
    sound[round(at_seconds * RATE)] = height
    return sound


def gain_db(before: FloatArray, after: FloatArray) -> FloatArray:
    """The limiter's gain where the first channel is far enough from zero to tell; NaN elsewhere."""
    told = np.abs(before[:, 0]) > 0.1
    gain = np.full(len(before), np.nan, np.float32)
    gain[told] = 20 * np.log10(after[told, 0] / before[told, 0])
    return gain


def signs(sample_rate: int) -> FloatArray:
    """Full scale up or down at random: true peaks far above the samples."""
    return np.sign(noise(0, 3, sample_rate)).astype(np.float32)


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -6.0, 0.0])
def test_no_true_peak_passes_the_ceiling(ceiling_dbtp: float, sample_rate: int) -> None:
    bursts = noise(0, 3, sample_rate) * (tone(3, 0, 3, sample_rate) > 0.5)
    low = tone(50, 9, 3, sample_rate)
    high = tone(sample_rate * 0.4, 6, 3, sample_rate)
    for sound in (bursts, low, high, signs(sample_rate), noise(12, 3, sample_rate, 1)):
        limited = apply(Limit(ceiling_dbtp), sound.astype(np.float32), sample_rate)
        assert true_peak_dbtp(limited, sample_rate) <= ceiling_dbtp
        assert true_peak_dbtp(limited, sample_rate) > ceiling_dbtp - 0.1  # and none is pressed further than needed


def test_what_stays_below_the_ceiling_is_untouched_to_the_last_bit() -> None:
    sound = noise(-20, 5)
    sound *= np.float32(10 ** ((-1.001 - true_peak_dbtp(sound)) / 20))
    assert np.array_equal(apply(Limit(-1.0), sound, RATE), sound)


def test_the_gain_is_down_in_time_and_comes_back() -> None:
    sound = click(6, 3, 2.0)
    limited = apply(Limit(-1.0, look_ahead_ms=5, release_ms=100), sound, RATE)
    gain = gain_db(sound, limited)
    at = 3 * RATE
    needed_db = -1 - 20 * np.log10(2.0)
    assert gain[at] == pytest.approx(needed_db, abs=0.1)
    early = at - round(0.007 * RATE)
    assert np.array_equal(limited[:early], sound[:early])
    around = gain[at - 300 : at + 300]
    assert np.nanmax(np.abs(np.diff(around[np.isfinite(around)]))) < 0.5  # no jump, but a curve
    after = gain[at + round(0.1055 * RATE) :][:200]  # a release time after the hold
    assert np.nanmean(after) == pytest.approx(needed_db / np.e, abs=0.2)
    assert np.array_equal(limited[-RATE // 2 :], sound[-RATE // 2 :])


def test_long_after_a_peak_the_sound_is_passed_on_again() -> None:
    sound = click(6, 1, 2.0)
    *_, last = Limit(-1.0).process([sound], RATE)
    assert np.array_equal(last, sound[-RATE:])
    assert last.base is not None  # a view of what came in, not a product with a gain of one


def test_peaks_at_both_ends_are_caught() -> None:
    sound = click(1, 0, 2.0)
    sound[-1] = -2.0
    limited = apply(Limit(-1.0), sound, RATE)
    assert len(limited) == len(sound)
    assert true_peak_dbtp(limited) <= -1


def test_all_channels_share_one_gain() -> None:
    sound = click(1, 0.5, 2.0)
    sound[:, 1] = 0.25 * sound[:, 0]
    limited = apply(Limit(-1.0), sound, RATE)
    assert limited[:, 1] == pytest.approx(0.25 * limited[:, 0], abs=1e-7)


@pytest.mark.parametrize("size", [1, 480, 31007, 48000, 100001])
def test_the_result_does_not_depend_on_the_cut(size: int) -> None:
    sound = noise(-6, 2.5)[: 50000 if size == 1 else None]
    blocks = [sound[start : start + size] for start in range(0, len(sound), size)]
    limited = np.concatenate(list(Limit(-3.0).process(blocks, RATE)))
    assert np.array_equal(limited, apply(Limit(-3.0), sound, RATE))
    assert np.array_equal(np.concatenate(blocks), noise(-6, 2.5)[: len(sound)])  # and nothing was written to


@pytest.mark.parametrize("frequency", [80, 200, 1000])
def test_a_steady_tone_stays_a_tone(frequency: float) -> None:
    limited = apply(Limit(-1.0), tone(frequency, 5, 2), RATE)[RATE // 2 : RATE // 2 + RATE, 0]
    spectrum = np.abs(np.fft.rfft(limited * np.hanning(RATE))) ** 2
    near = slice(int(frequency) - 3, int(frequency) + 4)
    total, carrier = spectrum.sum(), spectrum[near].sum()
    assert 10 * np.log10((total - carrier) / carrier) < -70


@pytest.mark.parametrize("n_samples", [0, 1, 100])
def test_very_short_sound(n_samples: int) -> None:
    sound = np.full((n_samples, 2), 1.5, np.float32)
    limited = apply(Limit(-1.0), sound, RATE)
    assert limited.shape == sound.shape
    assert not n_samples or true_peak_dbtp(limited) <= -1
