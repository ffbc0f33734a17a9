"""Sound too long for memory: float32 samples in a work file, written once from end to end, then read by slices.

Plain reads and not a memory map, so that resident memory stays that of one block however long the film is.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import OutputError

BYTES_PER_SAMPLE = 4


class SpooledSamples:
    """`vidsep.audio.Samples` kept in a file of interleaved little-endian float32.

    Slices are read on demand and may be read from several threads at once.
    """

    def __init__(self, path: Path, n_channels: int) -> None:
        self.path = path
        self.shape = (path.stat().st_size // (BYTES_PER_SAMPLE * n_channels), n_channels)

    def __getitem__(self, key: slice, /) -> FloatArray:
        start, stop, step = key.indices(self.shape[0])
        if step != 1:
            raise ValueError("spooled sound is read forwards and without gaps")
        count = max(0, stop - start) * self.shape[1]
        offset = start * self.shape[1] * BYTES_PER_SAMPLE
        flat = np.fromfile(self.path, dtype="<f4", count=count, offset=offset)
        return flat.astype(np.float32, copy=False).reshape(-1, self.shape[1])


def spool(blocks: Iterable[FloatArray], path: Path, n_channels: int) -> SpooledSamples:
    """Write ``blocks`` of shape ``(any, n_channels)`` to ``path`` and give them back as sliceable samples.

    Raises `OutputError` when the disk is full or the folder cannot be written.
    """
    try:
        with path.open("wb") as file:
            for block in blocks:
                block.astype("<f4", copy=False).tofile(file)
    except OSError as error:
        raise OutputError(
            f"cannot keep sound in the work folder {path.parent}: {error.strerror or error}",
            "free some space or set TMPDIR to a folder on a larger disk",
        ) from error
    return SpooledSamples(path, n_channels)
