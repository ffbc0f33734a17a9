"""Sound too long for memory: float32 samples in a work file, written once from end to end, then read by slices.

Plain reads and not a memory map, so that resident memory stays that of one block however long the film is.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import OutputError

BYTES_PER_SAMPLE = 4
GIGABYTE = 10**9
# What is left of a disk for others: a twentieth of it, or this.
RESERVE_BYTES = GIGABYTE
LOOK_BYTES = GIGABYTE // 4  # written between two looks at what is left
LARGER_DISK = "free some space or set TMPDIR to a folder on a larger disk"


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

    Raises `OutputError` when the disk is full but for a reserve, or the folder cannot be written.
    """
    try:
        with path.open("wb") as file:
            for block in _while_there_is_room(blocks, path.parent):
                file.write(np.ascontiguousarray(block, "<f4").data)
    except OSError as error:
        raise OutputError(
            f"cannot keep sound in the work folder {path.parent}: {error.strerror or error}", LARGER_DISK
        ) from error
    return SpooledSamples(path, n_channels)


def check_room(folder: Path, n_samples: float) -> None:
    """Raise `OutputError` unless ``folder`` has room for so many samples, all channels counted, and the reserve."""
    needed, free = n_samples * BYTES_PER_SAMPLE, _free_bytes(folder)
    if needed > free:
        raise OutputError(
            f"the sound takes {needed / GIGABYTE:.2f} GB in the work folder {folder}, which has room for "
            f"{free / GIGABYTE:.2f} GB",
            LARGER_DISK,
        )


def _while_there_is_room(blocks: Iterable[FloatArray], folder: Path) -> Iterator[FloatArray]:
    n_bytes = 0
    for block in blocks:
        n_bytes += block.nbytes
        if n_bytes > LOOK_BYTES:
            n_bytes = 0
            check_room(folder, LOOK_BYTES / BYTES_PER_SAMPLE)
        yield block


def _free_bytes(folder: Path) -> float:
    with suppress(OSError):
        disk = shutil.disk_usage(folder)
        return max(0.0, disk.free - min(RESERVE_BYTES, disk.total / 20))
    return float("inf")  # a system that does not tell
