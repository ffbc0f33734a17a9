"""Interpolation between the samples."""

import numpy as np
import pytest
import soxr
from conftest import noise, tone

from vidsep.loudness.oversample import AFTER, BEFORE, N_TAPS, Oversampler


@pytest.mark.parametrize(("sample_rate", "factor"), [(8000, 4), (48000, 4), (88200, 2), (96000, 2), (192000, 1)])
def test_factor_brings_standard_rates_to_192_khz(sample_rate: int, factor: int) -> None:
    assert Oversampler(sample_rate).factor == factor


@pytest.mark.parametrize("frequency", [50, 1000, 10000, 18000, 20000])
def test_sines_are_flat_up_to_20_khz(frequency: float) -> None:
    sound = tone(frequency, 0, 1, channels=1)
    assert Oversampler(48000).peaks(sound).max() == pytest.approx(1, abs=0.012)  # 0.1 dB


@pytest.mark.parametrize("n_samples", [N_TAPS, 55, 56, 1000])
def test_peaks_are_at_their_samples(n_samples: int) -> None:
    sound = noise(-20, 0.1)[:n_samples]
    peaks = Oversampler(48000).peaks(sound)
    assert len(peaks) == n_samples - N_TAPS + 1
    assert (peaks >= np.abs(sound[BEFORE : n_samples - AFTER]).max(axis=1)).all()
    click = np.zeros((100, 2), np.float32)
    click[50, 1] = -0.5
    assert Oversampler(48000).peaks(click).argmax() == 50 - BEFORE
    assert Oversampler(48000).peaks(click).max() == 0.5


def test_agrees_with_another_resampler() -> None:
    sound = soxr.resample(noise(-20, 1, 24000, 1), 24000, 48000)  # nothing near the Nyquist frequency
    judge = np.abs(soxr.resample(sound, 48000, 192000, quality="VHQ")).max()
    assert Oversampler(48000).peaks(sound).max() == pytest.approx(judge, rel=0.01)


@pytest.mark.parametrize("sample_rate", [48000, 96000, 192000])
def test_nothing_exceeds_the_bound(sample_rate: int) -> None:
    oversampler = Oversampler(sample_rate)
    worst = np.sign(np.random.default_rng(0).standard_normal((200000, 1))).astype(np.float32)
    assert 1 <= oversampler.peaks(worst).max() <= oversampler.bound
    middle = np.sign(np.sinc(np.arange(-BEFORE, AFTER + 1) - 0.5))[:, None].astype(np.float32)
    if oversampler.factor > 1:  # the signs of the middle phase's taps add up all of it
        assert oversampler.peaks(middle).max() == pytest.approx(oversampler.bound, rel=1e-6)
