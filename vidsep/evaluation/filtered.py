"""How much of an estimate a short filter can make of its reference (the "target" of BSS Eval's SDR).

The best filter solves the normal equations of least squares. They need only the correlations of reference and
estimate at lags below the filter's length, and those are sums over blocks: the sound need not be in memory. Reference:
Vincent, Gribonval and Févotte, IEEE TASLP 14(4), 2006; 512 taps as in BSS Eval 3 and 4.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.linalg

Doubles: TypeAlias = npt.NDArray[np.float64]
Spectra: TypeAlias = npt.NDArray[np.complex128]

N_TAPS = 512
N_FFT = 8192
N_NEW = N_FFT - N_TAPS + 1  # samples a transform takes on: none of the lags in question wraps around
LOADING = 1e-11  # of the energy, as noise in the reference: one without treble leaves its filter undetermined


class Correlations:
    """Correlations of a reference with itself and with several estimates, channel by channel."""

    def __init__(self, n_channels: int, n_estimates: int) -> None:
        bins = N_FFT // 2 + 1
        self._own: Spectra = np.zeros((n_channels, bins), np.complex128)
        self._cross: Spectra = np.zeros((n_estimates, n_channels, bins), np.complex128)
        self._tail: Doubles = np.zeros((N_TAPS - 1, n_channels))  # silence before the start

    def add(self, reference: Doubles, estimates: Sequence[Doubles]) -> None:
        """Hear the next block, each of shape ``(n_samples, n_channels)``."""
        past = np.concatenate([self._tail, reference])
        self._tail = past[len(past) - len(self._tail) :]
        for start in range(0, len(reference), N_NEW):
            stop = min(start + N_NEW, len(reference))
            heard = np.conj(_spectrum(past[start : stop + N_TAPS - 1]))
            self._own += heard * _spectrum(reference[start:stop])
            for cross, estimate in zip(self._cross, estimates, strict=True):
                cross += heard * _spectrum(estimate[start:stop])

    def explained(self) -> Doubles:
        """Energy of the best filtered reference in each estimate, summed over channels, shape ``(n_estimates,)``."""
        energies = np.zeros(len(self._cross))
        for channel, own in enumerate(self._own):
            column = _lags(own)
            if column[0] <= 0:
                continue
            column[0] *= 1 + LOADING
            products = np.stack([_lags(cross[channel]) for cross in self._cross], axis=1)
            filters = scipy.linalg.solve_toeplitz(column, products)
            energies += np.einsum("ij,ij->j", products, filters)
        return energies


def _spectrum(samples: Doubles) -> Spectra:
    """Of samples ``(any, n_channels)`` up to `N_FFT`, shape ``(n_channels, n_bins)``."""
    spectrum: Spectra = scipy.fft.rfft(samples, N_FFT, axis=0).T
    return spectrum


def _lags(spectrum: Spectra) -> Doubles:
    """Correlations at lags 0 to ``N_TAPS - 1``."""
    whole: Doubles = scipy.fft.irfft(spectrum, N_FFT)
    # The reference was heard from N_TAPS - 1 samples before the estimate on, and the transform's shifts are a circle
    return whole[(np.arange(N_TAPS) - (N_TAPS - 1)) % N_FFT]
