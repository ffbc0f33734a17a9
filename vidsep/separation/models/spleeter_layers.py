"""The parts of Spleeter in Keras: samples to spectra, U-Nets, masks, spectra to samples.

Importing this module imports Keras and its backend, which takes seconds: import it inside functions only.
Symbols in the shapes: B segments of sound, C channels, N frames, F bins heard by the U-Nets, A all bins, S stems.
"""

from typing import Any, TypeAlias

import keras
import numpy as np
from keras import layers, ops

from vidsep.audio import FloatArray
from vidsep.separation.models.base import CHANNELS
from vidsep.separation.models.spleeter_config import SpleeterConfig

Tensor: TypeAlias = Any  # a tensor of whichever backend Keras runs on

EPSILON = 1e-10  # Spleeter's, in its masks
EXPONENT = 2  # of the estimates in the masks
LAYOUT = {"data_format": "channels_last"}


class Norm(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Batch normalization with fixed statistics: a scale and a shift of each channel."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), name="scale")
        self.shift = self.add_weight(shape=(shape[-1],), name="shift")

    def call(self, x: Tensor) -> Tensor:
        return x * self.scale + self.shift


def analysis(config: SpleeterConfig) -> keras.Model:
    """Samples ``(B, n_samples, C)`` to real and imaginary parts ``(B, C, N, A)`` and magnitudes ``(B, N, F, C)``."""
    overlap = config.n_fft // config.hop
    samples = keras.Input(((config.n_frames + overlap - 1) * config.hop, CHANNELS), name="samples")
    channels = ops.transpose(samples, (0, 2, 1))
    hops = ops.reshape(channels, (-1, CHANNELS, config.n_frames + overlap - 1, config.hop))
    frames = ops.concatenate([hops[:, :, i : i + config.n_frames] for i in range(overlap)], axis=-1)
    real, imaginary = ops.rfft(frames * hann(config.n_fft))
    heard = ops.sqrt(ops.square(real[..., : config.n_bins]) + ops.square(imaginary[..., : config.n_bins]))
    return compiled(samples, [real, imaginary, ops.transpose(heard, (0, 2, 3, 1))])


def hann(window: int) -> FloatArray:
    """The periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


class LastUp(layers.Layer):  # type: ignore[misc]
    """A transposed convolution of stride 2 to one channel, kernel 5 x 5, as an ordinary one to four, interleaved.

    Of the kernel's rows 0 to 4 (and columns) those at odd places make the even rows of the output, those at even
    places the odd ones. Convolutions to a single channel use a CPU badly: this takes half the time.
    """

    ROWS = (
        (3, 1, 5),
        (4, 2, 0),
    )  # for even and odd rows, which the rows above, at and below are multiplied by; 5: none

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight(shape=(5, 5, 1, shape[-1]), name="kernel")
        self.bias = self.add_weight(shape=(1,), name="bias")

    def call(self, x: Tensor) -> Tensor:
        kernel = ops.pad(ops.transpose(self.kernel, (0, 1, 3, 2)), ((0, 1), (0, 1), (0, 0), (0, 0)))
        rows = [ops.take(kernel, of_row, axis=0) for of_row in self.ROWS]
        parts = [ops.take(row, of_column, axis=1) for row in rows for of_column in self.ROWS]
        out = ops.conv(x, ops.concatenate(parts, axis=-1), padding="same", **LAYOUT) + self.bias
        _, n_rows, n_columns, _ = out.shape
        out = ops.transpose(ops.reshape(out, (-1, n_rows, n_columns, 2, 2)), (0, 1, 3, 2, 4))
        return ops.reshape(out, (-1, 2 * n_rows, 2 * n_columns, 1))


def unets(config: SpleeterConfig) -> keras.Model:
    """Magnitudes ``(B, N, F, C)`` to what each stem has of them, S times that shape."""
    heard = keras.Input((config.n_frames, config.n_bins, CHANNELS), name="heard")
    raw = [unet(heard, f"unet{stem}", config) for stem in range(len(config.stems))]
    if config.is_softmax:
        masks = ops.unstack(ops.softmax(ops.stack(raw, axis=-1), axis=-1), axis=-1)
    else:
        masks = [ops.sigmoid(mask) for mask in raw]
    return keras.Model(heard, [mask * heard for mask in masks])


def unet(heard: Tensor, name: str, config: SpleeterConfig) -> Tensor:
    """Raw masks ``(B, N, F, C)`` for one stem."""
    x, skipped, n_down = heard, [], len(config.filters)
    for i, n_filters in enumerate(config.filters):
        x = layers.Conv2D(n_filters, 5, strides=2, padding="same", name=f"{name}_down{i}", **LAYOUT)(x)
        skipped.append(x)
        if i < n_down - 1:
            x = activated(Norm(name=f"{name}_down{i}_norm")(x), config.activation)
    for i, n_filters in enumerate([*config.filters[-2::-1], 1]):
        if n_filters > 1:
            x = layers.Conv2DTranspose(n_filters, 5, strides=2, padding="same", name=f"{name}_up{i}", **LAYOUT)(x)
        else:
            x = LastUp(name=f"{name}_up{i}")(x)
        x = ops.relu(x) if config.activation == "leaky_relu" else ops.elu(x)
        x = Norm(name=f"{name}_up{i}_norm")(x)
        if i < n_down - 1:
            x = ops.concatenate([skipped[n_down - 2 - i], x], axis=-1)
    return layers.Conv2D(CHANNELS, 4, dilation_rate=2, padding="same", name=f"{name}_mask", **LAYOUT)(x)


def activated(x: Tensor, activation: str) -> Tensor:
    return ops.leaky_relu(x, 0.2) if activation == "leaky_relu" else ops.elu(x)


def masking(config: SpleeterConfig) -> keras.Model:
    """Spectra of the mix and what each stem has of it, as `unets` gives it, to samples ``(B, S, n_samples, C)``."""
    real, imaginary = spectrum_inputs(config)
    heard_shape = (config.n_frames, config.n_bins, CHANNELS)
    estimates = [keras.Input(heard_shape, name=f"estimate{i}") for i in range(len(config.stems))]
    powers = [ops.power(estimate, EXPONENT) for estimate in estimates]
    total = sum(powers) + EPSILON
    masks = [extended((power + EPSILON / len(powers)) / total, config) for power in powers]
    stems = [samples_of(real * mask, imaginary * mask, config) for mask in masks]
    return compiled([real, imaginary, *estimates], ops.stack(stems, axis=1))


def synthesis(config: SpleeterConfig) -> keras.Model:
    """Spectra, real and imaginary parts ``(B, C, N, A)``, to samples ``(B, n_samples, C)``."""
    real, imaginary = spectrum_inputs(config)
    return compiled([real, imaginary], samples_of(real, imaginary, config))


def spectrum_inputs(config: SpleeterConfig) -> tuple[Tensor, Tensor]:
    shape = (CHANNELS, config.n_frames, config.n_all_bins)
    return keras.Input(shape, name="real"), keras.Input(shape, name="imaginary")


def extended(mask: Tensor, config: SpleeterConfig) -> Tensor:
    """A mask ``(B, N, F, C)`` for all bins, ``(B, C, N, A)``."""
    mask = ops.transpose(mask, (0, 3, 1, 2))
    n_missing = config.n_all_bins - config.n_bins
    if config.mask_extension == "zeros":
        return ops.pad(mask, ((0, 0), (0, 0), (0, 0), (0, n_missing)))
    return ops.concatenate([mask, ops.repeat(ops.mean(mask, axis=-1, keepdims=True), n_missing, axis=-1)], axis=-1)


def samples_of(real: Tensor, imaginary: Tensor, config: SpleeterConfig) -> Tensor:
    """Spectra ``(B, C, N, A)`` to samples ``(B, n_samples, C)``, at both ends the part of the frames that there are."""
    overlap = config.n_fft // config.hop
    scale = 8 / 3 / overlap  # one over what the squares of Hann windows, overlapping so, sum to
    frames = ops.irfft((real, imaginary), fft_length=config.n_fft) * (hann(config.n_fft) * np.float32(scale))
    hops = ops.reshape(frames, (-1, CHANNELS, config.n_frames, overlap, config.hop))
    pad = [(0, 0), (0, 0)]
    total = sum(ops.pad(hops[..., i, :], [*pad, (i, overlap - 1 - i), (0, 0)]) for i in range(overlap))
    return ops.transpose(ops.reshape(total, (-1, CHANNELS, (config.n_frames + overlap - 1) * config.hop)), (0, 2, 1))


def compiled(inputs: Any, outputs: Any) -> keras.Model:
    network = keras.Model(inputs, outputs)
    network.jit_compile = True
    return network
