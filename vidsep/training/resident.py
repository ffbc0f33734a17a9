"""Recordings decoded once into one array of int16, small enough to live in the device's memory.

The array is cut into cells of `CELL` samples. Examples begin at cells, so a place is a number that 32 bits hold even
for hundreds of hours, and a crop is a few thousand rows of an array: devices read these at full speed.
"""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidsep.audio import FloatArray
from vidsep.corpora import Recording, load
from vidsep.errors import DatasetError
from vidsep.progress import Progress, Silent

logger = logging.getLogger(__name__)

CELL = 128  # samples
FULL_SCALE = 32767
FAINTEST_PEAK = 1e-3  # -60 dBFS: below, int16 holds little more than its own noise


@dataclass(frozen=True)
class Resident:
    """One kind of recordings: the cells ``(n_cells, n_channels, CELL)`` and where in them each recording stands.

    ``first_cells`` and ``lengths`` (in samples) have an entry for each of ``recordings``.
    """

    cells: npt.NDArray[np.int16]
    recordings: tuple[Recording, ...]
    first_cells: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    @property
    def seconds(self) -> float:
        """What the recordings last together, by their own account."""
        return sum(recording.seconds for recording in self.recordings)

    def only(self, chosen: Sequence[Recording]) -> "Resident":
        """The same cells, with ``chosen`` of the recordings as the only ones."""
        wanted = set(chosen)
        rows = [row for row, recording in enumerate(self.recordings) if recording in wanted]
        recordings = tuple(self.recordings[row] for row in rows)
        return Resident(self.cells, recordings, self.first_cells[rows], self.lengths[rows])


def decode(
    kind: str, recordings: Sequence[Recording], sample_rate: int, n_channels: int, progress: Progress | None = None
) -> Resident:
    """All ``recordings`` of a kind at ``sample_rate`` hertz. Those that cannot be used are left out, with a warning.

    Raises `DatasetError` if none is left.
    """
    pieces: list[npt.NDArray[np.int16]] = []
    kept: list[Recording] = []
    faults: list[str] = []

    def piece_of(recording: Recording) -> npt.NDArray[np.int16] | str:
        try:
            return _cells(load(recording, sample_rate, n_channels), recording)
        except DatasetError as error:
            return error.message

    total = sum(recording.seconds for recording in recordings)
    with (
        (progress or Silent()).stage(f"reading {kind}", total) as advance,
        ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool,
    ):
        for recording, piece in zip(recordings, pool.map(piece_of, recordings), strict=True):
            advance(recording.seconds)
            if isinstance(piece, str):
                faults.append(piece)
            else:
                pieces.append(piece)
                kept.append(recording)
    if faults:
        logger.warning("%s: %d of %d files are left out; %s", kind, len(faults), len(recordings), faults[0])
    if not kept:
        raise DatasetError(f"of the {len(recordings)} files of {kind} none can be used", "mend or replace them")
    counts = np.array([len(piece) for piece in pieces], np.int64)
    lengths = np.minimum(counts * CELL, [round(recording.seconds * sample_rate) for recording in kept])
    return Resident(np.concatenate(pieces), tuple(kept), np.cumsum(counts) - counts, np.maximum(lengths, 1))


def _cells(samples: FloatArray, recording: Recording) -> npt.NDArray[np.int16]:
    peak = float(np.abs(samples).max())
    if peak < FAINTEST_PEAK:
        raise DatasetError(f"{recording.path} is silent")
    n_cells = -(-len(samples) // CELL)
    padded = np.zeros((n_cells * CELL, samples.shape[1]), np.int16)
    padded[: len(samples)] = np.round(samples * (FULL_SCALE / max(1.0, peak)))
    return np.ascontiguousarray(padded.reshape(n_cells, CELL, -1).transpose(0, 2, 1))
