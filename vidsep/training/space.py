"""Pan, width and rooms, on the device.

Symbols in the shapes: B examples, F bins. Spectra are pairs ``(real, imaginary)``.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from vidsep.audio import FloatArray
from vidsep.training.draw import NOISE_SAMPLES, ROOM_SECONDS

Tensor: TypeAlias = Any
Complex: TypeAlias = tuple[Tensor, Tensor]

DECAY_60_DB = math.log(1000)  # what an exponent loses while amplitude falls by 60 dB
NOISE_ROW = 256  # samples; rooms begin at multiples


def room_length(sample_rate: int) -> int:
    """Samples of a room's response, a multiple of `NOISE_ROW`."""
    return math.ceil(ROOM_SECONDS * sample_rate / NOISE_ROW) * NOISE_ROW


def room_noise() -> FloatArray:
    """What rooms are made of, ``(rows, 2, NOISE_ROW)``: the same on every machine."""
    shape = (NOISE_SAMPLES // NOISE_ROW, 2, NOISE_ROW)
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def rooms(noise: Tensor, numbers: dict[str, Tensor], sample_rate: int, n_fft: int) -> Complex:
    """Spectra ``(B, 2, F)`` of reverberation of unit energy, left and right: noise that dies away exponentially."""
    length = room_length(sample_rate)
    n_rows = length // NOISE_ROW
    rows = ops.expand_dims(numbers["room"] // NOISE_ROW, -1) + np.arange(n_rows, dtype=np.int32)
    taken = ops.transpose(ops.take(noise, rows % (NOISE_SAMPLES // NOISE_ROW), axis=0), (0, 2, 1, 3))
    seconds = (np.arange(length) / sample_rate).astype(np.float32)
    decay = ops.exp(-DECAY_60_DB * seconds / ops.reshape(numbers["decay_seconds"], (-1, 1, 1)))
    response = ops.reshape(taken, (-1, 2, length)) * decay
    response = response / ops.sqrt(ops.sum(ops.square(response), axis=-1, keepdims=True))
    real, imaginary = ops.rfft(ops.pad(response, ((0, 0), (0, 0), (0, n_fft - length))))
    return real, imaginary


def reverberated(dry: Complex, room: Complex, wet: Tensor) -> Complex:
    """``dry (B, 2, F)`` with ``wet (B,)`` times its sound in a room."""
    amount = ops.reshape(wet, (-1, 1, 1))
    real, imaginary = 1 + amount * room[0], amount * room[1]
    return dry[0] * real - dry[1] * imaginary, dry[0] * imaginary + dry[1] * real


def panned(pan: Tensor) -> Tensor:
    """Factors ``(..., 2)`` for left and right of a mono sound; ``pan`` from -pi/4, left, to pi/4, right.

    The power of both together is always twice that of the sound; in the centre each is as loud as it.
    """
    angle = math.pi / 4 + pan
    return math.sqrt(2) * ops.stack([ops.cos(angle), ops.sin(angle)], axis=-1)


def widened(left: Tensor, right: Tensor, width: Tensor) -> tuple[Tensor, Tensor]:
    """Stereo with its sides ``width`` times as loud; zero is mono."""
    mid, side = (left + right) / 2, (left - right) / 2 * width
    return mid + side, mid - side
