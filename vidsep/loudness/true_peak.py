"""A streaming true-peak meter (ITU-R BS.1770-4, annex 2; EBU Tech 3341)."""

import numpy as np

from vidsep.audio import FloatArray, gain_to_db
from vidsep.loudness.grid import Grid
from vidsep.loudness.oversample import AFTER, N_TAPS, Oversampler


class TruePeakMeter:
    """Measures the highest true peak of sound that passes by in blocks; every channel counts, LFE too."""

    def __init__(self, sample_rate: int, n_channels: int) -> None:
        self._oversampler = Oversampler(sample_rate)
        self._grid = Grid(sample_rate, n_channels)
        self._tail: FloatArray = np.zeros((N_TAPS - 1, n_channels), np.float32)  # silence before the start
        self._peak = 0.0

    def add(self, block: FloatArray) -> None:
        """Hear the next block, shape ``(any, n_channels)``."""
        for second in self._grid.add(block):
            sound = np.concatenate([self._tail, second])
            self._peak = self._highest(sound)
            self._tail = sound[-(N_TAPS - 1) :]

    @property
    def true_peak_dbtp(self) -> float:
        """The highest true peak of all blocks so far, taken to end in silence, in dBTP; minus infinity for silence."""
        silence = np.zeros((AFTER, self._tail.shape[1]), np.float32)
        return gain_to_db(self._highest(np.concatenate([self._tail, self._grid.rest, silence])))

    def _highest(self, sound: FloatArray) -> float:
        """The larger of the highest peak so far and that of ``sound``, which is interpolated only where it can win."""
        if max(sound.max(), -sound.min()) * self._oversampler.bound <= self._peak:
            return self._peak
        return max(self._peak, float(self._oversampler.peaks(sound).max()))
