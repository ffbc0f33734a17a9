"""Music laid along a programme, readable at any place: passes of pieces, each under an envelope.

It holds no sound of its own: pieces are read by slices when a slice of the result is asked for, so that an hour of
music takes no more memory than a second. What plays when is settled in `vidsep.processors.lay`.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidsep.audio import FloatArray, Samples


@dataclass(frozen=True)
class Envelope:
    """A gain over ``start:stop`` (samples of the programme) that rises and falls along a quarter sine.

    Two edges that lie on each other keep the power of sounds that have nothing in common. ``likeness_in`` and
    ``likeness_out``, the correlation of the two sounds, keep it where they have.
    """

    start: int
    stop: int
    n_fade_in: int
    n_fade_out: int
    likeness_in: float = 0.0
    likeness_out: float = 0.0

    def gains(self, start: int, stop: int) -> FloatArray:
        """Amplitude factors of the programme's samples ``start:stop``, shape ``(stop - start, 1)`` or ``(1, 1)``."""
        if self.start + self.n_fade_in <= start and stop <= self.stop - self.n_fade_out:
            return np.ones((1, 1), np.float32)
        gains = np.ones(stop - start)
        n_rise = max(0, min(self.start + self.n_fade_in, stop) - start)
        n_fall = max(0, stop - max(self.stop - self.n_fade_out, start))
        at = np.arange(start, stop, dtype=np.float64) + 0.5
        gains[:n_rise] *= _edge(at[:n_rise] - self.start, self.n_fade_in, self.likeness_in)
        n_level = len(gains) - n_fall
        gains[n_level:] *= _edge(self.stop - at[n_level:], self.n_fade_out, self.likeness_out)
        return gains.astype(np.float32)[:, None]


@dataclass(frozen=True)
class Pass:
    """One pass of a piece: its sample ``offset`` plays at the programme's sample ``envelope.start``."""

    samples: Samples
    offset: int
    gain: float
    envelope: Envelope


@dataclass(frozen=True)
class Stretch:
    """Music without a gap: passes in their order, overlapping in crossfades, and the fades around them all."""

    envelope: Envelope
    passes: tuple[Pass, ...]


@dataclass(frozen=True)
class LaidMusic:
    """`vidsep.audio.Samples` of the music along the whole programme, silent where no stretch lies."""

    shape: tuple[int, int]
    stretches: tuple[Stretch, ...]

    def __getitem__(self, key: slice, /) -> FloatArray:
        start, stop, step = key.indices(self.shape[0])
        if step != 1:
            raise ValueError("laid music is read forwards and without gaps")
        out = np.zeros((max(0, stop - start), self.shape[1]), np.float32)
        for stretch in self.stretches:
            first, last = max(start, stretch.envelope.start), min(stop, stretch.envelope.stop)
            if first < last:
                part = _sum_of(stretch.passes, first, last, self.shape[1])
                out[first - start : last - start] += part * stretch.envelope.gains(first, last)
        return out


def _sum_of(passes: tuple[Pass, ...], start: int, stop: int, n_channels: int) -> FloatArray:
    out = np.zeros((stop - start, n_channels), np.float32)
    for one in passes[bisect_right(passes, start, key=lambda one: one.envelope.stop) :]:
        first, last = max(start, one.envelope.start), min(stop, one.envelope.stop)
        if first >= last:
            break
        shift = one.offset - one.envelope.start
        sound = one.samples[first + shift : last + shift]
        out[first - start : last - start] += sound * (one.envelope.gains(first, last) * np.float32(one.gain))
    return out


def _edge(distance: npt.NDArray[np.float64], n_fade: int, likeness: float) -> npt.NDArray[np.float64]:
    """The gain at a ``distance`` in samples from an edge that is ``n_fade`` samples wide.

    The power of ``a x + b y`` is ``a^2 + b^2 + 2 likeness a b`` for sounds of equal power; dividing by its root keeps
    it at 1. That is the equal-power crossfade for ``likeness`` 0 and one that sums to exactly 1 for equal sounds.
    """
    if n_fade == 0:
        return np.ones(len(distance))
    angle = np.pi / 2 * np.clip(distance / n_fade, 0.0, 1.0)
    rising, falling = np.sin(angle), np.cos(angle)
    gain: npt.NDArray[np.float64] = rising / np.sqrt(1 + 2 * likeness * rising * falling)
    return gain
