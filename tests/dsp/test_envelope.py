import numpy as np
import pytest
from conftest import noise, tone
from hypothesis import given
from hypothesis import strategies as st

from vidsep.dsp.envelope import Control, Smoother, gain_of_db, peak_level_db

RATE = 48000


def step(n_low: int, n_high: int, n_after: int) -> Control:
    return np.concatenate([np.zeros(n_low), np.ones(n_high), np.zeros(n_after)])


def loop(values: Control, attack: float, n_hold: int, release: float) -> list[float]:
    """The definition, sample by sample."""
    peak = smoothed = 0.0
    out = []
    for i in range(len(values)):
        peak = max(float(values[max(0, i - n_hold) : i + 1].max()), peak * release)
        smoothed = attack * smoothed + (1 - attack) * peak
        out.append(smoothed)
    return out


@pytest.mark.parametrize("attack_ms", [0.5, 5, 50])
def test_a_rise_has_done_63_percent_after_the_attack_time(attack_ms: float) -> None:
    smoothed = Smoother(attack_ms, 0, 100, RATE)(step(0, RATE, 0))
    assert smoothed[round(attack_ms * RATE / 1000) - 1] == pytest.approx(1 - np.exp(-1), abs=1e-6)


@pytest.mark.parametrize("release_ms", [10, 120, 1000])
def test_a_fall_has_37_percent_left_after_the_release_time(release_ms: float) -> None:
    smoothed = Smoother(0, 0, release_ms, RATE)(step(0, 10, RATE))
    assert smoothed[9 + round(release_ms * RATE / 1000)] == pytest.approx(np.exp(-1), abs=1e-6)


def test_nothing_falls_before_the_hold_time_is_over() -> None:
    smoothed = Smoother(0, 20, 5, RATE)(step(0, 1, RATE))
    n_hold = round(0.02 * RATE)
    assert np.allclose(smoothed[: n_hold + 1], 1)
    assert smoothed[n_hold + 1] < 0.999


@given(
    seed=st.integers(0, 1000),
    attack_ms=st.floats(0, 20),
    hold_ms=st.floats(0, 10),
    release_ms=st.floats(1, 50),
    cuts=st.lists(st.integers(0, 400), max_size=5),
)
def test_equals_the_loop_over_samples_however_the_sound_is_cut(
    seed: int, attack_ms: float, hold_ms: float, release_ms: float, cuts: list[int]
) -> None:
    rate = 8000
    rng = np.random.default_rng(seed)
    values = np.maximum(0, rng.normal(-1, 2, 400)) * (rng.random(400) < 0.1)
    smooth = Smoother(attack_ms, hold_ms, release_ms, rate)
    smoothed = np.concatenate([smooth(part) for part in np.split(values, sorted(cuts))])
    attack = np.exp(-1000 / (attack_ms * rate)) if attack_ms else 0.0
    expected = loop(values, float(attack), round(hold_ms * rate / 1000), float(np.exp(-1000 / (release_ms * rate))))
    np.testing.assert_allclose(smoothed, expected, atol=1e-6)


def test_the_loudest_channel_counts() -> None:
    sound = np.concatenate([tone(1000, -20, 1, channels=1), tone(1000, -6, 1, channels=1)], axis=1)
    assert peak_level_db(sound).max() == pytest.approx(-6, abs=0.01)


def test_levels_and_factors_are_inverse() -> None:
    sound = np.abs(noise(-20, 0.1, channels=1))
    np.testing.assert_allclose(gain_of_db(peak_level_db(sound)), sound, rtol=1e-5)
