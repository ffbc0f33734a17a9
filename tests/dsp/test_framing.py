import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidsep.audio import FloatArray
from vidsep.dsp.framing import fanned_out, rechunk, split

SIZES = st.lists(st.integers(0, 20), max_size=12)


def counting(sizes: list[int]) -> list[FloatArray]:
    """Blocks of the given sizes whose samples count 0, 1, 2, ... in the first of two channels."""
    total = sum(sizes)
    ramp = np.stack([np.arange(total), -np.arange(total)], axis=1).astype(np.float32)
    return np.split(ramp, np.cumsum(sizes)[:-1]) if sizes else []


@given(sizes=SIZES, n_samples=st.integers(1, 25))
def test_rechunk_keeps_every_sample_in_order_and_all_blocks_but_the_last_full(sizes: list[int], n_samples: int) -> None:
    out = list(rechunk(counting(sizes), n_samples))
    assert [len(block) for block in out[:-1]] == [n_samples] * (len(out) - 1)
    assert all(0 < len(block) <= n_samples for block in out)
    assert [float(sample) for block in out for sample in block[:, 0]] == list(range(sum(sizes)))


@given(sizes=SIZES, n_samples=st.integers(1, 25))
def test_split_keeps_every_sample_in_order_and_no_block_is_too_long(sizes: list[int], n_samples: int) -> None:
    out = list(split(counting(sizes), n_samples))
    assert all(0 < len(block) <= n_samples for block in out)
    assert [float(sample) for block in out for sample in block[:, 0]] == list(range(sum(sizes)))


def test_rechunk_gives_a_block_as_soon_as_it_is_full() -> None:
    taken = 0

    def endless() -> Iterator[FloatArray]:
        nonlocal taken
        while True:
            taken += 1
            yield np.zeros((10, 1), np.float32)

    stream = rechunk(endless(), 25)
    assert len(next(stream)) == 25
    assert taken == 3


def test_blocks_without_a_sample_are_refused_at_the_call() -> None:
    with pytest.raises(ValueError, match="at least 1 sample"):
        rechunk([], 0)


def test_fanned_out_items_are_let_go_when_all_have_them() -> None:
    alive = weakref.WeakSet[Thing]()

    def things() -> Iterator[Thing]:
        for _ in range(100):
            thing = Thing()
            alive.add(thing)
            yield thing

    most = 0
    for _ in zip(*fanned_out(things(), 3), strict=True):
        most = max(most, len(alive))
    assert most <= 4


class Thing:
    """Something whose end can be seen."""
