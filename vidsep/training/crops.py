"""Sounds cut out of resident recordings, and played faster or slower, on the device.

Symbols in the shapes: B examples, K channels of sources, L samples of a crop, N samples of an example.
"""

from typing import Any, TypeAlias

import numpy as np
from keras import ops

from vidsep.training.draw import SPEED_UNIT
from vidsep.training.resident import CELL, FULL_SCALE

Tensor: TypeAlias = Any


def crops(cells: Tensor, places: dict[str, Tensor], n_cells: int) -> Tensor:
    """``(B, S, C, n_cells * CELL)`` float32 from resident ``cells`` of C channels.

    ``places`` are the fields of `vidsep.training.places.Places`, each ``(B, S)``. Outside of its first and last sample
    a crop is zero.
    """
    n_all, n_channels = cells.shape[0], cells.shape[1]
    rows = ops.expand_dims(places["start"], -1) + np.arange(n_cells, dtype=np.int32)
    sound = ops.take(cells, ops.clip(rows, 0, n_all - 1), axis=0)
    sound = ops.transpose(ops.cast(sound, "float32") * (1 / FULL_SCALE), (0, 1, 3, 2, 4))
    sound = ops.reshape(sound, (*places["start"].shape, n_channels, n_cells * CELL))
    return sound * ops.expand_dims(_window(places, n_cells * CELL), 2)


def _window(places: dict[str, Tensor], length: int) -> Tensor:
    """``(B, S, length)``: one inside of the sound, zero outside, straight slopes between."""
    grid = np.arange(length, dtype=np.float32)
    first, stop, rise, fall = (
        ops.expand_dims(ops.cast(places[name], "float32"), -1) for name in ("first", "stop", "rise", "fall")
    )
    return ops.clip((grid - first + 1) / rise, 0, 1) * ops.clip((stop - grid) / fall, 0, 1)


def played(sound: Tensor, speed: Tensor, n_samples: int) -> Tensor:
    """``(B, K, L)`` at ``speed``, ``(B, K)`` in units of 1 / SPEED_UNIT: ``(B, K, n_samples)``.

    Tempo and pitch go together, as on tape. Between samples lies the cubic through the four around (Catmull and Rom):
    what that does to the highest octave belongs to the source, which is the same in mixture and stem.
    """
    n_rows, length = sound.shape[0] * sound.shape[1], sound.shape[2]
    grid = np.arange(n_samples, dtype=np.int32)
    speed = ops.reshape(speed, (n_rows, 1))
    rest = (grid % SPEED_UNIT) * speed
    place = (grid // SPEED_UNIT) * speed + rest // SPEED_UNIT
    t = ops.cast(rest % SPEED_UNIT, "float32") * (1 / SPEED_UNIT)
    flat = ops.reshape(sound, (-1,))
    row = np.arange(n_rows, dtype=np.int32)[:, None] * length
    before, here, after, later = (
        ops.take(flat, ops.clip(place + i, 0, length - 1) + row, axis=0) for i in (-1, 0, 1, 2)
    )
    slope, bend = (after - before) / 2, (later - here) / 2
    curve = here + t * (slope + t * (3 * (after - here) - 2 * slope - bend + t * (2 * (here - after) + slope + bend)))
    return ops.reshape(curve, (*sound.shape[:2], n_samples))
