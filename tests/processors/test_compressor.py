import numpy as np
import pytest
from conftest import noise, tone
from hypothesis import given
from hypothesis import strategies as st

from vidsep.audio import FloatArray, db_to_gain
from vidsep.processors import Compressor, apply

RATE = 48000


def square(level_db: float, seconds: float, n_channels: int = 2) -> FloatArray:
    """A square wave: every sample stands at the level."""
    signs = np.where(np.arange(round(seconds * RATE)) // 24 % 2, -1.0, 1.0)
    return np.repeat(db_to_gain(level_db) * signs[:, None], n_channels, axis=1).astype(np.float32)


def gains_db(processor: Compressor, sound: FloatArray) -> FloatArray:
    """The factor of every sample, in dB."""
    gains: FloatArray = 20 * np.log10(np.abs(apply(processor, sound, RATE) / sound))
    return gains


@pytest.mark.parametrize("level_db", [-40, -21, -18, -15, -10, 0])
@pytest.mark.parametrize("ratio", [1, 2, 20])
def test_beyond_the_knee_so_many_db_become_one(level_db: float, ratio: float) -> None:
    processor = Compressor(threshold_db=-20, ratio=ratio, knee_db=0)
    expected_db = min(level_db, -20 + (level_db + 20) / ratio)
    assert level_db + gains_db(processor, square(level_db, 1))[-1, 0] == pytest.approx(expected_db, abs=0.01)


def test_the_knee_bends_and_does_not_break() -> None:
    """At the threshold a knee of W dB takes (1 - 1/R) W/8, and slopes meet the straight lines at its ends."""
    processor = Compressor(threshold_db=-20, ratio=4, knee_db=12)
    levels_db = np.array([-26.001, -25.999, -20, -14.001, -13.999])
    np.testing.assert_allclose(processor.reduction_db(levels_db), [0, 0, 0.75 * 1.5, 4.5, 4.5], atol=0.001)


@given(threshold_db=st.floats(-60, 0), ratio=st.floats(1, 20), knee_db=st.floats(0, 24), level_db=st.floats(-100, 20))
def test_louder_in_is_never_quieter_out_and_nothing_is_expanded(
    threshold_db: float, ratio: float, knee_db: float, level_db: float
) -> None:
    processor = Compressor(threshold_db, ratio, knee_db=knee_db)
    lower_db, upper_db = processor.reduction_db(np.array([level_db, level_db + 0.5]))
    assert -1e-9 <= lower_db <= upper_db + 1e-9
    assert upper_db - lower_db <= 0.5 + 1e-9


@pytest.mark.parametrize("attack_ms", [1, 10, 100])
def test_63_percent_of_the_reduction_after_the_attack_time(attack_ms: float) -> None:
    processor = Compressor(threshold_db=-20, ratio=4, knee_db=0, attack_ms=attack_ms, release_ms=2000)
    sound = np.concatenate([square(-40, 0.5), square(0, 1)])
    gains = gains_db(processor, sound)[:, 0]
    assert gains[RATE // 2 + round(attack_ms * RATE / 1000) - 1] == pytest.approx(-15 * (1 - np.exp(-1)), abs=0.02)


@pytest.mark.parametrize("release_ms", [20, 120, 400])
def test_37_percent_of_the_reduction_left_after_the_release_time(release_ms: float) -> None:
    processor = Compressor(threshold_db=-20, ratio=4, knee_db=0, attack_ms=0.1, release_ms=release_ms)
    sound = np.concatenate([square(0, 0.5), square(-40, 1)])
    gains = gains_db(processor, sound)[:, 0]
    assert gains[RATE // 2 + round(release_ms * RATE / 1000) - 1] == pytest.approx(-15 * np.exp(-1), rel=0.01)


def test_a_steady_tone_is_turned_down_steadily() -> None:
    """Peaks hold the gain: over the last second a voice's lowest tone moves it by less than 1 dB."""
    sound = tone(100, -6, 2)
    result = apply(Compressor(ratio=4), sound, RATE)
    heard = np.abs(sound[:, 0]) > 0.1
    gains = 20 * np.log10(np.abs(result[heard, 0] / sound[heard, 0]))[-RATE // 2 :]
    assert np.ptp(gains) < 1
    assert gains.mean() == pytest.approx(-9, abs=0.6)


def test_channels_share_the_gain_of_the_loudest() -> None:
    sound = np.concatenate([square(-6, 1, 1), square(-40, 1, 1)], axis=1)
    gains = gains_db(Compressor(), sound)
    np.testing.assert_allclose(gains[:, 0], gains[:, 1], atol=1e-4)
    assert gains[-1, 1] < -7


def test_below_the_threshold_it_is_bit_exact() -> None:
    sound = noise(-50, 1)
    np.testing.assert_array_equal(apply(Compressor(), sound, RATE), sound)


def test_makeup_is_a_gain() -> None:
    sound = noise(-50, 1)
    np.testing.assert_allclose(apply(Compressor(makeup_db=6), sound, RATE), sound * db_to_gain(6), rtol=1e-5)
