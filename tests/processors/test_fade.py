from collections.abc import Iterator

import numpy as np
import pytest
from conftest import noise
from hypothesis import given
from hypothesis import strategies as st

from vidsep.audio import FloatArray
from vidsep.processors import Fade, apply

RATE = 1000


def ones(seconds: float) -> FloatArray:
    return np.ones((round(seconds * RATE), 2), np.float32)


def faded(in_seconds: float, out_seconds: float, shape: str = "equal-power", seconds: float = 4.0) -> FloatArray:
    return apply(Fade(in_seconds, out_seconds, shape), ones(seconds), RATE)[:, 0]


def test_equal_power_fades_sum_to_one_in_power() -> None:
    fade_in, fade_out = faded(1, 0)[:RATE], faded(0, 1)[-RATE:]
    np.testing.assert_allclose(fade_in**2 + fade_out**2, 1, atol=1e-6)


def test_linear_fades_sum_to_one_in_amplitude() -> None:
    fade_in, fade_out = faded(1, 0, "linear")[:RATE], faded(0, 1, "linear")[-RATE:]
    np.testing.assert_allclose(fade_in + fade_out, 1, atol=1e-6)


@pytest.mark.parametrize(("shape", "half"), [("equal-power", 0.5**0.5), ("linear", 0.5)])
def test_the_middle_and_the_ends(shape: str, half: float) -> None:
    gains = faded(1, 2, shape)
    assert gains[0] < 0.002
    assert gains[RATE // 2] == pytest.approx(half, abs=0.002)
    assert gains[-RATE] == pytest.approx(half, abs=0.002)
    assert gains[-1] < 0.002
    assert (np.diff(gains[:RATE]) > 0).all()
    assert (np.diff(gains[-2 * RATE :]) < 0).all()


def test_between_the_fades_it_is_bit_exact() -> None:
    sound = noise(-20, 4, RATE)
    result = apply(Fade(1, 1), sound, RATE)
    np.testing.assert_array_equal(result[RATE:-RATE], sound[RATE:-RATE])


def test_no_fades_change_nothing() -> None:
    sound = noise(-20, 1, RATE)
    np.testing.assert_array_equal(apply(Fade(0, 0), sound, RATE), sound)


def test_sound_shorter_than_its_fades_still_ends_in_silence() -> None:
    gains = faded(60, 60, seconds=0.5)
    assert gains[0] < 0.001
    assert gains[-1] < 0.001


@given(n_out=st.integers(0, 200), sizes=st.lists(st.integers(0, 50), min_size=1, max_size=20))
def test_no_more_is_held_back_than_the_fade_out_and_a_block(n_out: int, sizes: list[int]) -> None:
    n_taken = n_given = 0

    def source() -> Iterator[FloatArray]:
        nonlocal n_taken
        for size in sizes:
            assert n_taken - n_given <= n_out + max(sizes)
            n_taken += size
            yield np.ones((size, 1), np.float32)

    for block in Fade(0, n_out / RATE).process(source(), RATE):
        n_given += len(block)
    assert n_given == n_taken == sum(sizes)
