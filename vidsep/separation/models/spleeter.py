"""Spleeter: Deezer's U-Nets for the stems of a song (Hennequin et al., JOSS 5 (50), 2020, doi:10.21105/joss.02154).

One U-Net per stem (Jansson et al., ISMIR 2017) hears segments of 512 frames and knows nothing of their neighbours, so
that the segments lie on one grid, from the first sample on. The squares of what it makes of them are the masks.

As in Deezer's published graphs the first frame starts with the sound: over the first 70 ms, which not all frames reach
that would have to, the stems fade in.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation.models.base import Cut, SeparationModel, Span
from vidsep.separation.models.spleeter_config import SpleeterConfig, config_from
from vidsep.separation.models.wiener import Spatial, SpatialSum, filtered
from vidsep.separation.weights import REINSTALL, Weights, fill


class Spleeter(SeparationModel):
    """A `SpleeterConfig` and its weights, compiled on first use."""

    def __init__(self, config: SpleeterConfig, weights: Weights) -> None:
        from vidsep.separation.models import spleeter_layers

        self.config, self.stems, self.sample_rate = config, config.stems, config.sample_rate
        self.studies = config.wiener
        segment, reach = config.n_frames * config.hop, config.n_fft - config.hop
        self.cut = Cut(segment, context=reach, grid=segment, overlap=reach)
        self.analysis = spleeter_layers.analysis(config)
        self.unets = spleeter_layers.unets(config)
        self.masking = spleeter_layers.masking(config)
        self.synthesis = spleeter_layers.synthesis(config)
        fill(self.unets, weights)
        self.coverage = coverage(config)

    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        if self.studies:
            return self.separate_knowing(self.study(zip(pieces, spans, strict=True)), pieces, spans)
        samples = pieces[:, self.cut.context :]
        real, imaginary, heard = self.analysis.predict_on_batch(samples)
        estimates = self.unets.predict_on_batch(heard)
        stems = np.asarray(self.masking.predict_on_batch([real, imaginary, *estimates]))
        return self._with_residual(stems, pieces, spans)

    def study(self, sound: Iterable[tuple[FloatArray, Span]]) -> Spatial:
        total = SpatialSum(len(self.stems), self.config.n_bins)
        for piece, _ in sound:
            if piece.any():
                total.add(*self._estimated(piece))
        return total.result()

    def separate_knowing(self, known: Any, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        n_missing = self.config.n_all_bins - self.config.n_bins
        stems = np.zeros((len(pieces), len(self.stems), self.cut.body + self.cut.overlap, pieces.shape[2]), np.float32)
        for i, piece in enumerate(pieces):
            if piece.any():
                spectra = np.pad(filtered(*self._estimated(piece), known), ((0, 0), (0, 0), (0, 0), (0, n_missing)))
                parts = [np.float32(spectra.real), np.float32(spectra.imag)]
                stems[i] = self.synthesis.predict_on_batch(parts)
        return self._with_residual(stems, pieces, spans)

    def _estimated(self, piece: FloatArray) -> tuple[npt.NDArray[np.complex128], npt.NDArray[np.float64]]:
        """Spectra of the mix ``(C, N, F)`` and of the stems, magnitudes ``(S, C, N, F)``, of one piece."""
        real, imaginary, heard = self.analysis.predict_on_batch(piece[None, self.cut.context :])
        estimates = np.stack([np.asarray(part)[0] for part in self.unets.predict_on_batch(heard)])
        mix = (np.asarray(real, np.float64) + 1j * np.asarray(imaginary))[0, ..., : self.config.n_bins]
        return mix, estimates.transpose(0, 3, 1, 2).astype(np.float64)

    def _with_residual(self, stems: FloatArray, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        """``stems`` ``(B, S, n_samples, 2)`` with their shares of what they leave of the sound.

        Where a piece's frames do not all reach, the sound counts as much as they do: the next piece has the rest.
        """
        if self.config.residual == "pass":
            return stems
        weight = np.repeat(self.coverage[None, :, None], len(pieces), axis=0)
        for i, span in enumerate(spans):
            if span.start >= self.cut.context:  # there is no piece before that has the rest
                weight[i, : self.cut.overlap] = 1
        residual = pieces[:, self.cut.context :] * weight - stems.sum(axis=1)
        whole: FloatArray = stems + residual[:, None] / len(self.stems)
        return whole


def coverage(config: SpleeterConfig) -> FloatArray:
    """What the squares of the windows of a segment's frames sum to, over what they sum to in its middle."""
    squares = np.square(np.sin(np.pi * np.arange(config.n_fft) / config.n_fft)) ** 2
    total = np.zeros((config.n_frames - 1) * config.hop + config.n_fft)
    for first in range(0, config.n_frames * config.hop, config.hop):
        total[first : first + config.n_fft] += squares
    weight: FloatArray = (total / total[len(total) // 2]).astype(np.float32)
    return weight


def load_spleeter(weights: Weights) -> Spleeter:
    """The networks that the header of ``weights`` describes, filled with them; `ModelError` if they do not fit."""
    try:
        config = config_from(weights.header["config"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the header of the weights is not a Spleeter's: {error}", REINSTALL) from error
    return Spleeter(config, weights)
