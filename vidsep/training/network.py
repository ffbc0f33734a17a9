"""The band mixer as it is trained: on whole examples, without the context that cutting a long sound needs.

It is the network of `vidsep.separation.models.band_mixer`, of the same variables: an example is to it what a short
sound is to the finished model. Symbols in the shapes: B examples, S stems, C mid and side, N frames, F bins, T steps.
"""

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from vidsep.audio import STEM_NAMES
from vidsep.separation.models import band_layers, spectra
from vidsep.separation.models.band_config import BandMixerConfig
from vidsep.separation.models.band_mixer import local_level
from vidsep.separation.models.base import CHANNELS
from vidsep.training import colour
from vidsep.training.settings import TrainingConfig

Tensor: TypeAlias = Any
Complex: TypeAlias = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Heard:
    """What came of a batch: spectra ``(B, S, C, N, F)`` of the stems as they should be and as they were found,

    and the RMS of the mixtures, ``(B,)``.
    """

    wanted: Complex
    found: Complex
    rms: Tensor


class TrainedNetwork:
    """A band mixer whose variables are being trained."""

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config.network.band_mixer(config.n_steps)
        keras.utils.set_random_seed(config.run.seed)
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(config.run.precision)
        try:
            self.model = _built(self.config)
        finally:
            keras.config.set_dtype_policy(before)

    def hear(self, stems: Tensor, numbers: dict[str, Tensor]) -> Heard:
        """``stems (B, S, 2, n_samples)``, left and right, mixed, coded as ``numbers`` say, and separated again."""
        config = self.config
        wanted = stem_spectra(stems, config)
        mixture = ops.sum(stems, axis=1)
        clean = (ops.sum(wanted[0], axis=1), ops.sum(wanted[1], axis=1))
        coded = colour.coded(clean, numbers["holes_db"], numbers["coded_hz"], config.sample_rate)
        features = spectra.features(coded, level_of(mixture, config), config)
        everywhere = ops.ones((features.shape[0], config.steps, 1, 1), dtype=self.model.compute_dtype)
        raw = ops.cast(self.model([features, everywhere], training=True), "float32")
        but_last = spectra.masked(coded, raw, config)
        found = tuple(
            ops.concatenate([part, ops.expand_dims(whole, 1) - ops.sum(part, axis=1, keepdims=True)], axis=1)
            for part, whole in zip(but_last, coded, strict=True)
        )
        rms = ops.sqrt(ops.mean(ops.square(mixture), axis=(1, 2)))
        return Heard(wanted, (found[0], found[1]), rms)


def stem_spectra(stems: Tensor, config: BandMixerConfig) -> Complex:
    """Left and right ``(B, S, 2, n_samples)`` to spectra ``(B, S, C, N, F)``."""
    left, right = stems[:, :, 0], stems[:, :, 1]
    channels = ops.stack([(left + right) / 2, (left - right) / 2], axis=2)
    real, imaginary = spectra.stft(ops.reshape(channels, (-1, CHANNELS, channels.shape[-1])), config)
    shape = (-1, len(STEM_NAMES), *real.shape[1:])
    return ops.reshape(real, shape), ops.reshape(imaginary, shape)


def waveforms(parts: Complex, config: BandMixerConfig) -> Tensor:
    """Spectra ``(B, S, C, N, F)`` to mid and side ``(B, S, C, samples)``.

    The samples are those that all of their frames cover: from the last hop of the first frame on.
    """
    return spectra.istft(parts, len(STEM_NAMES), config)


def products(heard: Heard, config: BandMixerConfig) -> dict[str, Tensor]:
    """Inner products ``(B, S)`` of the sounds of stems as wanted (w), as found (f), and of the mixture (m)."""
    wanted, found = waveforms(heard.wanted, config), waveforms(heard.found, config)
    mixture = ops.sum(wanted, axis=1, keepdims=True) + ops.zeros_like(wanted)
    sounds = {"w": wanted, "f": found, "m": mixture}
    return {pair: ops.sum(sounds[pair[0]] * sounds[pair[1]], axis=(2, 3)) for pair in ("ww", "ff", "mm", "wf", "wm")}


def level_of(mixture: Tensor, config: BandMixerConfig) -> Tensor:
    """What `vidsep.separation.models.band_mixer.local_level` says of sounds ``(B, 2, n_samples)``: ``(B, T)``."""
    before = config.level_reach * config.step
    n_samples = mixture.shape[-1]
    n_blocks = max(-(-(before + n_samples) // config.step), config.lead // 2 + config.steps + 2 * config.level_reach)
    after = n_blocks * config.step - before - n_samples
    pieces = ops.pad(ops.transpose(mixture, (0, 2, 1)), ((0, 0), (before, after), (0, 0)))
    starts = np.arange(n_blocks) * config.step
    covered = np.minimum(starts + config.step, before + n_samples) - np.maximum(starts, before)
    presence = np.clip(covered / config.step, 0, 1).astype(np.float32)
    return local_level(pieces, ops.ones((mixture.shape[0], 1)) * presence, config)


def finished(config: TrainingConfig) -> BandMixerConfig:
    """The configuration of the model that the run writes."""
    return replace(config.network.band_mixer())


def _built(config: BandMixerConfig) -> Any:
    features = keras.Input((config.steps, config.n_bins, config.n_features), name="features")
    inside = keras.Input((config.steps, 1, 1), name="inside", dtype=keras.config.dtype_policy().compute_dtype)
    state = band_layers.mix_bands(features, inside, config)
    raw = band_layers.BandMerge(config, name="merge")(state)
    return keras.Model([features, inside], raw)
