"""Tempo without pitch: the phase vocoder, on the device.

Flanagan and Golden, "Phase vocoder" (1966). Frames of the output stand as far from each other as those of the input,
so the phase of a bin goes on from one to the next by what it does between two frames of the input.
"""

from typing import Any, TypeAlias

import numpy as np
from keras import ops

Tensor: TypeAlias = Any

FRAME_SECONDS = 0.046
OVERLAP = 4
FAINT = 1e-4  # of the strongest bin of a frame
FAINTEST = 1e-4  # what 16-bit samples leave of silence in a bin is more


def frame_length(sample_rate: int) -> int:
    """Samples in a frame: the power of two nearest to `FRAME_SECONDS`, 2048 at 44.1 kHz."""
    return int(2 ** round(np.log2(FRAME_SECONDS * sample_rate)))


def stretched(sound: Tensor, tempo: Tensor, n_fft: int) -> Tensor:
    """``sound (R, L)`` at ``tempo (R,)`` times its own: sample n of the result is what was at ``tempo * n``.

    As long as the sound; what there was no sound for is silence.
    """
    hop = n_fft // OVERLAP
    n_rows, length = sound.shape
    n_frames = -(-length // hop) + 2 * OVERLAP - 1
    padded = ops.pad(sound, ((0, 0), (n_fft, (n_frames + OVERLAP - 1) * hop - n_fft - length)))
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    hops = ops.reshape(padded, (n_rows, -1, hop))
    frames = ops.concatenate([hops[:, i : i + n_frames] for i in range(OVERLAP)], axis=-1)
    real, imaginary = _stretched_frames(ops.rfft(frames * window), tempo)
    frames = ops.irfft((real, imaginary), fft_length=n_fft) * (window * 2 / OVERLAP)
    parts = ops.reshape(frames, (n_rows, n_frames, OVERLAP, hop))
    n_hops = -(-length // hop)
    first = OVERLAP  # the hop in which the sound starts
    total = sum(parts[:, first - i : first - i + n_hops, i] for i in range(OVERLAP))
    return ops.reshape(total, (n_rows, n_hops * hop))[:, :length]


def _stretched_frames(spectra: tuple[Tensor, Tensor], tempo: Tensor) -> tuple[Tensor, Tensor]:
    """Frames ``(R, N, F)`` of the stretched sound."""
    n_rows, n_frames, n_bins = spectra[0].shape
    centre = OVERLAP / 2  # the frame in the middle of which the sound starts
    place = centre + ops.expand_dims(tempo, 1) * (np.arange(n_frames, dtype=np.float32) - centre)
    inside = ops.cast(place < n_frames - 1, "float32")
    place = ops.clip(place, 0, n_frames - 1.001)
    whole = ops.floor(place)
    part = ops.expand_dims(place - whole, -1)
    rows = ops.cast(whole, "int32") + np.arange(n_rows, dtype=np.int32)[:, None] * n_frames
    real, imaginary = (ops.reshape(values, (-1, n_bins)) for values in spectra)
    a, b = (ops.take(values, rows, axis=0) for values in (real, imaginary))
    c, d = (ops.take(values, rows + 1, axis=0) for values in (real, imaginary))
    here, there = ops.sqrt(a * a + b * b), ops.sqrt(c * c + d * d)
    angle, advance = ops.arctan2(b, a), ops.arctan2(a * d - b * c, a * c + b * d)
    phase = _phase(angle, advance, _is_faint(here) | _is_faint(there))
    magnitude = ((1 - part) * here + part * there) * ops.expand_dims(inside, -1)
    return magnitude * ops.cos(phase), magnitude * ops.sin(phase)


def _is_faint(magnitude: Tensor) -> Tensor:
    return magnitude < FAINT * ops.max(magnitude, axis=-1, keepdims=True) + FAINTEST


def _phase(angle: Tensor, advance: Tensor, faint: Tensor) -> Tensor:
    """Phases ``(R, N, F)``: each that of the frame before and its ``advance``, or the frame's own ``angle`` after a
    bin was faint. The phase of faint bins is that of rounding errors, and must not be handed on to what comes later.

    The running sum is made by doubling: in round k each frame takes in the sum of the 2^k before it.
    """
    before = faint[:, :-1]
    starts = ops.cast(ops.concatenate([ops.ones_like(before[:, :1]), before | faint[:, 1:]], axis=1), "float32")
    steps = ops.concatenate([angle[:, :1], advance[:, :-1]], axis=1)
    total = starts * angle + (1 - starts) * steps
    distance = 1
    while distance < angle.shape[1]:
        going_on = 1 - starts[:, distance:]
        total = ops.concatenate([total[:, :distance], total[:, distance:] + going_on * total[:, :-distance]], axis=1)
        starts = ops.concatenate(
            [starts[:, :distance], ops.maximum(starts[:, distance:], starts[:, :-distance])], axis=1
        )
        distance *= 2
    return total
