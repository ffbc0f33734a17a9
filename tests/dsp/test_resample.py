"""Facts about resampling: length, time, frequency response, independence of the cut."""

from math import gcd

import numpy as np
import pytest
from conftest import noise, tone
from scipy.signal import resample_poly

from vidsep.audio import FloatArray
from vidsep.dsp.resample import resample, resampled_length

RATES = [(48000, 44100), (44100, 48000), (8000, 44100), (96000, 44100), (44100, 44056)]


def convert(samples: FloatArray, from_rate: int, to_rate: int, block: int = 4800, n_samples: int = -1) -> FloatArray:
    blocks = [samples[i : i + block] for i in range(0, len(samples), block)]
    wanted = resampled_length(len(samples), from_rate, to_rate) if n_samples < 0 else n_samples
    return np.concatenate([samples[:0], *resample(blocks, samples.shape[1], from_rate, to_rate, wanted)])


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
@pytest.mark.parametrize("n_samples", [0, 1, 80, 4801])
def test_length_is_exact_there_and_back(from_rate: int, to_rate: int, n_samples: int) -> None:
    there = convert(noise(-20, 1, from_rate)[:n_samples], from_rate, to_rate)
    assert there.shape == (resampled_length(n_samples, from_rate, to_rate), 2)
    assert there.dtype == np.float32
    assert convert(there, to_rate, from_rate, n_samples=n_samples).shape == (n_samples, 2)


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_a_tone_stays_the_same_tone_at_the_same_time(from_rate: int, to_rate: int) -> None:
    there = convert(tone(997, -6, 1, from_rate), from_rate, to_rate)
    expected = tone(997, -6, 1, to_rate)
    middle = slice(to_rate // 10, -to_rate // 10)
    assert np.abs(there[middle] - expected[middle]).max() < 10 ** (-110 / 20)


@pytest.mark.parametrize("block", [1, 37, 4800, 48000])
def test_the_cut_into_blocks_cannot_be_heard(block: int) -> None:
    samples = noise(-20, 0.3, 48000)
    np.testing.assert_array_equal(convert(samples, 48000, 44100, block), convert(samples, 48000, 44100))


def test_a_tone_the_new_rate_cannot_hold_dies() -> None:
    there = convert(tone(30000, -6, 1, 96000), 96000, 44100)
    assert np.abs(there[4410:-4410]).max() < 10 ** (-100 / 20)


def test_agrees_with_another_resampler_below_the_transition_band() -> None:
    samples = tone(500, -20, 1, 48000) + tone(6500, -20, 1, 48000)
    common = gcd(44100, 48000)
    judge = resample_poly(samples, 44100 // common, 48000 // common, window=("kaiser", 14.0))
    assert np.abs(convert(samples, 48000, 44100) - judge)[4410:-4410].max() < 1e-3


def test_equal_rates_pass_the_very_samples() -> None:
    samples = noise(-20, 0.1)
    np.testing.assert_array_equal(convert(samples, 48000, 48000, block=100), samples)


@pytest.mark.parametrize("to_rate", [44100, 48000])
def test_too_short_is_filled_and_too_long_is_cut(to_rate: int) -> None:
    samples = noise(-20, 0.1, 48000)
    natural = resampled_length(len(samples), 48000, to_rate)
    longer = convert(samples, 48000, to_rate, n_samples=natural + 100000)
    assert len(longer) == natural + 100000
    assert not longer[natural:].any()
    np.testing.assert_array_equal(convert(samples, 48000, to_rate, n_samples=100), longer[:100])


def test_input_is_not_written_to() -> None:
    samples = noise(-20, 0.1)
    before = samples.copy()
    convert(samples, 48000, 44100)
    np.testing.assert_array_equal(samples, before)
