"""Short-time power spectra of sound of any length, in a bounded number of frames.

Frames are centred on every ``step``-th sample from the first on; the sound is taken as silent beyond its ends. The
squares of half-overlapping sine windows sum to one, so the frames' mean power is that of the sound. Long programmes
leave out frames between: a report needs a fair sample of the sound, not all of it.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft

from vidsep.audio import FloatArray

WINDOW_SECONDS = 0.085  # 4096 samples at 48 kHz: 12 Hz fine, which tells the lowest notes apart
MIN_FRAMES = 1200  # short sound is framed more densely until a picture of it has about as many columns
MAX_FRAMES = 18_000  # 12 minutes without gaps; one frame every 0.6 s in three hours
DENSEST_OVERLAP = 8  # frames of a window's length, at most
BATCH_FRAMES = 32  # what is transformed at once


@dataclass(frozen=True)
class FramePlan:
    """Where the frames of ``n_samples`` of sound stand."""

    n_samples: int
    sample_rate: int
    n_fft: int
    step: int

    @property
    def n_frames(self) -> int:
        return -(-self.n_samples // self.step)

    @property
    def step_seconds(self) -> float:
        return self.step / self.sample_rate

    @property
    def frequencies_hz(self) -> FloatArray:
        """Centre of each bin, shape ``(n_fft / 2 + 1,)``."""
        return np.fft.rfftfreq(self.n_fft, 1 / self.sample_rate).astype(np.float32)


def plan_frames(n_samples: int, sample_rate: int) -> FramePlan:
    """Frames for a sound: about 85 ms each, half overlapping; denser in short sound, sparser in long.

    >>> plan_frames(60 * 48000, 48000).step
    2048
    """
    n_fft = 2 ** round(math.log2(sample_rate * WINDOW_SECONDS))
    step = n_fft // 2
    while n_samples < MIN_FRAMES * step and step > n_fft // DENSEST_OVERLAP:
        step //= 2
    sparse = max(1, math.ceil(n_samples / (step * MAX_FRAMES)))
    return FramePlan(n_samples, sample_rate, n_fft, step * sparse)


def power_spectra(blocks: Iterable[FloatArray], plan: FramePlan) -> Iterator[FloatArray]:
    """One-sided power spectra of the planned frames, a few at a time: shape ``(n_frames, n_channels, n_bins)``.

    The bins of a frame sum to the sound's mean square around its centre. ``blocks`` hold the planned number of samples.
    """
    window = np.sin(np.pi * (np.arange(plan.n_fft) + 0.5) / plan.n_fft).astype(np.float32)
    scale = np.full(plan.n_fft // 2 + 1, 2.0 / (plan.n_fft * np.sum(window**2)), dtype=np.float32)
    scale[[0, -1]] /= 2
    for frames in _frames(blocks, plan):
        spectra = scipy.fft.rfft(frames * window, axis=-1)
        yield (spectra.real**2 + spectra.imag**2) * scale


def _frames(blocks: Iterable[FloatArray], plan: FramePlan) -> Iterator[FloatArray]:
    """Windows of the sound, shape ``(up to BATCH_FRAMES, n_channels, n_fft)``."""
    position, done = -(plan.n_fft // 2), 0  # of the buffer's first sample; frames given
    buffer: FloatArray | None = None
    for block in _padded(blocks, plan.n_fft // 2):
        buffer = block if buffer is None else np.concatenate([buffer, block])
        while True:
            start = done * plan.step - plan.n_fft // 2 - position
            ready = max(0, (len(buffer) - start - plan.n_fft) // plan.step + 1)
            count = min(BATCH_FRAMES, ready, plan.n_frames - done)
            if count == 0:
                break
            stretch = buffer[start : start + (count - 1) * plan.step + plan.n_fft]
            yield np.lib.stride_tricks.sliding_window_view(stretch, plan.n_fft, axis=0)[:: plan.step]
            done += count
        start = min(len(buffer), max(0, done * plan.step - plan.n_fft // 2 - position))
        buffer, position = buffer[start:], position + start


def _padded(blocks: Iterable[FloatArray], n_samples: int) -> Iterator[FloatArray]:
    """``blocks`` between two stretches of silence."""
    silence = None
    for block in blocks:
        if silence is None:
            silence = np.zeros((n_samples, block.shape[1]), dtype=np.float32)
            yield silence
        yield block
    if silence is not None:
        yield silence
