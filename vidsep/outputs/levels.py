"""What the stems hold and what became of the music, frame by frame: one pass over sound of any length.

Loudness here comes from short-time spectra under the K-weighting curve (ITU-R BS.1770-4, annex 1) instead of from
filtered samples: the spectra are needed anyway, and over two seconds and more both agree within a few tenths of a LU.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy

from vidsep.audio import BLOCK_SECONDS, STEM_NAMES, Audio, FloatArray, StemSource
from vidsep.dsp.framing import rechunk
from vidsep.loudness.bs1770 import k_weighting
from vidsep.loudness.channels import channel_weights
from vidsep.loudness.gating import Levels
from vidsep.outputs.frames import FramePlan, plan_frames, power_spectra
from vidsep.outputs.spectrogram import Columns

PAIRS = ((0, 1), (0, 2), (1, 2))  # of STEM_NAMES


@dataclass(frozen=True, eq=False)
class StemLevels:
    """K-weighted power of the stems at even distances; every array has one value a frame.

    ``sure`` is the power of all stems, each bin counted by how clearly one stem owns it; ``contested`` (one column for
    each of ``PAIRS``) is the power that two stems hold in the same bins.
    """

    step_seconds: float
    total_seconds: float
    dialogue: Levels
    music: Levels
    effects: Levels
    music_after: Levels
    sure: Levels
    contested: Levels

    @property
    def total(self) -> Levels:
        """Power of the three stems together."""
        return self.dialogue + self.music + self.effects

    @property
    def seconds(self) -> Levels:
        """Time of each frame's centre."""
        return np.arange(len(self.music), dtype=np.float64) * self.step_seconds


def measure_stems(
    stems: StemSource, music_after: Iterable[FloatArray], sound: Audio
) -> tuple[StemLevels, dict[str, FloatArray]]:
    """Levels of the stems of ``sound``, and a spectrogram of each (see `vidsep.outputs.spectrogram.spectrogram`).

    ``music_after`` is the music stem as it went into the output, in blocks of any size that last as long as the stems.
    Raises ValueError where they do not.
    """
    plan = plan_frames(sound.n_samples, sound.sample_rate)
    bins, channels = _k_weights(plan), channel_weights(sound.n_channels, sound.layout)
    columns = {name: Columns(plan) for name in STEM_NAMES}
    rows = [np.zeros((0, 5 + len(PAIRS)))]
    for power in power_spectra(_side_by_side(stems, music_after, sound), plan):
        signals = power.reshape(len(power), 4, sound.n_channels, -1)  # three stems, then the music afterwards
        for signal, name in enumerate(STEM_NAMES):
            columns[name].add(signals[:, signal].mean(axis=1))
        rows.append(_frame_levels(np.einsum("fsck,c->fsk", signals, channels) * bins))
    return _levels(np.concatenate(rows), plan), {name: column.levels_db for name, column in columns.items()}


def _side_by_side(stems: StemSource, music_after: Iterable[FloatArray], sound: Audio) -> Iterable[FloatArray]:
    """Blocks that hold dialogue, music, effects and the music afterwards as channels."""
    size = max(1, round(BLOCK_SECONDS * sound.sample_rate))
    afterwards = rechunk(music_after, size)
    for start in range(0, sound.n_samples, size):
        part = stems[start : min(start + size, sound.n_samples)]
        after = next(afterwards, part.music[:0])
        if len(after) != len(part.music):
            raise ValueError("the music afterwards is shorter or longer than the stems")
        yield np.concatenate([part.dialogue, part.music, part.effects, after], axis=1)
    if next(afterwards, None) is not None:
        raise ValueError("the music afterwards is longer than the stems")


def _k_weights(plan: FramePlan) -> Levels:
    """What the K weighting does to the power of each bin, shape ``(n_bins,)``."""
    _, response = scipy.signal.sosfreqz(k_weighting(plan.sample_rate), worN=plan.frequencies_hz, fs=plan.sample_rate)
    weights: Levels = np.abs(response) ** 2
    return weights


def _frame_levels(power: Levels) -> Levels:
    """Shape ``(n_frames, 4, n_bins)`` to ``(n_frames, 8)``: four powers, sure power, contested power of each pair."""
    stems = power[:, :3]
    amplitudes = np.sqrt(stems)
    share = amplitudes.max(axis=1) / np.maximum(1e-15, amplitudes.sum(axis=1))
    sure = np.sum(share * stems.sum(axis=1), axis=-1)
    contested = [np.minimum(stems[:, a], stems[:, b]).sum(axis=-1) for a, b in PAIRS]
    return np.column_stack([power.sum(axis=-1), sure, *contested])


def _levels(table: Levels, plan: FramePlan) -> StemLevels:
    dialogue, music, effects, music_after, sure = table[:, :5].T
    seconds = plan.n_samples / plan.sample_rate
    return StemLevels(plan.step_seconds, seconds, dialogue, music, effects, music_after, sure, table[:, 5:])
