"""The three parts of MRX in Keras: spectra to features, the LSTMs, features to stems.

Importing this module imports Keras and its backend, which takes seconds: import it inside functions only.
Symbols in the shapes: C channels, N frames, H width of the network, S stems, D directions, F bins. Frames stand a hop
apart; the first sample that a part is given is the first one of the longest window around its first frame.
"""

from typing import Any, TypeAlias

import keras
import numpy as np
from keras import layers, ops

from vidsep.audio import FloatArray
from vidsep.separation.models.mrx_config import MrxConfig

Tensor: TypeAlias = Any  # a tensor of whichever backend Keras runs on


class Masks(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """An affine map for each stem: a list of S features ``(C, N, H)`` to S masks ``(C, N, F)``, none below zero."""

    def __init__(self, n_bins: int, **options: Any) -> None:
        super().__init__(**options)
        self.n_bins = n_bins

    def build(self, shapes: list[tuple[int, ...]]) -> None:
        self.kernel = self.add_weight(shape=(len(shapes), shapes[0][-1], self.n_bins), name="kernel")
        self.bias = self.add_weight(shape=(len(shapes), self.n_bins), name="bias")

    def call(self, features: list[Tensor]) -> list[Tensor]:
        return [ops.relu(ops.matmul(x, self.kernel[i]) + self.bias[i]) for i, x in enumerate(features)]


def encoder(config: MrxConfig, n_frames: int) -> keras.Model:
    """Samples ``(C, n_samples)`` around ``n_frames`` frames to what the LSTMs hear, ``(C, N, H)``."""
    samples = keras.Input(((n_frames - 1) * config.hop + 2 * config.reach,), name="samples")
    heard = []
    for i, window in enumerate(config.windows):
        real, imaginary = spectra(samples, window, n_frames, config)
        magnitude = ops.sqrt(ops.square(real) + ops.square(imaginary))
        heard.append(layers.Dense(config.hidden, activation="tanh", name=f"encoder{i}")(magnitude))
    return compiled(samples, sum(heard) / len(heard))


def spectra(samples: Tensor, window: int, n_frames: int, config: MrxConfig) -> tuple[Tensor, Tensor]:
    """Real and imaginary part of ``n_frames`` spectra ``(C, N, F)``, each under a Hann window."""
    hops = ops.reshape(samples, (-1, samples.shape[-1] // config.hop, config.hop))
    first = (2 * config.reach - window) // 2 // config.hop
    parts = [hops[:, first + i : first + i + n_frames] for i in range(window // config.hop)]
    real, imaginary = ops.rfft(ops.concatenate(parts, axis=-1) * hann(window))
    return real, imaginary


def hann(window: int) -> FloatArray:
    """The periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)


def lstm(config: MrxConfig, n_directions: int, n_sequences: int, n_frames: int) -> keras.Model:
    """One layer in D directions at once: ``(D, sequences, N, H)`` to ``(D, sequences, N, H / 2)``.

    Each direction has a kernel ``(H, 2 H)``, recurrent weights ``(H / 2, 2 H)`` and a bias, and runs from the first
    frame on: a sequence that is to be heard backwards comes reversed.
    """
    hidden, half = config.hidden, config.hidden // 2
    x = keras.Input((n_sequences, n_frames, hidden), batch_size=n_directions, name="x")
    kernel = keras.Input((hidden, 2 * hidden), batch_size=n_directions, name="kernel")
    recurrent = keras.Input((half, 2 * hidden), batch_size=n_directions, name="recurrent")
    bias = keras.Input((2 * hidden,), batch_size=n_directions, name="bias")
    return compiled([x, kernel, recurrent, bias], Scan()([x, kernel, recurrent, bias]))


class Scan(layers.Layer):  # type: ignore[misc]
    """What `lstm` says; gates in PyTorch's order: input, forget, cell, output."""

    def compute_output_shape(self, shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
        return (*shapes[0][:-1], shapes[2][1])

    def call(self, inputs: list[Tensor]) -> Tensor:
        x, kernel, recurrent, bias = inputs
        gates = ops.matmul(x, kernel[:, None]) + bias[:, None, None]
        nothing = ops.zeros((gates.shape[0], gates.shape[1], recurrent.shape[1]), gates.dtype)

        def step(state: tuple[Tensor, Tensor], gates: Tensor) -> tuple[Any, Any]:
            output, cell = state
            gate_in, gate_forget, new, gate_out = ops.split(gates + ops.matmul(output, recurrent), 4, axis=-1)
            cell = ops.sigmoid(gate_forget) * cell + ops.sigmoid(gate_in) * ops.tanh(new)
            output = ops.sigmoid(gate_out) * ops.tanh(cell)
            return (output, cell), (output, cell)

        _, (outputs, _) = ops.scan(step, (nothing, nothing), ops.transpose(gates, (2, 0, 1, 3)))
        return ops.transpose(outputs, (1, 2, 0, 3))


def decoder(config: MrxConfig, n_hops: int) -> keras.Model:
    """What the LSTMs heard and said ``(C, N, 2 H)``, with the samples around, to stems ``(C, S, n_hops * hop)``.

    The N frames are those that reach into the stems. ``inside`` ``(C, N)`` is one where a frame belongs to the sound:
    others are left out, and what overlaps is weighed by the frames that there are.
    """
    n_frames = n_hops + 2 * (config.reach // config.hop) - 1
    state = keras.Input((n_frames, 2 * config.hidden), name="state")
    samples = keras.Input(((n_frames - 1) * config.hop + 2 * config.reach,), name="samples")
    inside = keras.Input((n_frames,), name="inside")
    n_stems, n_windows = len(config.stems), len(config.windows)
    hidden = layers.Dense(n_stems * n_windows * config.hidden, activation="relu", name="decoder")(state)
    parts = ops.split(hidden, n_stems * n_windows, axis=-1)
    stems: list[Any] = [0.0] * n_stems
    for i, window in enumerate(config.windows):
        real, imaginary = spectra(samples, window, n_frames, config)
        weight = envelope(inside, window, n_hops, config)
        masks = Masks(window // 2 + 1, name=f"masks{i}")([parts[stem * n_windows + i] for stem in range(n_stems)])
        for stem, mask in enumerate(masks):
            mask = mask * inside[..., None]
            frames = ops.irfft((real * mask, imaginary * mask), fft_length=window) * hann(window)
            stems[stem] = stems[stem] + overlapped(frames, window, n_hops, config) / weight
    out = ops.stack([ops.reshape(stem, (-1, n_hops * config.hop)) for stem in stems], axis=1)
    return compiled([state, samples, inside], out)


def envelope(inside: Tensor, window: int, n_hops: int, config: MrxConfig) -> Tensor:
    """What the squares of the windows of the frames inside sum to, ``(C, n_hops, hop)``; one where there is none."""
    squares = ops.convert_to_tensor(np.square(hann(window)))
    total = overlapped(inside[..., None] * squares, window, n_hops, config)
    return ops.where(total > 1e-8, total, 1.0)


def overlapped(frames: Tensor, window: int, n_hops: int, config: MrxConfig) -> Tensor:
    """Frames ``(C, N, window)`` a hop apart, added where they overlap: the ``n_hops`` in the middle."""
    overlap, n_frames = window // config.hop, frames.shape[1]
    hops = ops.reshape(frames, (-1, n_frames, overlap, config.hop))
    last = (n_frames - n_hops + 1 + overlap) // 2 - 1  # the last frame that reaches into the first hop
    return sum(hops[:, last - i : last - i + n_hops, i] for i in range(overlap))


def compiled(inputs: Any, outputs: Any) -> keras.Model:
    network = keras.Model(inputs, outputs)
    network.jit_compile = True
    return network
