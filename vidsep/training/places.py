"""Where in the corpora the sounds of an example come from, and where in it they stand."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidsep.training.resident import CELL, Resident

FADE = 1323  # samples over which a sound that was cut out of a longer one comes and goes, 30 ms at 44.1 kHz
EVENNESS = 0.4  # how the time of a speaker, artist or class counts: 0 all are drawn alike, 1 by their time

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """Crops, one for each entry of arrays of one shape.

    A crop begins at cell ``start``; of its samples those from ``first`` to ``stop`` belong to the sound, which comes up
    within ``rise`` samples and goes down within ``fall``.
    """

    start: Ints
    first: Ints
    stop: Ints
    rise: Ints
    fall: Ints


@dataclass(frozen=True)
class Drawer:
    """Draws places in some recordings: a label by its time to the power `EVENNESS`, a recording of it by its time."""

    resident: Resident
    chances: Floats

    @classmethod
    def of(cls, resident: Resident, shortest: int = 0) -> "Drawer":
        """Draws from the recordings of at least ``shortest`` samples, from all where there is none."""
        labels = np.unique([recording.label for recording in resident.recordings], return_inverse=True)[1].ravel()
        lengths = resident.lengths.astype(np.float64)
        lengths = np.where(lengths >= shortest, lengths, 0) if (lengths >= shortest).any() else lengths
        of_label = np.maximum(np.bincount(labels, weights=lengths), 1)[labels]
        chances = lengths * of_label ** (EVENNESS - 1)
        return cls(resident, chances / chances.sum())

    def recordings(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Ints:
        """Numbers of recordings."""
        return rng.choice(len(self.chances), size=shape, p=self.chances)

    def places(self, rng: np.random.Generator, rows: Ints, at: Floats, longest: Floats) -> Places:
        """Where the recordings ``rows`` stand if they begin at sample ``at`` and last ``longest`` samples or less."""
        lengths = self.resident.lengths[rows]
        usable = np.minimum(lengths, np.maximum(longest, 1).astype(np.int64))
        skipped = (rng.random(rows.shape) * (lengths - usable + 1)).astype(np.int64) // CELL
        before = at.astype(np.int64) // CELL
        first = before * CELL
        return Places(
            start=self.resident.first_cells[rows] + skipped - before,
            first=first,
            stop=first + usable,
            rise=np.where(skipped > 0, FADE, 1),
            fall=np.where(skipped * CELL + usable < lengths, FADE, 1),
        )

    def lengths(self, rows: Ints) -> Ints:
        """Samples of recordings."""
        return self.resident.lengths[rows]
