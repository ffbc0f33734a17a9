"""Gaps become silence, overlaps lose nothing, and broken timestamps are not believed."""

import numpy as np
import pytest

from vidsep.audio import FloatArray
from vidsep.media.timeline import in_blocks, without_gaps

RATE = 1000


def ones(n_samples: int) -> FloatArray:
    return np.ones((n_samples, 2), np.float32)


def laid(frames: list[tuple[int, FloatArray]], at_most: float = np.inf) -> FloatArray:
    return np.concatenate(list(without_gaps(frames, RATE, at_most)))


def test_sound_without_gaps_stays_as_it_is() -> None:
    frames = [(500, ones(100)), (600, 2 * ones(100))]
    np.testing.assert_array_equal(laid(frames), np.concatenate([ones(100), 2 * ones(100)]))


def test_a_gap_is_silence_of_its_length() -> None:
    sound = laid([(0, ones(100)), (2600, 2 * ones(100))])
    assert len(sound) == 2700
    assert not sound[100:2600].any()
    assert (sound[2600:] == 2).all()


def test_jitter_is_no_gap() -> None:
    assert len(laid([(0, ones(100)), (108, ones(100)), (195, ones(100))])) == 300


def test_slow_drift_is_followed() -> None:
    frames = [(index * 101, ones(100)) for index in range(100)]  # 1 % slow
    assert abs(len(laid(frames)) - (99 * 101 + 100)) <= 0.010 * RATE


def test_overlapping_sound_is_kept_whole() -> None:
    assert len(laid([(0, ones(100)), (50, ones(100)), (100, ones(100))])) == 300


def moved(n_samples: int) -> list[tuple[int, FloatArray]]:
    """Two seconds in frames of 20, of which all in the second one come ``n_samples`` later."""
    return [(index * 20 + (n_samples if index >= 50 else 0), ones(20)) for index in range(100)]


@pytest.mark.parametrize("n_samples", [-30, -5, -3, 3, 5, 30])
def test_sound_that_was_moved_for_good_is_where_its_timestamps_say(n_samples: int) -> None:
    """Films that were joined without care; however short the shift, it would add up from join to join."""
    sound = laid([(time, (index + 1) * one) for index, (time, one) in enumerate(moved(n_samples))])
    assert len(sound) == 2000 + n_samples
    assert sound[1000 + max(0, n_samples) :][0, 0] == (51 if n_samples >= 0 else 51 + -n_samples // 20)
    assert sound[-1, 0] == 100


@pytest.mark.parametrize("late", [-15, -5, 5, 15])
def test_a_single_odd_timestamp_moves_nothing(late: int) -> None:
    frames = moved(0)
    frames[50] = (frames[50][0] + late, frames[50][1])
    np.testing.assert_array_equal(laid(frames), ones(2000))


def test_a_clock_that_runs_fast_is_followed() -> None:
    frames = [(index * 99, ones(100)) for index in range(100)]  # 1 % fast
    assert abs(len(laid(frames)) - (99 * 99 + 100)) <= 0.010 * RATE


def test_what_is_below_the_least_is_not_believed() -> None:
    sound = list(without_gaps(moved(12), RATE, np.inf, least_seconds=0.015))
    assert sum(map(len, sound)) == 2000


def test_a_gap_beyond_the_end_of_the_file_is_not_believed() -> None:
    assert len(laid([(0, ones(100)), (10_000_000, ones(100))], at_most=5000)) == 200


def test_blocks_are_the_same_sound() -> None:
    sound = np.arange(1000, dtype=np.float32)[:, None]
    blocks = list(in_blocks(np.split(sound, range(7, 1000, 7)), 100))
    assert all(len(block) >= 100 for block in blocks[:-1])
    np.testing.assert_array_equal(np.concatenate(blocks), sound)
