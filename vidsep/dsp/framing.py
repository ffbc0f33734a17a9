"""How a stream of sound is cut: blocks of other sizes, the same samples."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from vidsep.audio import FloatArray

Item = TypeVar("Item")

MEAN_SAMPLES = 1 << 17  # 3 s: some memory for few steps
CACHE_SAMPLES = 16384  # so much sound, and what is worked out for it, stays in a processor core's own memory


def split(blocks: Iterable[FloatArray], n_samples: int = CACHE_SAMPLES) -> Iterator[FloatArray]:
    """The same sound at once, in blocks of at most ``n_samples``: faster to work on than long ones.

    What comes out are views of what went in.

    >>> [len(block) for block in split([np.zeros((5, 2), np.float32), np.zeros((2, 2), np.float32)], 3)]
    [3, 2, 2]
    """
    for block in blocks:
        for start in range(0, len(block), n_samples):
            yield block[start : start + n_samples]


def rechunk(blocks: Iterable[FloatArray], n_samples: int) -> Iterator[FloatArray]:
    """The same sound in blocks of exactly ``n_samples``; the last one holds what is left and may be shorter.

    ``blocks`` have the shape ``(any, n_channels)``; empty ones are passed over, so a stream without sound gives no
    block at all. What comes out may be a view of what went in. Raises ValueError when ``n_samples`` is below 1.

    >>> [len(block) for block in rechunk([np.zeros((5, 2), np.float32), np.zeros((2, 2), np.float32)], 3)]
    [3, 3, 1]
    """
    if n_samples < 1:
        raise ValueError(f"a block holds at least 1 sample, not {n_samples}")
    return _rechunk(blocks, n_samples)


def _rechunk(blocks: Iterable[FloatArray], n_samples: int) -> Iterator[FloatArray]:
    held: list[FloatArray] = []
    n_held = 0
    for block in blocks:
        if not len(block):
            continue
        held.append(block)
        n_held += len(block)
        if n_held < n_samples:
            continue
        joined = _join(held)
        n_whole = n_held - n_held % n_samples
        for start in range(0, n_whole, n_samples):
            yield joined[start : start + n_samples]
        n_held -= n_whole
        held = [joined[n_whole:]] if n_held else []
    if held:
        yield _join(held)


def mean_of(streams: Sequence[Iterable[FloatArray]]) -> Iterator[FloatArray]:
    """The mean of sounds of one length, which may come in blocks of different sizes; of a single one itself.

    >>> ones, threes = np.ones((4, 1), np.float32), np.full((4, 1), 3, np.float32)
    >>> [block.tolist() for block in mean_of([[ones], [threes[:3], threes[3:]]])]
    [[[2.0], [2.0], [2.0], [2.0]]]
    """
    if len(streams) == 1:
        yield from streams[0]
        return
    for blocks in zip(*(rechunk(stream, MEAN_SAMPLES) for stream in streams), strict=True):
        yield np.mean(blocks, axis=0, dtype=np.float32)


def _join(blocks: list[FloatArray]) -> FloatArray:
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def fanned_out(items: Iterable[Item], n_consumers: int) -> list[Iterator[Item]]:
    """``items`` for several consumers that keep pace with each other.

    As `itertools.tee`, but an item is let go when the last consumer has it; tee keeps up to 57, which here are minutes
    of sound.

    >>> [list(numbers) for numbers in fanned_out(range(3), 2)]
    [[0, 1, 2], [0, 1, 2]]
    """
    source = iter(items)
    waiting: list[deque[Item]] = [deque() for _ in range(n_consumers)]

    def of(mine: "deque[Item]") -> Iterator[Item]:
        while True:
            if not mine:
                try:
                    item = next(source)
                except StopIteration:
                    return
                for queue in waiting:
                    queue.append(item)
            yield mine.popleft()

    return [of(queue) for queue in waiting]
