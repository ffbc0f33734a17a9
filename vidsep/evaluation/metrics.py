"""How far an estimate is from its reference, in dB, measured as both pass by in blocks.

Three measures, each over all samples of a clip. ``s`` is the reference, ``e`` the estimate, ``|x|²`` the energy of all
channels together:

- SNR: ``|s|² / |e - s|²``. What SDX and MVSEP call SDR (or global SDR), and the SDR of BSS Eval images (version 4)
  when its window is the whole clip. A wrong level counts as an error.
- SI-SDR: ``|a s|² / |e - a s|²`` with the factor ``a`` that makes it largest (Le Roux, Wisdom, Erdogan and Hershey,
  "SDR - half-baked or well done?", ICASSP 2019). One factor for all channels; no mean is taken off.
- SDR: ``|h * s|² / |e - h * s|²`` with the filter ``h`` of 512 taps, one a channel, that makes it largest: the SDR of
  BSS Eval sources (Vincent, Gribonval and Févotte, IEEE TASLP 14(4), 2006). It forgives equalisation.

Values stop at `CEILING_DB` either way, so that a perfect estimate has a mean with others. Against a silent reference
nothing is measured but the estimate's level.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray
from vidsep.evaluation.filtered import Correlations, Doubles

CEILING_DB = 100.0  # well above what 24-bit sound of a usual level can tell from equality, so nobody needs more
SILENT_DBFS = -70.0  # mean square of a clip below which a stem counts as silent: the absolute gate of BS.1770-4


@dataclass(frozen=True)
class Scores:
    """One estimate of one stem of one clip. What has no meaning (the reference is silent) is None."""

    si_sdr_db: float | None
    snr_db: float | None
    sdr_db: float | None
    level_dbfs: float  # of the estimate: mean square of all channels; -inf for silence


class Comparison:
    """Compares ``n_estimates`` of one stem with its reference."""

    def __init__(self, n_channels: int, n_estimates: int = 1) -> None:
        self._correlations = Correlations(n_channels, n_estimates)
        self._reference = 0.0
        self._products, self._energies, self._errors = np.zeros((3, n_estimates))
        self._n_values = 0

    def add(self, reference: FloatArray, estimates: Sequence[FloatArray]) -> None:
        """Hear the next block of the reference and of each estimate, shape ``(n_samples, n_channels)``."""
        true = reference.astype(np.float64)
        heard = [estimate.astype(np.float64) for estimate in estimates]
        self._n_values += true.size
        self._reference += _inner(true, true)
        for i, estimate in enumerate(heard):
            error = estimate - true
            self._products[i] += _inner(true, estimate)
            self._energies[i] += _inner(estimate, estimate)
            self._errors[i] += _inner(error, error)
        self._correlations.add(true, heard)

    @property
    def level_dbfs(self) -> float:
        """Mean square of the reference in dB; minus infinity for silence."""
        return _level(self._reference, self._n_values)

    def scores(self) -> list[Scores]:
        """The scores of each estimate over all blocks so far."""
        levels = [_level(energy, self._n_values) for energy in self._energies]
        if self.level_dbfs < SILENT_DBFS:
            return [Scores(None, None, None, level) for level in levels]
        explained = self._correlations.explained()
        return [
            Scores(
                self._si_sdr_db(i),
                _ratio_db(self._reference, self._errors[i]),
                _ratio_db(explained[i], self._energies[i] - explained[i]),
                level,
            )
            for i, level in enumerate(levels)
        ]

    def _si_sdr_db(self, i: int) -> float:
        target = self._products[i] ** 2 / self._reference
        # From the error and not from the estimate: near equality the difference of large numbers would be rounding
        along = self._products[i] - self._reference
        error = self._errors[i] - along**2 / self._reference
        return _ratio_db(target, error)


def si_sdr_db(reference: FloatArray, estimate: FloatArray) -> float | None:
    """SI-SDR of sound in memory, both ``(n_samples, n_channels)``; None if the reference is silent.

    >>> import numpy as np
    >>> voice, hum = np.array([[0.5, -0.5] * 50], np.float32).T, np.full((100, 1), 0.05, np.float32)
    >>> round(si_sdr_db(voice, 3 * (voice + hum)), 2)
    20.0
    """
    return _compared(reference, estimate).si_sdr_db


def snr_db(reference: FloatArray, estimate: FloatArray) -> float | None:
    """SNR of sound in memory; see `si_sdr_db`."""
    return _compared(reference, estimate).snr_db


def sdr_db(reference: FloatArray, estimate: FloatArray) -> float | None:
    """SDR of sound in memory; see `si_sdr_db`."""
    return _compared(reference, estimate).sdr_db


def _compared(reference: FloatArray, estimate: FloatArray) -> Scores:
    comparison = Comparison(reference.shape[1])
    comparison.add(reference, [estimate])
    return comparison.scores()[0]


def _inner(a: Doubles, b: Doubles) -> float:
    return float(np.einsum("ij,ij->", a, b))  # in this thread: with one of BLAS' for each core, busy machines crawl


def _ratio_db(target: float, error: float) -> float:
    if error <= 0:
        return CEILING_DB if target > 0 else -CEILING_DB
    if target <= 0:
        return -CEILING_DB
    return float(np.clip(10 * math.log10(target / error), -CEILING_DB, CEILING_DB))


def _level(energy: float, n_values: int) -> float:
    return 10 * math.log10(energy / n_values) if energy > 0 else -math.inf
