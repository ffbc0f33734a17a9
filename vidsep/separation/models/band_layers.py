"""The band mixer in Keras: samples in, stems out, and the layers in between.

Importing this module imports Keras and its backend, which takes seconds: import it inside functions only.
Symbols in the shapes: B batch, T steps of time, F bins of the spectrum, K bands, D channels of the network.
"""

from typing import Any, TypeAlias

import numpy as np
from keras import initializers, layers, ops

from vidsep.separation.models import spectra
from vidsep.separation.models.band_config import BandMixerConfig, groups_of_bands

Tensor: TypeAlias = Any  # a tensor of whichever backend Keras runs on


class RMSNorm(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Scales each step and band to unit power, then each channel by a learned gain."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones", name="g")

    def call(self, x: Tensor) -> Tensor:
        return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-5) * self.gain


def spread(n_inputs: int, gain: float = 1.0) -> initializers.Initializer:
    """Start values that let ``n_inputs`` of unit power make an output of power ``gain`` squared."""
    return initializers.RandomNormal(stddev=gain / n_inputs**0.5)


class BandSplit(layers.Layer):  # type: ignore[misc]
    """``(B, T, F, features)`` to ``(B, T, K, D)``: an affine map of its own for each band.

    In training each band is a product of its own, which is faster backwards. Otherwise all bands of a group are one
    product: forwards that is as fast, and it is compiled in half the time.
    """

    def __init__(self, config: BandMixerConfig, **options: Any) -> None:
        super().__init__(**options)
        self.config = config

    def build(self, shape: tuple[int, ...]) -> None:
        n_features, width = shape[-1], self.config.width
        self.parts = []
        for group in groups_of_bands(self.config):
            shape = (group.n_bands, group.widest * n_features, width)
            kernel = self.add_weight(shape=shape, initializer=spread(shape[1]), name=f"k{group.first}")
            bias = self.add_weight(shape=(group.n_bands, width), initializer="zeros", name=f"b{group.first}")
            self.parts.append((group, kernel, bias))

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        return self._band_by_band(x) if training else self._group_by_group(x)

    def _group_by_group(self, x: Tensor) -> Tensor:
        n_steps, n_features = x.shape[1], x.shape[-1]
        out = []
        for group, kernel, bias in self.parts:
            inside = ops.cast(group.inside.reshape(1, 1, -1, 1), x.dtype)
            bins = ops.take(x, group.bins.reshape(-1), axis=2) * inside
            bins = ops.reshape(bins, (-1, n_steps, group.n_bands, group.widest * n_features))
            out.append(ops.einsum("btnw,nwd->btnd", bins, kernel) + bias)
        return ops.concatenate(out, axis=2)

    def _band_by_band(self, x: Tensor) -> Tensor:
        n_steps, n_bins, n_features = x.shape[1:]
        rows = ops.reshape(x, (-1, n_bins * n_features))
        bands = []
        for group, kernel, bias in self.parts:
            for i, (start, stop) in enumerate(group.bands):
                band = rows[:, start * n_features : stop * n_features]
                bands.append(ops.matmul(band, kernel[i, : (stop - start) * n_features]) + bias[i])
        return ops.reshape(ops.stack(bands, axis=1), (-1, n_steps, self.config.n_bands, self.config.width))


class TimeConv(layers.Layer):  # type: ignore[misc]
    """SiLU of a convolution over three steps of time, ``dilation`` apart; beyond the edges there are zeros.

    In training the three steps are laid side by side, so that it is one product: on two cores 1.1 (TensorFlow) to 2
    times (JAX) as fast, forwards and backwards. Forwards alone, the convolution makes the network 1.2 times as fast.
    """

    TAPS = 3

    def __init__(self, dilation: int, **options: Any) -> None:
        super().__init__(**options)
        self.dilation = dilation

    def build(self, shape: tuple[int, ...]) -> None:
        width = shape[-1]
        self.kernel = self.add_weight(shape=(self.TAPS, 1, width, width), name="kernel")
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        return ops.silu((self._product(x) if training else self._convolution(x)) + self.bias)

    def _convolution(self, x: Tensor) -> Tensor:
        dilation = (self.dilation, 1)
        return ops.conv(x, self.kernel, padding="same", data_format="channels_last", dilation_rate=dilation)

    def _product(self, x: Tensor) -> Tensor:
        n_steps, width = x.shape[1], x.shape[-1]
        padded = ops.pad(x, [[0, 0], [self.dilation, self.dilation], [0, 0], [0, 0]])
        taps = [padded[:, i * self.dilation : i * self.dilation + n_steps] for i in range(self.TAPS)]
        kernel = ops.reshape(self.kernel, (self.TAPS * width, width))
        return ops.matmul(ops.concatenate(taps, axis=-1), kernel)


class BandMix(layers.Layer):  # type: ignore[misc]
    """A small MLP across the bands, the same for all steps and channels.

    The bands are brought to the last axis first: XLA makes slow products of the einsum that leaves them where they are.
    """

    def build(self, shape: tuple[int, ...]) -> None:
        n_bands = shape[2]
        self.scatter = self.add_weight(shape=(n_bands, 2 * n_bands), name="a")
        self.gather = self.add_weight(shape=(2 * n_bands, n_bands), name="b")
        self.bias = self.add_weight(shape=(2 * n_bands, 1), initializer="zeros", name="c")

    def call(self, x: Tensor) -> Tensor:
        bands_last = ops.transpose(x, (0, 1, 3, 2))
        hidden = ops.silu(ops.matmul(bands_last, self.scatter) + self.bias[:, 0])
        return ops.transpose(ops.matmul(hidden, self.gather), (0, 1, 3, 2))


class BandMerge(layers.Layer):  # type: ignore[misc]
    """``(B, T, K, D)`` to raw masks ``(B, T, F, masks)``: an MLP of its own for each band."""

    def __init__(self, config: BandMixerConfig, **options: Any) -> None:
        super().__init__(**options)
        self.config = config

    def build(self, shape: tuple[int, ...]) -> None:
        config = self.config
        kernel_shape = (config.n_bands, shape[-1], config.hidden)
        self.kernel = self.add_weight(shape=kernel_shape, initializer=spread(shape[-1]), name="k1")
        self.bias = self.add_weight(shape=(config.n_bands, config.hidden), initializer="zeros", name="b1")
        self.parts = []
        for group in groups_of_bands(config):
            n_out = group.widest * config.n_masks
            kernel = self.add_weight(
                shape=(group.n_bands, config.hidden, n_out),
                initializer=spread(config.hidden, 0.1),  # at first all masks are about a third
                name=f"k2_{group.first}",
            )
            bias = self.add_weight(shape=(group.n_bands, n_out), initializer="zeros", name=f"b2_{group.first}")
            self.parts.append((group, kernel, bias))

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        return self._band_by_band(x) if training else self._group_by_group(x)

    def _group_by_group(self, x: Tensor) -> Tensor:
        n_steps, n_masks = x.shape[1], self.config.n_masks
        hidden = ops.silu(ops.einsum("btkd,kdh->btkh", x, self.kernel) + self.bias)
        out = []
        for group, kernel, bias in self.parts:
            bands = hidden[:, :, group.first : group.first + group.n_bands]
            bins = ops.einsum("btkh,kho->btko", bands, kernel) + bias
            bins = ops.reshape(bins, (-1, n_steps, group.n_bands * group.widest, n_masks))
            out.append(ops.take(bins, np.flatnonzero(group.inside), axis=2))
        return ops.concatenate(out, axis=2)

    def _band_by_band(self, x: Tensor) -> Tensor:
        n_steps, n_masks = x.shape[1], self.config.n_masks
        rows = ops.reshape(ops.transpose(x, (2, 0, 1, 3)), (self.config.n_bands, -1, x.shape[-1]))
        hidden = ops.silu(ops.matmul(rows, self.kernel) + self.bias[:, None])
        masks = []
        for group, kernel, bias in self.parts:
            for i, (start, stop) in enumerate(group.bands):
                n_out = (stop - start) * n_masks
                masks.append(ops.matmul(hidden[group.first + i], kernel[i, :, :n_out]) + bias[i, :n_out])
        return ops.reshape(ops.concatenate(masks, axis=-1), (-1, n_steps, self.config.n_bins, n_masks))


def separate(samples: Tensor, level: Tensor, inside: Tensor, config: BandMixerConfig) -> Tensor:
    """Left and right ``(B, n_samples, 2)`` to all stems but the last ``(B, S, body * step, 2)``.

    ``level`` is what the input is scaled by, ``inside`` where it is sound, both ``(B, T)``. The stems stand ``reach``
    steps and one frame after the start of the samples.
    """
    first, last = config.reach, config.reach + config.body + config.lead
    mixture = spectra.stft(spectra.mid_side(samples), config)
    state = mix_bands(spectra.features(mixture, level, config), inside[:, :, None, None], config)
    raw = BandMerge(config, name="merge")(state[:, first:last])
    heart = (part[:, :, first * config.patch : last * config.patch] for part in mixture)
    stems = spectra.istft(spectra.masked(tuple(heart), raw, config), len(config.stems) - 1, config)
    return spectra.left_right(stems[..., config.hop :])


def mix_bands(features: Tensor, inside: Tensor, config: BandMixerConfig) -> Tensor:
    """Features ``(B, T, F, features)`` to the state ``(B, T, K, D)`` that the masks are made of.

    ``inside`` of shape ``(B, T, 1, 1)`` is one where there is sound and zero before its start and after its end: there
    the convolutions see the zeros that they would see at the edges of a tensor that holds all of the sound.
    """
    width = config.width
    x = BandSplit(config, name="split")(features)
    for i, dilation in enumerate(config.dilations):
        h = RMSNorm(name=f"l{i}_n1")(x) * inside
        h = TimeConv(dilation, name=f"l{i}_tc")(h)
        x = x + layers.Dense(width, kernel_initializer=spread(width, 0.5), name=f"l{i}_to")(h)
        x = x + BandMix(name=f"l{i}_bm")(RMSNorm(name=f"l{i}_n2")(x))
        h = layers.Dense(2 * width, activation="silu", name=f"l{i}_c1")(RMSNorm(name=f"l{i}_n3")(x))
        x = x + layers.Dense(width, kernel_initializer=spread(2 * width, 0.5), name=f"l{i}_c2")(h)
    return RMSNorm(name="nf")(x)
