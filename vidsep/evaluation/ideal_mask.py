"""The ideal ratio mask: what masks can reach that know the stems, a ceiling beside which a network's score is read.

Each bin of the mixture's STFT is shared among the stems in proportion to their magnitudes there (the oracle IRM1 of
SiSEC 2018, Stöter, Liutkus and Ito, LVA/ICA 2018). The STFT is that of the built-in network, 2048 samples with a hop
of 512 and the square root of a Hann window both ways, at the clip's own rate. Channels are masked one by one.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.fft

from vidsep.audio import FloatArray, Samples

N_FFT = 2048
HOP = 512
TINY = 1e-9  # beside magnitudes: where all stems are silent, the mask is none

Spectra: TypeAlias = npt.NDArray[np.complex64]


def ideal_block(mixture: Samples, stems: Sequence[Samples], start: int, stop: int) -> list[FloatArray]:
    """What the ideal masks make of the samples ``start:stop`` of ``mixture``: one estimate for each stem.

    The blocks of a sound fit together without a seam if ``start`` is a multiple of `HOP`, as frames then stand in the
    same places. Raises ValueError if it is not.
    """
    if start % HOP:
        raise ValueError(f"blocks start at multiples of {HOP} samples, not at {start}")
    heard = _stft(_around(mixture, start, stop))
    magnitudes = [np.abs(_stft(_around(stem, start, stop))) for stem in stems]
    total = np.sum(magnitudes, axis=0) + TINY
    return [_istft(heard * (magnitude / total), stop - start) for magnitude in magnitudes]


def _around(samples: Samples, start: int, stop: int) -> FloatArray:
    """The samples with all that shares a frame with them; zeros beyond the sound's ends; a whole number of hops."""
    n_hops = -(-(stop - start) // HOP)
    first, last = start - (N_FFT - HOP), start + n_hops * HOP + N_FFT - HOP
    inside = samples[max(0, first) : min(last, samples.shape[0])]
    before = max(0, -first)
    return np.pad(inside, ((before, last - first - before - len(inside)), (0, 0)))


def _window() -> FloatArray:
    return np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)


def _stft(samples: FloatArray) -> Spectra:
    """Spectra ``(n_frames, n_channels, n_bins)``."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT, axis=0)[::HOP]
    spectra: Spectra = scipy.fft.rfft(frames * _window())
    return spectra


def _istft(spectra: Spectra, n_samples: int) -> FloatArray:
    """Sound ``(n_samples, n_channels)``, from the first sample on that all its frames cover."""
    overlap = N_FFT // HOP
    frames = scipy.fft.irfft(spectra, N_FFT) * (_window() * 2 / overlap)
    hops = frames.reshape(*frames.shape[:2], overlap, HOP)
    n_hops = len(frames) - overlap + 1
    total = sum(hops[overlap - 1 - i : overlap - 1 - i + n_hops, :, i] for i in range(overlap))
    sound: FloatArray = np.moveaxis(np.asarray(total), 1, 2).reshape(n_hops * HOP, -1)
    return sound[:n_samples].astype(np.float32)
