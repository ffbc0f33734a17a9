"""Examples made on the device: from resident recordings and a batch's numbers to stems.

Symbols in the shapes: B examples, S sources, K channels of sources, N samples, F bins of one long Fourier transform.
"""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeAlias

import numpy as np
import scipy.fft
from keras import ops

from vidsep.training import colour, crops, space, stretch
from vidsep.training.draw import MOST_SPEED, Corpora, Layout, n_stretched
from vidsep.training.places import Places
from vidsep.training.resident import CELL
from vidsep.training.settings import TrainingConfig

Tensor: TypeAlias = Any
Complex: TypeAlias = tuple[Tensor, Tensor]

CORPUS_OF = {"voice": "speech", "music": "music", "vocals": "vocals", "bed": "effects", "event": "effects"}
CEILING = 1.0  # no mixture exceeds it


class Studio:
    """Makes the examples of a run from ``(sounds, numbers)``.

    ``sounds`` are device arrays by name, those of `sounds_of`; ``numbers`` come from `vidsep.training.draw.Draw`.
    """

    def __init__(self, config: TrainingConfig, layout: Layout) -> None:
        self.config, self.layout = config, layout
        self.sample_rate, self.n_samples = config.network.sample_rate, config.n_samples
        self.n_cells = math.ceil((MOST_SPEED * self.n_samples + 8) / CELL) + 1
        room = space.room_length(self.sample_rate)
        self.n_fft = int(scipy.fft.next_fast_len(self.n_samples + room, real=True))

    def stems(self, sounds: Mapping[str, Tensor], numbers: Mapping[str, Tensor]) -> Tensor:
        """``(B, 3, 2, N)``: dialogue, music and effects, left and right."""
        numbers = dict(numbers)
        sound = self._played(self._cropped(sounds, numbers), numbers)
        spectra = self._sources(sound, numbers)
        room = space.rooms(sounds["noise"], numbers, self.sample_rate, self.n_fft)
        placed = [
            self._dialogue(spectra, numbers, room),
            self._music(spectra, numbers),
            self._effects(spectra, numbers, room),
        ]
        whole = tuple(ops.stack([stem[part] for stem in placed], axis=1) for part in range(2))
        stems = ops.irfft(whole, fft_length=self.n_fft)[..., : self.n_samples]
        return self._mastered(stems, numbers)

    def _cropped(self, sounds: Mapping[str, Tensor], numbers: dict[str, Tensor]) -> Tensor:
        """``(B, K, L)``."""
        parts = []
        for name in dict.fromkeys(self.layout.sources):
            places = {field.name: numbers[f"{name}_{field.name}"] for field in fields(Places)}
            cut = crops.crops(sounds[CORPUS_OF[name]], places, self.n_cells)
            parts.append(ops.reshape(cut, (cut.shape[0], -1, cut.shape[-1])))
        return ops.concatenate(parts, axis=1)

    def _played(self, sound: Tensor, numbers: dict[str, Tensor]) -> Tensor:
        """``(B, K, N)`` in other tempos and pitches."""
        batch, n_channels, length = sound.shape
        channels = list(self.layout.channels)
        count = n_stretched(self.config.examples.stretched, batch)
        if count:
            tempo = ops.reshape(self._per_channel(numbers["stretch"][:count]), (-1,))
            rows = ops.reshape(sound[:count], (count * n_channels, length))
            changed = stretch.stretched(rows, tempo, stretch.frame_length(self.sample_rate))
            sound = ops.concatenate([ops.reshape(changed, (count, len(channels), length)), sound[count:]], axis=0)
        return crops.played(sound, self._per_channel(numbers["speed"]), self.n_samples)

    def _per_channel(self, of_sources: Tensor) -> Tensor:
        """``(B, S)`` to ``(B, K)``; also with axes behind."""
        return ops.stack([of_sources[:, source] for source in self.layout.channels], axis=1)

    def _sources(self, sound: Tensor, numbers: dict[str, Tensor]) -> Complex:
        """Spectra ``(B, K, F)`` of the sources, equalised, each at its level or silent."""
        real, imaginary = ops.rfft(ops.pad(sound, ((0, 0), (0, 0), (0, self.n_fft - self.n_samples))))
        curves = colour.equaliser(numbers, self.n_fft, self.sample_rate)
        factors = []
        for number, name in enumerate(self.layout.sources):
            mine = [channel for channel, source in enumerate(self.layout.channels) if source == number]
            first, last = mine[0], mine[-1] + 1
            heard = sound[:, first : first + 1] if name == "bed" else sound[:, first:last]
            power = ops.square(real[:, first:last]) + ops.square(imaginary[:, first:last])
            coloured = power * ops.square(curves[:, number : number + 1])
            kept = ops.sqrt(ops.sum(power, axis=(1, 2)) / (ops.sum(coloured, axis=(1, 2)) + 1e-20))
            scale = colour.to_level(colour.active_rms(heard, self.sample_rate), numbers["source_db"][:, number])
            factors.append(kept * scale * numbers["on"][:, number])
        gains = curves * ops.expand_dims(ops.stack(factors, axis=1), -1)
        gains = self._per_channel(gains)
        return real * gains, imaginary * gains

    def _dialogue(self, spectra: Complex, numbers: dict[str, Tensor], room: Complex) -> Complex:
        return space.reverberated(self._panned(spectra, numbers, "voice"), room, numbers["wet"])

    def _music(self, spectra: Complex, numbers: dict[str, Tensor]) -> Complex:
        left, right = self.layout.channels_of("music")
        width = ops.reshape(numbers["music_width"], (-1, 1))
        pairs = [space.widened(part[:, left], part[:, right], width) for part in spectra]
        real, imaginary = (ops.stack(pair, axis=1) for pair in pairs)
        if "vocals" in self.layout.sources:
            sung = self._panned(spectra, numbers, "vocals")
            real, imaginary = real + sung[0], imaginary + sung[1]
        return real, imaginary

    def _effects(self, spectra: Complex, numbers: dict[str, Tensor], room: Complex) -> Complex:
        middle, sides = self.layout.channels_of("bed")
        width = ops.reshape(numbers["bed_width"], (-1, 1))
        bed = [
            ops.stack([part[:, middle] + width * part[:, sides], part[:, middle] - width * part[:, sides]], axis=1)
            for part in spectra
        ]
        if not self.config.examples.most_events:
            return bed[0], bed[1]
        events = space.reverberated(self._panned(spectra, numbers, "event"), room, numbers["effects_wet"])
        return bed[0] + events[0], bed[1] + events[1]

    def _panned(self, spectra: Complex, numbers: dict[str, Tensor], name: str) -> Complex:
        """The sum ``(B, 2, F)`` of all mono sources of that name, each at its place."""
        real = imaginary = 0.0
        for source, channel in zip(self.layout.where(name), self.layout.channels_of(name), strict=True):
            place = ops.expand_dims(space.panned(numbers["pan"][:, source]), -1)
            real = real + place * spectra[0][:, channel : channel + 1]
            imaginary = imaginary + place * spectra[1][:, channel : channel + 1]
        return real, imaginary

    def _mastered(self, stems: Tensor, numbers: dict[str, Tensor]) -> Tensor:
        """Stems ``(B, 3, 2, N)`` at their levels, in the mixture's stereo, its gain and under its ceiling."""
        dialogue, music, effects = stems[:, 0], stems[:, 1], stems[:, 2]
        music = colour.saturated(music, numbers["drive"])
        dialogue, music = (
            stem * ops.reshape(colour.to_level(colour.active_rms(stem, self.sample_rate), numbers[level]), (-1, 1, 1))
            for stem, level in ((dialogue, "dialogue_db"), (music, "music_db"))
        )
        stems = ops.stack([dialogue, music, effects], axis=1)
        stems = stems * ops.reshape(numbers["stems"], (-1, 3, 1, 1))
        swap, mono = (ops.reshape(numbers[name], (-1, 1, 1, 1)) > 0 for name in ("swap", "mono"))
        stems = ops.where(swap, ops.flip(stems, axis=2), stems)
        stems = ops.where(mono, ops.mean(stems, axis=2, keepdims=True), stems)
        stems = stems * ops.reshape(colour.gain(numbers["gain_db"]), (-1, 1, 1, 1))
        peak = ops.max(ops.abs(ops.sum(stems, axis=1, keepdims=True)), axis=(2, 3), keepdims=True)
        return stems * (CEILING / ops.maximum(peak, CEILING))


def sounds_of(corpora: Corpora) -> dict[str, Any]:
    """What lives in device memory through a run: the recordings' cells, and the noise that rooms are made of."""
    arrays: dict[str, Any] = {kind: resident.cells for kind, resident in corpora.items()}
    arrays["noise"] = space.room_noise()
    return {name: ops.convert_to_tensor(np.asarray(array)) for name, array in arrays.items()}
