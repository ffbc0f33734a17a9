import numpy as np
import pytest
from conftest import noise

from vidsep.audio import FloatArray
from vidsep.processors import Expander, apply

RATE = 48000


def level_db(sound: FloatArray) -> float:
    return float(10 * np.log10(np.mean(sound.astype(float) ** 2)))


def test_the_static_curve() -> None:
    processor = Expander(threshold_db=-40, ratio=3, range_db=20)
    levels_db = np.array([0, -40, -41, -45, -50, -60, -200])
    np.testing.assert_allclose(processor.reduction_db(levels_db), [0, 0, 2, 10, 20, 20, 20])


def test_noise_below_the_threshold_goes_down_by_the_range() -> None:
    sound = noise(-70, 2)
    result = apply(Expander(range_db=12, ratio=20), sound, RATE)
    assert level_db(result) - level_db(sound) == pytest.approx(-12, abs=0.1)


def test_speech_above_the_threshold_is_let_through() -> None:
    sound = noise(-20, 2)
    result = apply(Expander(), sound, RATE)
    np.testing.assert_allclose(result[RATE // 10 :], sound[RATE // 10 :], atol=1e-6)


def test_it_stays_open_for_the_hold_and_closes_by_the_release() -> None:
    burst, pause = noise(-10, 0.5), noise(-70, 1)
    processor = Expander(threshold_db=-40, ratio=20, range_db=20, attack_ms=0.1, hold_ms=100, release_ms=50)
    result = apply(processor, np.concatenate([burst, pause]), RATE)[RATE // 2 :]
    change_db = 20 * np.log10(np.abs(result[:, 0] / pause[:, 0]))
    n_hold, n_release = RATE // 10, RATE // 20
    assert change_db[: n_hold - 10] == pytest.approx(0, abs=0.01)
    assert change_db[n_hold + n_release] == pytest.approx(-20 * (1 - np.exp(-1)), abs=0.2)
    assert change_db[-1] == pytest.approx(-20, abs=0.01)


def test_the_start_of_a_word_is_open_within_the_attack() -> None:
    pause, burst = noise(-70, 0.5), noise(-10, 0.5)
    processor = Expander(threshold_db=-40, range_db=20, attack_ms=1)
    result = apply(processor, np.concatenate([pause, burst]), RATE)[RATE // 2 :]
    change_db = 20 * np.log10(np.abs(result[:, 0] / burst[:, 0]))
    assert change_db[5 * RATE // 1000] == pytest.approx(0, abs=0.2)
