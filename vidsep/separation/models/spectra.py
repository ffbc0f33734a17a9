"""Samples to spectra and back, features and masks, in operations that Keras compiles for any backend.

Complex numbers are pairs ``(real, imaginary)`` of tensors. Symbols in the shapes: B batch, C channels (mid, side),
S stems, N frames, F bins, T steps of ``patch`` frames.
"""

from typing import Any, TypeAlias

import numpy as np
from keras import ops

from vidsep.audio import FloatArray
from vidsep.separation.models.band_config import PARTS, BandMixerConfig
from vidsep.separation.models.base import CHANNELS

Tensor: TypeAlias = Any
Complex: TypeAlias = tuple[Tensor, Tensor]

COMPRESSION = 0.4  # magnitudes to this power, so that quiet partials are seen beside loud ones
FAINTEST = 1e-4  # added to magnitudes before compression: what is below is left as it is


def window(n_fft: int) -> FloatArray:
    """Square root of a periodic Hann window: used on the way in and out, squares of it overlap to a constant."""
    return np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)


def mid_side(samples: Tensor) -> Tensor:
    """Left and right ``(B, n_samples, 2)`` to mid and side ``(B, C, n_samples)``."""
    left, right = samples[..., 0], samples[..., 1]
    return ops.stack([(left + right) / 2, (left - right) / 2], axis=1)


def left_right(channels: Tensor) -> Tensor:
    """Mid and side ``(..., C, n_samples)`` to left and right ``(..., n_samples, 2)``."""
    mid, side = channels[..., 0, :], channels[..., 1, :]
    return ops.stack([mid + side, mid - side], axis=-1)


def stft(channels: Tensor, config: BandMixerConfig) -> Complex:
    """``(B, C, n_samples)`` to spectra ``(B, C, N, F)``; frames start every hop, the first at sample 0."""
    overlap = config.n_fft // config.hop
    n_hops = channels.shape[-1] // config.hop
    n_frames = n_hops - overlap + 1
    hops = ops.reshape(channels, (-1, CHANNELS, n_hops, config.hop))
    frames = ops.concatenate([hops[:, :, i : i + n_frames] for i in range(overlap)], axis=-1)
    real, imaginary = ops.rfft(frames * window(config.n_fft))
    return real, imaginary


def istft(spectra: Complex, n_stems: int, config: BandMixerConfig) -> Tensor:
    """Spectra ``(B, S, C, N, F)`` to ``(B, S, C, n_samples)``, only the samples that all their frames cover."""
    overlap = config.n_fft // config.hop
    n_frames = spectra[0].shape[-2]
    frames = ops.irfft(spectra, fft_length=config.n_fft) * (window(config.n_fft) * 2 / overlap)
    hops = ops.reshape(frames, (-1, n_stems, CHANNELS, n_frames, overlap, config.hop))
    n_hops = n_frames - overlap + 1
    total = sum(hops[..., overlap - 1 - i : overlap - 1 - i + n_hops, i, :] for i in range(overlap))
    return ops.reshape(total, (-1, n_stems, CHANNELS, n_hops * config.hop))


def features(spectra: Complex, level: Tensor, config: BandMixerConfig) -> Tensor:
    """Spectra ``(B, C, N, F)`` over a level ``(B, T)`` to what the network sees, ``(B, T, F, n_features)``.

    What converters of the sample rate and codecs take away at the very top is not heard to begin with.
    """
    level = ops.repeat(level, config.patch, axis=1)[:, None, :, None]
    real, imaginary = (part * config.heard / level for part in spectra)
    magnitude = ops.sqrt(ops.square(real) + ops.square(imaginary))
    scale = ops.power(magnitude + FAINTEST, COMPRESSION - 1)
    parts = ops.stack([real * scale, imaginary * scale], axis=-1)
    n_steps = real.shape[2] // config.patch
    parts = ops.reshape(parts, (-1, CHANNELS, n_steps, config.patch, config.n_bins, PARTS))
    parts = ops.transpose(parts, (0, 2, 4, 3, 1, 5))
    return ops.reshape(parts, (-1, n_steps, config.n_bins, config.n_features))


def masked(spectra: Complex, raw: Tensor, config: BandMixerConfig) -> Complex:
    """Spectra ``(B, C, N, F)`` under the stems' masks, ``(B, S, C, N, F)``, without the last stem.

    ``raw`` is the network's output ``(B, T, F, n_masks)``. The masks are shifted by an equal share of what their sum
    lacks to one, so the stems sum to the input and the last of them is what the others leave.
    """
    n_steps, n_stems = raw.shape[1], len(config.stems)
    masks = ops.reshape(raw, (-1, n_steps, config.n_bins, config.patch, n_stems, CHANNELS, PARTS))
    masks = ops.transpose(masks, (6, 0, 4, 5, 1, 3, 2))
    masks = ops.reshape(masks, (PARTS, -1, n_stems, CHANNELS, n_steps * config.patch, config.n_bins))
    real = masks[0] + (1 - ops.sum(masks[0], axis=1, keepdims=True)) / n_stems
    imaginary = masks[1] - ops.sum(masks[1], axis=1, keepdims=True) / n_stems
    real, imaginary = real[:, :-1], imaginary[:, :-1]
    mixture_real, mixture_imaginary = ops.expand_dims(spectra[0], 1), ops.expand_dims(spectra[1], 1)
    return (
        real * mixture_real - imaginary * mixture_imaginary,
        real * mixture_imaginary + imaginary * mixture_real,
    )
