import numpy as np
import pytest
from conftest import noise

from vidsep.processors import Gain, Mute, apply

RATE = 48000


def level_db(sound: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> float:
    return float(10 * np.log10(np.mean(sound.astype(float) ** 2)))


@pytest.mark.parametrize("gain_db", [-60, -6, 3.5, 24])
def test_the_level_changes_by_the_gain(gain_db: float) -> None:
    sound = noise(-30, 1)
    assert level_db(apply(Gain(gain_db), sound, RATE)) - level_db(sound) == pytest.approx(gain_db, abs=1e-3)


def test_0_db_is_bit_exact() -> None:
    sound = noise(-30, 1)
    np.testing.assert_array_equal(apply(Gain(0.0), sound, RATE), sound)


def test_muted_is_silent() -> None:
    assert not apply(Mute(), noise(-10, 1), RATE).any()


@pytest.mark.parametrize("floor_db", [-18, -40])
def test_a_floor_stays_so_far_below_the_sound(floor_db: float) -> None:
    sound = noise(-10, 1)
    assert level_db(apply(Mute(floor_db), sound, RATE)) - level_db(sound) == pytest.approx(floor_db, abs=1e-3)
