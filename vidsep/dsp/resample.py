"""Sound at another sample rate: streaming, without delay, of exact length."""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from vidsep.audio import FloatArray

QUALITY = "HQ"  # soxr's 20-bit setting: error about -120 dB, passband to 0.91 of the lower rate's half


def resampled_length(n_samples: int, from_rate: int, to_rate: int) -> int:
    """How many samples a sound of ``n_samples`` has at another rate (both in hertz), rounded to the nearest.

    >>> resampled_length(48000, 48000, 44100)
    44100
    """
    return (2 * n_samples * to_rate + from_rate) // (2 * from_rate)


def resample(
    blocks: Iterable[FloatArray], n_channels: int, from_rate: int, to_rate: int, n_samples: int
) -> Iterator[FloatArray]:
    """The sound of ``blocks`` of shape ``(any, n_channels)`` at ``to_rate``, ``n_samples`` long in all.

    Rates are in hertz. Sample 0 stays at time 0. `resampled_length` is the natural ``n_samples``; what the sound
    is longer than that is cut, what it is shorter is filled with silence. The blocks that come out are of other
    sizes than those that went in. Equal rates pass the blocks on as they are.
    """
    left = n_samples
    for block in _converted(blocks, n_channels, from_rate, to_rate):
        if left == 0:
            return
        piece = block[:left]
        left -= len(piece)
        if len(piece):
            yield piece
    while left:
        piece = np.zeros((min(left, to_rate), n_channels), np.float32)
        left -= len(piece)
        yield piece


def _converted(blocks: Iterable[FloatArray], n_channels: int, from_rate: int, to_rate: int) -> Iterator[FloatArray]:
    if from_rate == to_rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(from_rate, to_rate, n_channels, dtype="float32", quality=QUALITY)
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.zeros((0, n_channels), np.float32), last=True)
