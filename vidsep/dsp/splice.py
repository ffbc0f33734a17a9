"""Put new sound into ranges of old sound, without a click and without touching the rest."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from vidsep.audio import FloatArray, Samples


def splice(
    old: Samples, new: Iterable[FloatArray], ranges: Sequence[tuple[int, int]], fade_samples: int
) -> Iterator[FloatArray]:
    """``old`` with ``new`` in its place inside ``ranges`` of ``(first, past_last)`` samples.

    ``new`` is as long as ``old``. The joins are linear crossfades of ``fade_samples`` that lie inside the ranges: old
    and new are alike there, so their amplitudes add up to one. Outside the ranges the old samples come out bit for bit.
    """
    position = 0
    for block in new:
        before = old[position : position + len(block)]
        weight = _weight(position, len(block), ranges, fade_samples)[:, None]
        position += len(block)
        yield before + weight * (block - before) if weight.any() else before


def _weight(start: int, count: int, ranges: Sequence[tuple[int, int]], fade_samples: int) -> FloatArray:
    """How much of the new sound each of ``count`` samples from ``start`` on takes, 0 to 1."""
    n = np.arange(start, start + count)
    weight = np.zeros(count, np.float32)
    for first, past_last in ranges:
        ramp = (np.minimum(n - first, past_last - 1 - n) + 1) / (fade_samples + 1)
        weight = np.maximum(weight, np.clip(ramp, 0, 1).astype(np.float32))
    return weight
