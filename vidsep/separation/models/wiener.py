"""Multichannel Wiener filtering: the channels of a stem are separated together, by what they share over a whole sound.

Each stem is a Gaussian process with a power in each frame and bin and one spatial covariance in each bin, taken from
first estimates: one step of the EM of Nugraha, Liutkus and Vincent (EUSIPCO 2016), as norbert's ``wiener`` does it,
with norbert's constants. Symbols in the shapes: S stems, C channels, N frames, F bins.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Complex: TypeAlias = npt.NDArray[np.complex128]
Real: TypeAlias = npt.NDArray[np.float64]

EPSILON = float(np.finfo(np.float32).eps)  # norbert's for spectra in single precision
LOUDEST = 10.0  # norbert scales spectra with larger values down to it
FRAMES = 64  # at once


class Spatial(NamedTuple):
    """What is known of a sound: the stems' spatial covariances ``(S, F, 2, 2)``, and what spectra are divided by."""

    covariances: Complex
    scale: float


class SpatialSum:
    """Adds up what `Spatial` is made of while a sound passes by in pieces."""

    def __init__(self, n_stems: int, n_bins: int) -> None:
        self._covariances = np.zeros((n_stems, n_bins, 2, 2), np.complex128)
        self._powers = np.zeros((n_stems, n_bins))
        self._peak = 0.0

    def add(self, mix: Complex, estimates: Real) -> None:
        """Hear spectra of the mix ``(C, N, F)`` and of the stems, magnitudes ``(S, C, N, F)``."""
        stems = first_estimates(mix, estimates)
        self._covariances += np.einsum("scnf,sdnf->sfcd", stems, stems.conj())
        self._powers += power(stems).sum(axis=1)
        self._peak = max(self._peak, float(np.abs(mix).max(initial=0)))

    def result(self) -> Spatial:
        """What is known after all of the sound."""
        scale = max(1.0, self._peak / LOUDEST)
        weights = self._powers / scale**2 + EPSILON
        return Spatial(self._covariances / scale**2 / weights[..., None, None], scale)


def first_estimates(mix: Complex, estimates: Real) -> Complex:
    """The stems' spectra ``(S, C, N, F)`` under masks that are shares in the sum of ``estimates``."""
    stems: Complex = estimates / (estimates.sum(axis=0) + EPSILON) * mix
    return stems


def power(stems: Complex) -> Real:
    """The channels' mean power, ``(S, N, F)`` of ``(S, C, N, F)``."""
    powers: Real = (np.square(stems.real) + np.square(stems.imag)).mean(axis=1)
    return powers


def filtered(mix: Complex, estimates: Real, spatial: Spatial) -> Complex:
    """The stems' spectra ``(S, C, N, F)`` from those of the mix ``(C, N, F)`` and magnitudes ``(S, C, N, F)``."""
    parts = []
    for first in range(0, mix.shape[1], FRAMES):
        part = slice(first, first + FRAMES)
        parts.append(_filtered(mix[:, part], estimates[:, :, part], spatial))
    return np.concatenate(parts, axis=2)


def _filtered(mix: Complex, estimates: Real, spatial: Spatial) -> Complex:
    powers = power(first_estimates(mix, estimates)) / spatial.scale**2
    covariance = np.einsum("snf,sfcd->cdnf", powers, spatial.covariances)
    left, right = covariance[0, 0] + np.sqrt(EPSILON), covariance[1, 1] + np.sqrt(EPSILON)
    cross, back = covariance[0, 1], covariance[1, 0]
    determinant = left * right - cross * back
    whitened = np.stack([right * mix[0] - cross * mix[1], left * mix[1] - back * mix[0]]) / determinant
    stems: Complex = powers[:, None] * np.einsum("sfcd,dnf->scnf", spatial.covariances, whitened)
    return stems
