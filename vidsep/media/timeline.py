"""Putting decoded sound on its timeline: the index of a sample is its time."""

from collections.abc import Iterable, Iterator

import numpy as np

from vidsep.audio import FloatArray

# Timestamps are rounded (1 ms in Matroska and FLV) and those of live recordings jitter; one lost frame is longer than
# this in every codec (20 ms in Opus and AMR, 21 ms in AAC at 48 kHz).
GAP_SECONDS = 0.010
SILENCE_SECONDS = 1.0  # a long gap is handed on in blocks of this length


def without_gaps(
    frames: Iterable[tuple[int, FloatArray]], sample_rate: int, n_samples_at_most: float
) -> Iterator[FloatArray]:
    """The sound of ``frames`` with silence where their timestamps leave a gap.

    ``frames`` are (time of the first sample in samples, samples of shape ``(n_samples, n_channels)``). Sound whose
    timestamps overlap is kept whole: none is dropped. A gap that would make the sound longer than
    ``n_samples_at_most`` is a broken timestamp and left out.
    """
    first: int | None = None
    position = 0
    for time, samples in frames:
        first = time if first is None else first
        gap = time - first - position
        if gap > GAP_SECONDS * sample_rate and position + gap <= n_samples_at_most:
            yield from _silence(gap, samples.shape[1], round(SILENCE_SECONDS * sample_rate))
            position += gap
        yield samples
        position += len(samples)


def _silence(n_samples: int, n_channels: int, step: int) -> Iterator[FloatArray]:
    for start in range(0, n_samples, step):
        yield np.zeros((min(step, n_samples - start), n_channels), np.float32)


def in_blocks(pieces: Iterable[FloatArray], n_samples: int) -> Iterator[FloatArray]:
    """The same sound in blocks of at least ``n_samples`` (the last one shorter), for fewer and larger writes."""
    held: list[FloatArray] = []
    for piece in pieces:
        held.append(piece)
        if sum(map(len, held)) >= n_samples:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)
