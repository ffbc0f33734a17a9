"""The words of the package: sound, stems, decibels.

Conventions, for every function of vidsep:

- Sound is float32 of shape ``(n_samples, n_channels)``, nominal range -1 to 1. Only the models transpose it.
- ``n_samples`` counts samples of one channel; "frame" is a word for video and for the STFT.
- Channels stand in the order of WAVE and ffmpeg: ``L R C LFE Ls Rs`` for 5.1.
- A block given to a function is never written to: functions return new arrays.
- The stems are called ``dialogue``, ``music`` and ``effects`` everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, overload

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]

STEM_NAMES = ("dialogue", "music", "effects")
BLOCK_SECONDS = 3.0  # how much sound the streaming stages hold at a time

# What a source of so many channels is taken for when its container does not name a layout (ffmpeg's defaults).
DEFAULT_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


class Samples(Protocol):
    """Sound that can be sliced along time: a numpy array, or a file read slice by slice."""

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n_samples, n_channels)``."""
        ...

    def __getitem__(self, key: slice, /) -> FloatArray:
        """The samples ``start:stop`` (step 1) as an array in memory, shape ``(stop - start, n_channels)``."""
        ...


@dataclass(frozen=True)
class Part:
    """`Samples` that are the samples ``start:stop`` of others."""

    whole: Samples
    start: int
    stop: int

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.stop - self.start, self.whole.shape[1])

    def __getitem__(self, key: slice, /) -> FloatArray:
        first, last, step = key.indices(self.shape[0])
        return self.whole[self.start + first : self.start + max(first, last) : step]


@dataclass(frozen=True)
class Audio:
    """A piece of sound: samples, their rate in hertz and ffmpeg's name of the channel layout (``stereo``, ``5.1``)."""

    samples: Samples
    sample_rate: int
    layout: str = ""

    def __post_init__(self) -> None:
        if len(self.samples.shape) != 2:
            raise ValueError(f"sound has the shape (n_samples, n_channels), this has {self.samples.shape}")
        if self.sample_rate <= 0:
            raise ValueError(f"a sample rate is above 0 Hz, this is {self.sample_rate}")
        if not self.layout:
            object.__setattr__(self, "layout", DEFAULT_LAYOUTS.get(self.n_channels, f"{self.n_channels} channels"))

    @property
    def n_samples(self) -> int:
        return self.samples.shape[0]

    @property
    def n_channels(self) -> int:
        return self.samples.shape[1]

    @property
    def seconds(self) -> float:
        return self.n_samples / self.sample_rate

    def part(self, start: int, stop: int) -> "Audio":
        """The samples ``start:stop`` as a piece of sound of its own, still read only when asked for."""
        return Audio(Part(self.samples, start, max(start, min(stop, self.n_samples))), self.sample_rate, self.layout)

    def blocks(self, seconds: float = BLOCK_SECONDS) -> Iterator[FloatArray]:
        """The sound from first to last sample in blocks of ``seconds`` (the last one shorter)."""
        step = max(1, round(seconds * self.sample_rate))
        for start in range(0, self.n_samples, step):
            yield self.samples[start : min(start + step, self.n_samples)]


@dataclass(frozen=True, eq=False)
class Stems(Mapping[str, FloatArray]):
    """The three stems of a sound, each of its shape; they sum to it. In memory, so they are a `StemSource`, too.

    They are a mapping by their names as well. ``own`` are the stems of a model that separates into others than these
    three (vocals, drums...): then the mapping is one of those, and of the three the vocals are the dialogue, all that
    they leave of the sound is music, and there are no effects.
    """

    dialogue: FloatArray
    music: FloatArray
    effects: FloatArray
    own: Mapping[str, FloatArray] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n_samples, n_channels)`` of each stem."""
        return self.dialogue.shape

    @overload
    def __getitem__(self, key: str, /) -> FloatArray: ...

    @overload
    def __getitem__(self, key: slice, /) -> "Stems": ...

    def __getitem__(self, key: str | slice, /) -> "FloatArray | Stems":
        """The stem of that name, or the stems of the samples ``start:stop``."""
        if isinstance(key, str):
            return self._named[key]
        own = None if self.own is None else {name: stem[key] for name, stem in self.own.items()}
        return Stems(self.dialogue[key], self.music[key], self.effects[key], own)

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        """How many stems there are."""
        return len(self._named)

    def mix(self) -> FloatArray:
        """The stems' sum, shape ``(n_samples, n_channels)``."""
        total: FloatArray = self.dialogue + self.music + self.effects
        return total

    @property
    def _named(self) -> Mapping[str, FloatArray]:
        return {name: getattr(self, name) for name in STEM_NAMES} if self.own is None else self.own


class StemSource(Protocol):
    """Stems that can be sliced along time, as `Samples` can: in memory or read from the cache."""

    @property
    def shape(self) -> tuple[int, ...]:
        """``(n_samples, n_channels)`` of each stem."""
        ...

    def __getitem__(self, key: slice, /) -> Stems:
        """The stems of the samples ``start:stop``."""
        ...


def db_to_gain(db: float) -> float:
    """Amplitude factor of a level difference in dB.

    >>> round(db_to_gain(-6.0206), 4)
    0.5
    """
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float) -> float:
    """Level difference in dB of an amplitude factor; minus infinity for zero.

    >>> round(gain_to_db(0.5), 2)
    -6.02
    """
    return float(20.0 * np.log10(gain)) if gain > 0 else -float("inf")
