"""Test signals as EBU Tech 3341 describes them."""

from collections.abc import Sequence

import numpy as np
from conftest import tone

from vidsep.audio import FloatArray


def steps(*parts: tuple[float, float], sample_rate: int = 48000, channels: int = 2) -> FloatArray:
    """1 kHz stretches one after the other, each ``(peak level in dBFS, seconds)``, without a jump of phase."""
    levels = [np.full(round(seconds * sample_rate), 10 ** (level / 20)) for level, seconds in parts]
    envelope = np.concatenate(levels)[:, None]
    whole = tone(1000, 0.0, len(envelope) / sample_rate, sample_rate, channels)
    return (envelope * whole[: len(envelope)]).astype(np.float32)


def cut(sound: FloatArray, sizes: Sequence[int]) -> list[FloatArray]:
    """``sound`` in blocks of the given sizes, again and again."""
    blocks, start, number = [], 0, 0
    while start < len(sound):
        size = sizes[number % len(sizes)]
        blocks.append(sound[start : start + size])
        start, number = start + size, number + 1
    return blocks
