"""Levels, equalisation, saturation, and what lossy codecs leave of a spectrum, on the device.

Spectra are pairs ``(real, imaginary)``. Symbols in the shapes: B examples, S sources, F bins.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from keras import ops

Tensor: TypeAlias = Any
Complex: TypeAlias = tuple[Tensor, Tensor]

FRAMES_PER_SECOND = 10  # in which a sound is active or not
ACTIVE_SHARE = 0.01  # of the loudest frame's power: 20 dB below it
SILENT_RMS = 1e-5  # -100 dBFS
STEEPNESS = 0.02  # of the limits of a band, as a share of its frequency
LEAST_DB, MOST_DB = -80.0, 18.0  # what equalisation does at most
CODED_BINS = 16  # neighbours among which a codec drops the weak
SATURATION = 2.0  # RMS values that a drive of 1 bends to


def gain(db: Tensor) -> Tensor:
    """Amplitude factors of levels in dB."""
    return ops.exp(db * (math.log(10) / 20))


def active_rms(sound: Tensor, sample_rate: int) -> Tensor:
    """RMS ``(...)`` of ``(..., channels, n_samples)`` over the tenths of a second within 20 dB of the loudest."""
    *outer, n_channels, n_samples = sound.shape
    length = min(n_samples, sample_rate // FRAMES_PER_SECOND)
    n_frames = n_samples // length
    frames = ops.reshape(sound[..., : n_frames * length], (*outer, n_channels, n_frames, length))
    power = ops.mean(ops.square(frames), axis=(-3, -1))
    active = ops.cast(power >= ACTIVE_SHARE * ops.max(power, axis=-1, keepdims=True), "float32")
    return ops.sqrt(ops.sum(power * active, axis=-1) / ops.sum(active, axis=-1))


def to_level(rms: Tensor, level_db: Tensor) -> Tensor:
    """What brings sounds of these RMS values to ``level_db`` of full scale; zero for silence."""
    return ops.where(rms > SILENT_RMS, gain(level_db) / ops.maximum(rms, SILENT_RMS), 0.0)


def equaliser(numbers: dict[str, Tensor], n_fft: int, sample_rate: int) -> Tensor:
    """Amplitude factors ``(B, S, F)``: a tilt and a bump over octaves from 1 kHz, a highest and a lowest frequency."""
    hz = np.fft.rfftfreq(n_fft, 1 / sample_rate).astype(np.float32)
    octave = np.log2(np.maximum(hz, 30) / 1000).astype(np.float32)
    tilt, bump, place, highest, lowest = (
        ops.expand_dims(numbers[name], -1) for name in ("tilt_db", "bump_db", "bump_octave", "highest_hz", "lowest_hz")
    )
    curve = tilt * octave + bump * ops.exp(-0.5 * ops.square((octave - place) / 0.8))
    above = ops.sigmoid((hz - highest) / (STEEPNESS * highest))
    below = ops.sigmoid((lowest - hz) / (STEEPNESS * lowest + 1))
    wanted = ops.cast(lowest > 0, "float32")
    return gain(ops.clip(curve - 80 * above - 80 * below * wanted, LEAST_DB, MOST_DB))


def saturated(sound: Tensor, drive: Tensor) -> Tensor:
    """``sound (B, channels, n_samples)`` bent by a hyperbolic tangent; ``drive (B,)`` of 0 leaves it as it is.

    Loud masters are limited until their peaks are gone: with a drive of 1, what exceeds twice the RMS is.
    """
    rms = ops.sqrt(ops.mean(ops.square(sound), axis=(1, 2), keepdims=True)) + SILENT_RMS
    knee = SATURATION * rms / ops.maximum(ops.reshape(drive, (-1, 1, 1)), 1e-3)
    return ops.where(ops.reshape(drive, (-1, 1, 1)) > 0, knee * ops.tanh(sound / knee), sound)


def coded(spectra: Complex, holes_db: Tensor, coded_hz: Tensor, sample_rate: int) -> Complex:
    """Mixtures' spectra ``(B, C, N, F)`` as a lossy codec leaves them.

    Bins that lie ``holes_db (B,)`` below the mean power of their band are zero, and so is all above ``coded_hz (B,)``.
    Only what the network hears is treated: the stems that it should find stay whole, so that it learns to work on
    such material rather than to leave holes of its own.
    """
    real, imaginary = spectra
    n_bins = real.shape[-1]
    n_coded = n_bins // CODED_BINS * CODED_BINS
    power = ops.square(real) + ops.square(imaginary)
    bands = ops.reshape(power[..., :n_coded], (*power.shape[:-1], n_coded // CODED_BINS, CODED_BINS))
    least = ops.mean(bands, axis=-1, keepdims=True) * ops.reshape(ops.square(gain(holes_db)), (-1, 1, 1, 1, 1))
    kept = ops.reshape(ops.cast(bands >= least, "float32"), (*power.shape[:-1], n_coded))
    kept = ops.concatenate([kept, ops.ones_like(power[..., n_coded:])], axis=-1)
    hz = np.linspace(0, sample_rate / 2, n_bins, dtype=np.float32)
    kept = kept * ops.cast(hz <= ops.reshape(coded_hz, (-1, 1, 1, 1)), "float32")
    return real * kept, imaginary * kept
