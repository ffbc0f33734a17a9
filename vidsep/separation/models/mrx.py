"""MRX: the multi-resolution CrossNet of "The cocktail fork problem" (Petermann et al., ICASSP 2022, arXiv:2110.09958).

Spectra of three resolutions are each mapped to features; their mean is heard by three bidirectional LSTMs, one per
stem. From what these hear and say come masks for each stem and resolution. Like MERL's implementation, and unlike the
paper, it normalizes its input by batch normalization, and it hears each channel by itself.

All but the LSTMs is the same for each frame and runs in slices, so that memory does not grow with the piece. The LSTMs
run over what the piece holds of the sound, from its first frame on: at both ends of a programme they start as they do
when the whole of it is run at once. On a CPU each direction of a layer runs by itself, so that its weights stay in a
core's cache, and the cores share the directions; a GPU runs all directions at once.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation import devices
from vidsep.separation.models.base import Cut, SeparationModel, Span
from vidsep.separation.models.mrx_config import MrxConfig, config_from, shapes_of
from vidsep.separation.weights import REINSTALL, Weights, fill

SLICE_HOPS = 344  # 2 s
FADE_HOPS = 43  # 0.25 s
BODY_HOPS = 20 * SLICE_HOPS - FADE_HOPS  # 40 s with the fade into the next piece
CONTEXT_HOPS = 688  # 4 s, so that pieces are ones of 48 s; it was trained on ones of 9 s
SEQUENCE_HOPS = 1376  # 8 s: sequences are padded to a multiple of it, and for each multiple a network is compiled


class Mrx(SeparationModel):
    """An `MrxConfig` and its weights, compiled on first use."""

    input_lufs = -27.0  # the level of the mixtures that it was trained on

    def __init__(self, config: MrxConfig, weights: Weights) -> None:
        from vidsep.separation.models import mrx_layers

        self.config, self.stems, self.sample_rate = config, config.stems, config.sample_rate
        self.cut = Cut(BODY_HOPS * config.hop, CONTEXT_HOPS * config.hop, config.hop, overlap=FADE_HOPS * config.hop)
        self.encoder = mrx_layers.encoder(config, SLICE_HOPS)
        self.decoder = mrx_layers.decoder(config, SLICE_HOPS)
        fill(self.encoder, _part(weights, "encoder"))
        fill(self.decoder, _part(weights, "decoder", "masks"))
        self.place = devices.place_of(self.encoder)
        self.lstms = Lstms(config, weights, self.place)

    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        return np.stack([self._separate(piece, span) for piece, span in zip(pieces, spans, strict=True)])

    def _separate(self, piece: FloatArray, span: Span) -> FloatArray:
        """Stems ``(n_stems, cut.body + cut.overlap, 2)`` of a piece ``(cut.n_samples, 2)``."""
        n_samples = self.cut.body + self.cut.overlap
        if not piece.any():
            return np.zeros((len(self.stems), n_samples, piece.shape[1]), np.float32)
        is_mono = np.array_equal(piece[:, 0], piece[:, 1])
        channels = mirrored((piece[:, :1] if is_mono else piece).T, span, self.config.reach)
        frames = frames_inside(span, self.cut.n_samples, self.config)
        heard = self._heard(channels, frames)
        stems = self._decoded(channels, frames, np.concatenate([heard, self.lstms(heard)], axis=-1))
        stems += residuals(channels[:, self.cut.context : self.cut.context + n_samples], stems, self.config)
        stems *= self._fade(span)
        return np.ascontiguousarray(np.repeat(stems, 2 if is_mono else 1, axis=1).swapaxes(1, 2))

    def _heard(self, channels: FloatArray, frames: range) -> FloatArray:
        """What the LSTMs hear, ``(C, frames, H)``."""
        hop, n_slice = self.config.hop, (SLICE_HOPS - 1) * self.config.hop + 2 * self.config.reach
        slices = []
        for first in range(frames.start, frames.stop, SLICE_HOPS):
            samples = _padded(channels[:, first * hop : first * hop + n_slice], n_slice)
            slices.append(np.asarray(self.encoder.predict_on_batch(samples))[:, : frames.stop - first])
        return np.concatenate(slices, axis=1)

    def _decoded(self, channels: FloatArray, frames: range, state: FloatArray) -> FloatArray:
        """The stems ``(n_stems, C, cut.body + cut.overlap)`` from the state ``(C, frames, 2 H)``."""
        hop, half = self.config.hop, self.config.reach // self.config.hop
        n_frames = SLICE_HOPS + 2 * half - 1
        n_hops = BODY_HOPS + FADE_HOPS
        stems = np.zeros((len(self.stems), len(channels), n_hops * hop), np.float32)
        for start in range(0, n_hops, SLICE_HOPS):
            first = CONTEXT_HOPS + start - 2 * half + 1  # the first frame that reaches into the slice
            held = range(max(first, frames.start), min(first + n_frames, frames.stop))
            if not held:
                continue
            part = np.zeros((len(channels), n_frames, state.shape[-1]), np.float32)
            inside = np.zeros((len(channels), n_frames), np.float32)
            place = slice(held.start - first, held.stop - first)
            part[:, place] = state[:, held.start - frames.start : held.stop - frames.start]
            inside[:, place] = 1
            samples = channels[:, first * hop : (first + n_frames - 1) * hop + 2 * self.config.reach]
            made = np.asarray(self.decoder.predict_on_batch([part, samples, inside]))
            stems[..., start * hop : (start + SLICE_HOPS) * hop] = made.swapaxes(0, 1)
        return stems

    def _fade(self, span: Span) -> FloatArray:
        """From the piece before to the next, ``(cut.body + cut.overlap,)``; nothing fades in at the sound's start."""
        rising = ((np.arange(self.cut.overlap) + 0.5) / self.cut.overlap).astype(np.float32)
        fade = np.ones(self.cut.body + self.cut.overlap, np.float32)
        fade[self.cut.body :] = rising[::-1]
        if span.start < self.cut.context:
            fade[: self.cut.overlap] = rising
        return fade


class Lstms:
    """The bidirectional LSTMs: one per stem, of several layers each."""

    def __init__(self, config: MrxConfig, weights: Weights, place: str) -> None:
        self.config, self.place = config, place
        self.at_once = config.n_directions if place == "gpu" else 1
        self.layers = [
            [weights.arrays[f"lstm{i}.{name}"] for name in ("kernel", "recurrent", "bias")]
            for i in range(config.n_layers)
        ]
        self.networks: dict[tuple[int, int], Any] = {}

    def __call__(self, heard: FloatArray) -> FloatArray:
        """What ``heard`` ``(C, frames, H)`` makes them say in sum, of the same shape."""
        said = np.broadcast_to(heard, (len(self.config.stems), *heard.shape))
        for weights in self.layers:
            said = self._layer(said, weights)
        total: FloatArray = said.sum(axis=0)
        return total

    def _layer(self, said: FloatArray, weights: Sequence[FloatArray]) -> FloatArray:
        """One layer of all LSTMs, ``(stems, C, frames, H)`` to the same shape."""
        out, half, n_frames = np.empty(said.shape, np.float32), self.config.hidden // 2, said.shape[2]
        at_once = self.at_once
        network = self._network(said.shape[1], n_frames)
        n_padded = network.input_shape[0][2]

        def run(first: int) -> None:
            directions = range(first, first + at_once)
            x = np.zeros((at_once, said.shape[1], n_padded, said.shape[3]), np.float32)
            for i, direction in enumerate(directions):
                x[i, :, :n_frames] = said[direction // 2, :, :: 1 - 2 * (direction % 2)]
            with devices.on(self.place):
                y = np.asarray(network.predict_on_batch([x, *(array[first : first + at_once] for array in weights)]))
            for i, direction in enumerate(directions):
                way = direction % 2
                out[direction // 2, ..., way * half : (way + 1) * half] = y[i, :, :n_frames][:, :: 1 - 2 * way]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(run, range(0, self.config.n_directions, at_once)))
        return out

    def _network(self, n_channels: int, n_frames: int) -> Any:
        from vidsep.separation.models import mrx_layers

        key = (n_channels, -(-n_frames // SEQUENCE_HOPS) * SEQUENCE_HOPS)
        if key not in self.networks:
            self.networks[key] = mrx_layers.lstm(self.config, self.at_once, *key)
        return self.networks[key]


def load_mrx(weights: Weights) -> Mrx:
    """The network that the header of ``weights`` describes, filled with them; `ModelError` if they do not fit."""
    try:
        config = config_from(weights.header["config"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the header of the weights is not an MRX's: {error}", REINSTALL) from error
    for name, shape in shapes_of(config).items():
        if name not in weights.arrays or weights.arrays[name].shape != shape:
            raise ModelError(f"the weights do not fit the network: there is no {name} of the shape {shape}", REINSTALL)
    return Mrx(config, weights)


def mirrored(channels: FloatArray, span: Span, reach: int) -> FloatArray:
    """Channels ``(C, n_samples)`` whose sound goes on for ``reach`` samples at its ends, in a mirror."""
    before, after = min(reach, span.start), min(reach, channels.shape[1] - span.stop)
    sound = np.pad(channels[:, span.start : span.stop], ((0, 0), (before, after)), mode="reflect")
    return np.pad(sound, ((0, 0), (span.start - before, channels.shape[1] - span.stop - after)))


def frames_inside(span: Span, n_samples: int, config: MrxConfig) -> range:
    """The frames whose middle is in the sound, the sample after its last included; frame 0 starts at sample 0."""
    last = (min(span.stop, n_samples - config.reach) - config.reach) // config.hop
    return range(max(0, -(-(span.start - config.reach) // config.hop)), last + 1)


def residuals(body: FloatArray, stems: FloatArray, config: MrxConfig) -> FloatArray:
    """What each stem gets of what they leave of the sound, of the shape of ``stems`` ``(n_stems, C, n_samples)``."""
    shares = np.array([config.share_of(stem) for stem in config.stems], np.float32)
    shared: FloatArray = shares[:, None, None] * (body - stems.sum(axis=0))
    return shared


def _part(weights: Weights, *prefixes: str) -> Weights:
    return Weights({name: array for name, array in weights.arrays.items() if name.startswith(prefixes)}, weights.header)


def _padded(channels: FloatArray, n_samples: int) -> FloatArray:
    return np.pad(channels, ((0, 0), (0, n_samples - channels.shape[1])))
