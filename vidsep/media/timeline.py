"""Putting decoded sound on its timeline: the index of a sample is its time."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from vidsep.audio import FloatArray

# Timestamps are rounded (1 ms in Matroska and FLV) and those of live recordings jitter: one frame that is off says
# nothing, all of so many in a row do. At 48 kHz they last 170 ms in AAC.
FRAMES_THAT_AGREE = 8
SHIFT_SECONDS = 0.002  # sound that is off by more, from one frame to the next, was moved: films were joined there
DRIFT_SECONDS = 0.010  # a clock that runs slower or faster than the sound's is followed in steps of this length
# Vorbis has long and short blocks, and what ffmpeg tells of their times is off by up to (2048 - 256) / 4 samples.
VORBIS_SECONDS = 0.015
MOST_CUT = 0.05  # timestamps that would take away more than this share of the sound so far are broken
SILENCE_SECONDS = 1.0  # a long gap is handed on in blocks of this length


def without_gaps(
    frames: Iterable[tuple[int, FloatArray]], sample_rate: int, n_samples_at_most: float, least_seconds: float = 0.0
) -> Iterator[FloatArray]:
    """The sound of ``frames``, with silence where their timestamps leave a gap and cut where they overlap.

    ``frames`` are (time of the first sample in samples, samples of shape ``(n_samples, n_channels)``). Gaps and
    overlaps below ``least_seconds`` are not believed, nor is a gap that would make the sound longer than
    ``n_samples_at_most``, nor overlaps by which much would be lost.
    """
    first: int | None = None
    position = n_cut = off_before = 0
    for time, samples, coming in _with_next(frames):
        first = time if first is None else first
        off = time - first - position
        gap = _agreed([off, *(later - first - position for later in coming)])
        was_moved = len(coming) >= FRAMES_THAT_AGREE - 1 and abs(off - off_before) > SHIFT_SECONDS * sample_rate
        least = max(least_seconds, SHIFT_SECONDS if was_moved else DRIFT_SECONDS) * sample_rate
        off_before = off
        if gap > least and position + gap <= n_samples_at_most:
            yield from _silence(gap, samples.shape[1], round(SILENCE_SECONDS * sample_rate))
            position += gap
            off_before -= gap
        elif -gap > least and n_cut - gap <= MOST_CUT * position:
            n_cut += min(-gap, len(samples))
            samples = samples[-gap:]
            off_before -= gap
        yield samples
        position += len(samples)


def _with_next(frames: Iterable[tuple[int, FloatArray]]) -> Iterator[tuple[int, FloatArray, list[int]]]:
    """Each frame, and the times at which those behind it would begin if it began as they say.

    A later frame that begins where the sound before it ends votes for the time of this one.
    """
    iterator = iter(frames)
    held = deque(islice(iterator, FRAMES_THAT_AGREE))
    while held:
        time, samples = held.popleft()
        length, votes = len(samples), []
        for later, more in held:
            votes.append(later - length)
            length += len(more)
        yield time, samples, votes
        held.extend(islice(iterator, 1))


def _agreed(offs: list[int]) -> int:
    """How far all are off at least, on the same side; 0 where they do not agree."""
    return max(0, min(offs)) + min(0, max(offs))


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
