"""Gaps become silence, overlaps lose nothing, and broken timestamps are not believed."""

import numpy as np

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


def test_a_gap_beyond_the_end_of_the_file_is_not_believed() -> None:
    assert len(laid([(0, ones(100)), (10_000_000, ones(100))], at_most=5000)) == 200


def test_blocks_are_the_same_sound() -> None:
    sound = np.arange(1000, dtype=np.float32)[:, None]
    blocks = list(in_blocks(np.split(sound, range(7, 1000, 7)), 100))
    assert all(len(block) >= 100 for block in blocks[:-1])
    np.testing.assert_array_equal(np.concatenate(blocks), sound)
