"""How far found stems are from those wanted.

All parts are of the stems over the mixture's RMS, so that quiet mixtures count as loud ones do. Symbols in the shapes:
B examples, S stems, C mid and side, N frames, F bins.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from vidsep.separation.models.band_config import BandMixerConfig
from vidsep.training.network import Heard, waveforms
from vidsep.training.settings import LossSettings

Tensor: TypeAlias = Any
Complex: TypeAlias = tuple[Tensor, Tensor]

FAINTEST_RMS = 1e-4  # mixtures are never taken for quieter, -80 dBFS
COMPRESSION = 0.4  # magnitudes to this power: what is quiet counts, too
FAINTEST = 1e-4  # added to magnitudes before
BEST_SNR = 1e-3  # of a stem's power: no reward for an error smaller than that, 30 dB below the stem
SILENCE = 1e-4  # of the mixture's power: no reward for a silent stem that is quieter than that, 40 dB below it
SILENT_STEM = 1e-6  # of the mixture's power: what is quieter should be silent
OTHER_FRAMES = (1 / 8, 1 / 2, 2)  # lengths of frames against the network's


def loss(heard: Heard, config: BandMixerConfig, weights: LossSettings) -> Tensor:
    """The weighted sum of the parts whose weight is not zero; a number."""
    scale = 1 / ops.maximum(ops.reshape(heard.rms, (-1, 1, 1, 1, 1)), FAINTEST_RMS)
    wanted = (heard.wanted[0] * scale, heard.wanted[1] * scale)
    found = (heard.found[0] * scale, heard.found[1] * scale)
    total = weights.complex * complex_distance(wanted, found) + weights.magnitude * magnitude_distance(wanted, found)
    if weights.snr:
        total = total - weights.snr * bounded_snr(wanted, found)
    if weights.silence:
        total = total + weights.silence * silence_level(wanted, found)
    if weights.resolutions:
        both = waveforms(wanted, config), waveforms(found, config)
        total = total + weights.resolutions * resolutions_distance(*both, config.n_fft)
    return total


def complex_distance(wanted: Complex, found: Complex) -> Tensor:
    """Mean distance of real and of imaginary parts."""
    real, imaginary = found[0] - wanted[0], found[1] - wanted[1]
    return ops.mean(ops.abs(real) + ops.abs(imaginary))


def magnitude_distance(wanted: Complex, found: Complex) -> Tensor:
    """Mean distance of magnitudes to the power `COMPRESSION`."""
    return ops.mean(ops.abs(_compressed(found) - _compressed(wanted)))


def bounded_snr(wanted: Complex, found: Complex) -> Tensor:
    """Mean over stems of signal over error in dB, at most 30; for silent ones of `SILENCE` over what was found."""
    signal, error = _power(wanted), _power((found[0] - wanted[0], found[1] - wanted[1]))
    floor = SILENCE * ops.sum(signal, axis=1, keepdims=True) + 1e-9
    return ops.mean(_db((signal + floor) / (error + BEST_SNR * signal + floor)))


def silence_level(wanted: Complex, found: Complex) -> Tensor:
    """Mean over all stems of how far, in dB, those that should be silent rise above `SILENCE` of the mixture."""
    signal, left = _power(wanted), _power(found)
    mixture = ops.sum(signal, axis=1, keepdims=True) + 1e-9
    silent = ops.cast(signal < SILENT_STEM * mixture, "float32")
    return ops.mean(silent * _db(left / (SILENCE * mixture) + 1))


def resolutions_distance(wanted: Tensor, found: Tensor, n_fft: int) -> Tensor:
    """Mean distance of compressed magnitudes at other frame lengths, from sounds ``(B, S, C, n_samples)``."""
    total = 0.0
    for factor in OTHER_FRAMES:
        length = int(n_fft * factor)
        total = total + magnitude_distance(_frames(wanted, length), _frames(found, length))
    return total / len(OTHER_FRAMES)


def _frames(sound: Tensor, length: int) -> Complex:
    """Spectra of half-overlapping frames under a Hann window whose squares sum to one."""
    hop = length // 2
    n_hops = sound.shape[-1] // hop
    hops = ops.reshape(sound[..., : n_hops * hop], (*sound.shape[:-1], n_hops, hop))
    frames = ops.concatenate([hops[..., :-1, :], hops[..., 1:, :]], axis=-1)
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    real, imaginary = ops.rfft(frames * window)
    return real, imaginary


def _compressed(spectra: Complex) -> Tensor:
    magnitude = ops.sqrt(ops.square(spectra[0]) + ops.square(spectra[1]) + FAINTEST**2)
    return ops.power(magnitude, COMPRESSION)


def _power(spectra: Complex) -> Tensor:
    """Mean power ``(B, S)``."""
    return ops.mean(ops.square(spectra[0]) + ops.square(spectra[1]), axis=(2, 3, 4))


def _db(ratio: Tensor) -> Tensor:
    return ops.log(ratio) * (10 / math.log(10))
