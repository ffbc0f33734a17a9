"""Multichannel Wiener filtering beside norbert, which Spleeter uses."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from vidsep.separation.models.wiener import EPSILON, SpatialSum, filtered

Complex: TypeAlias = npt.NDArray[np.complex128]
Real: TypeAlias = npt.NDArray[np.float64]

STEMS, FRAMES, BINS = 3, 80, 20


def spectra(scale: float) -> tuple[Complex, Real]:
    """A mix ``(2, N, F)`` and magnitudes of stems ``(S, 2, N, F)``."""
    rng = np.random.default_rng(3)
    shape = (STEMS, 2, FRAMES, BINS)
    stems = scale * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    stems[:, 1] *= np.array([0.1, 0.5, 2])[:, None, None]  # each from another direction
    return stems.sum(axis=0), np.abs(stems + 0.3 * scale * rng.standard_normal(shape))


def separated(mix: Complex, estimates: Real, *edges: int) -> Complex:
    total = SpatialSum(STEMS, BINS)
    for start, stop in zip((0, *edges), (*edges, FRAMES), strict=True):
        total.add(mix[:, start:stop], estimates[:, :, start:stop])
    return filtered(mix, estimates, total.result())


@pytest.mark.parametrize("scale", [0.01, 1, 300])
def test_it_is_that_of_norbert(scale: float) -> None:
    norbert = pytest.importorskip("norbert")
    mix, estimates = spectra(scale)
    judge = norbert.wiener(estimates.transpose(2, 3, 1, 0), mix.transpose(1, 2, 0).copy(), eps=EPSILON)
    np.testing.assert_allclose(separated(mix, estimates), judge.transpose(3, 2, 0, 1), atol=1e-7 * scale)


def test_it_does_not_matter_how_the_sound_was_cut() -> None:
    mix, estimates = spectra(1)
    np.testing.assert_allclose(separated(mix, estimates, 1, 50), separated(mix, estimates), atol=1e-12)


def test_the_stems_sum_to_the_mix() -> None:
    mix, estimates = spectra(1)
    np.testing.assert_allclose(separated(mix, estimates).sum(axis=0), mix, atol=0.01)


def test_silence_gives_silence() -> None:
    mix, estimates = spectra(1)
    assert not separated(0 * mix, 0 * estimates).any()
