"""The built-in network: dialogue, music and effects from complex masks that sum to one.

An STFT of mid and side is split into bands, each band is mapped to a vector, ten residual blocks mix these vectors
along time (dilated convolutions), across bands and across channels, and an MLP per band makes the masks. There is no
recurrence: the whole is a few large products, compiled by XLA together with the transforms on both sides.

The network sees the spectra over a level: the RMS of the sound around each step, so that a whisper and a shout look
alike. The level belongs to a place in the signal and not to a piece of it, and pieces overlap by as much as the network
can look: the stems do not depend on how the signal was cut.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation.models.band_config import BandMixerConfig
from vidsep.separation.models.base import CHANNELS, Cut, SeparationModel, Span
from vidsep.separation.weights import REINSTALL, Weights, fill

Tensor: TypeAlias = Any

FAINTEST_LEVEL = 1e-4  # the level is never taken for less, -80 dBFS


class BandMixer(SeparationModel):
    """A `BandMixerConfig` and its weights, compiled on first use."""

    def __init__(self, config: BandMixerConfig, weights: Weights) -> None:
        self.config, self.stems, self.sample_rate = config, config.stems, config.sample_rate
        self.cut = cut_for(config)
        self.network = build(config, self.cut)
        fill(self.network, weights)

    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        presence = np.stack([presence_of(span, self.config, self.cut) for span in spans])
        inside = np.stack([steps_inside(span, self.config) for span in spans])
        stems: FloatArray = np.asarray(self.network.predict_on_batch([pieces, presence, inside]))
        return stems


def load_band_mixer(weights: Weights) -> BandMixer:
    """The network that the header of ``weights`` describes, filled with them."""
    try:
        config = config_from(weights.header["config"])
    except (KeyError, TypeError) as error:
        raise ModelError(f"the header of the weights is not a band mixer's: {error}", REINSTALL) from error
    return BandMixer(config, weights)


def config_from(data: Mapping[str, Any]) -> BandMixerConfig:
    """The configuration as JSON holds it. Raises TypeError if a field is missing or unknown."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return BandMixerConfig(**values)


def cut_for(config: BandMixerConfig) -> Cut:
    """Pieces that make the network run over ``config.steps`` steps."""
    context = config.reach + config.lead + config.level_reach
    return Cut(config.body * config.step, context * config.step, config.step)


def build(config: BandMixerConfig, cut: Cut) -> Any:
    """The Keras model from pieces of samples, with `presence_of` and `steps_inside` them, to stems."""
    import keras

    from vidsep.separation.models import band_layers

    pieces = keras.Input((cut.n_samples, CHANNELS), name="pieces")
    presence = keras.Input((cut.n_samples // config.step,), name="presence")
    inside = keras.Input((config.steps,), name="inside")
    level = local_level(pieces, presence, config)
    start = config.level_reach * config.step
    heard = pieces[:, start : start + config.steps * config.step + config.n_fft - config.hop]
    but_last = band_layers.separate(heard, level, inside, config)
    last = pieces[:, None, cut.context : cut.context + cut.body] - keras.ops.sum(but_last, axis=1, keepdims=True)
    network = keras.Model([pieces, presence, inside], keras.ops.concatenate([but_last, last], axis=1))
    network.jit_compile = True
    return network


def local_level(pieces: Tensor, presence: Tensor, config: BandMixerConfig) -> Tensor:
    """RMS of the sound around each step ``(batch, steps)``: a Hann window over what of it is inside the sound."""
    from keras import ops

    n_blocks, n_taps = presence.shape[1], 2 * config.level_reach + 1
    power = ops.mean(ops.reshape(ops.square(pieces), (-1, n_blocks, config.step * CHANNELS)), axis=-1)
    window = np.hanning(n_taps + 2)[1:-1].astype(np.float32).reshape(n_taps, 1, 1)
    first = config.lead // 2  # the block of samples in the middle of a step's frames
    both = ops.stack([power, presence], axis=-1)[:, first : first + config.steps + n_taps - 1]
    sums = ops.depthwise_conv(both, np.tile(window, (1, CHANNELS, 1)), data_format="channels_last")
    mean = sums[..., 0] / ops.maximum(sums[..., 1], 1e-6)
    return ops.maximum(ops.sqrt(mean), FAINTEST_LEVEL)


def presence_of(span: Span, config: BandMixerConfig, cut: Cut) -> FloatArray:
    """How much of each step's samples lies inside the sound, 0 to 1, ``(n_samples / step,)``."""
    starts = np.arange(0, cut.n_samples, config.step)
    covered = np.minimum(starts + config.step, span.stop) - np.maximum(starts, span.start)
    presence: FloatArray = (np.clip(covered, 0, config.step) / config.step).astype(np.float32)
    return presence


def steps_inside(span: Span, config: BandMixerConfig) -> FloatArray:
    """One where a step of the network looks at the sound, zero before and after, ``(steps,)``.

    As in training: from the step at the sound's first sample to the second after the last that sees any of it.
    """
    places = (np.arange(config.steps) + config.level_reach + config.lead) * config.step
    n_steps = (span.stop - span.start + config.n_fft + config.hop) // config.step + 2
    inside = (places >= span.start) & (places < span.start + n_steps * config.step)
    return inside.astype(np.float32)
