"""Frames: their power is the sound's, however the sound is cut and however long it is."""

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import Audio, FloatArray
from vidsep.outputs.frames import MAX_FRAMES, FramePlan, plan_frames, power_spectra


def spectra(sound: FloatArray, sample_rate: int, block_samples: int) -> FloatArray:
    plan = plan_frames(len(sound), sample_rate)
    blocks = (sound[start : start + block_samples] for start in range(0, len(sound), block_samples))
    return np.concatenate(list(power_spectra(blocks, plan)))


def test_the_bins_of_a_frame_sum_to_the_mean_square() -> None:
    power = spectra(tone(1000, -20, 3.0), 48000, 48000)
    assert power[5:-5].sum(axis=-1) == pytest.approx(0.5 * 10 ** (-20 / 10), rel=1e-3)


def test_half_overlapping_frames_hold_all_the_energy() -> None:
    sound = noise(-20, 2.1, channels=1)[: 48 * 2048 + 1]  # frames reach from the first sample to the last
    plan = FramePlan(len(sound), 48000, 4096, 2048)
    total = sum(float(power.sum()) for power in power_spectra([sound], plan)) * plan.step
    assert total == pytest.approx(float((sound.astype(np.float64) ** 2).sum()), rel=1e-4)


def test_a_tone_stands_in_its_bin() -> None:
    plan = plan_frames(48000, 48000)
    power = spectra(tone(3000, -6, 1.0), 48000, 48000)
    assert abs(plan.frequencies_hz[power[20, 0].argmax()] - 3000) < 48000 / plan.n_fft


@pytest.mark.parametrize("block_samples", [1000, 4096, 33333])
def test_cuts_do_not_matter(block_samples: int) -> None:
    sound = noise(-20, 1.3)
    assert np.array_equal(spectra(sound, 48000, block_samples), spectra(sound, 48000, len(sound)))


@pytest.mark.parametrize("n_samples", [1, 80, 480, 4096, 100_001])
@pytest.mark.parametrize("sample_rate", [8000, 48000, 96000])
def test_every_planned_frame_comes(n_samples: int, sample_rate: int) -> None:
    power = spectra(np.ones((n_samples, 1), np.float32), sample_rate, 5000)
    assert len(power) == plan_frames(n_samples, sample_rate).n_frames >= 1


def test_long_sound_is_sampled() -> None:
    plan = plan_frames(3 * 3600 * 48000, 48000)
    assert MAX_FRAMES * 0.9 < plan.n_frames <= MAX_FRAMES


def test_sparse_frames_are_those_of_the_whole() -> None:
    sound = Audio(noise(-20, 4.0), 48000)
    dense = np.concatenate(list(power_spectra(sound.blocks(), FramePlan(sound.n_samples, 48000, 4096, 2048))))
    sparse = np.concatenate(list(power_spectra(sound.blocks(0.01), FramePlan(sound.n_samples, 48000, 4096, 5 * 2048))))
    assert np.array_equal(sparse, dense[::5])
