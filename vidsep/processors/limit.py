"""The last stage of a mix: no true peak above the ceiling."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import scipy

from vidsep.audio import FloatArray, db_to_gain
from vidsep.dsp.envelope import Control, gain_of_db, released
from vidsep.dsp.framing import rechunk
from vidsep.loudness.oversample import AFTER, BEFORE, Oversampler
from vidsep.processors.base import Processor
from vidsep.settings import number

SAFETY_DB = 0.02  # a gain that moves while the interpolation filter passes can add this much to a peak
NOTHING_DB = 1e-8  # where a decay ends: no float32 gain can show a reduction so small


@dataclass(frozen=True)
class Limit(Processor):
    """Turns down what would exceed the ceiling, and nothing else: sound that stays below comes out bit for bit.

    Peaks are true peaks (ITU-R BS.1770-4, annex 2). All channels share one gain, so that the stereo image stands still.
    The gain begins to fall ``look_ahead_ms`` before a peak, in a smooth curve that has arrived when the peak does,
    and comes back exponentially in dB. Nothing is delayed: the limiter reads ahead.
    """

    ceiling_dbtp: float = number(-1.0, "dBTP", -20, 0, "true peak that is not exceeded")
    look_ahead_ms: float = number(5.0, "ms", 1, 50, "how long before a peak the gain begins to fall")
    release_ms: float = number(100.0, "ms", 10, 2000, "time constant of coming back")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        oversampler = Oversampler(sample_rate)
        box = max(1, round(self.look_ahead_ms * sample_rate / 4000))  # two boxes smooth it over twice their width
        hold = AFTER + 2 * box  # the gain stays down while a peak is in the interpolation filter and in the boxes
        margin = 2 * box + hold + AFTER
        decay = 1000 / (self.release_ms * sample_rate)  # in nepers a sample
        released_db = 0.0
        for sound in _with_context(blocks, sample_rate, margin):
            needed_db = self._needed_db(sound, oversampler)
            if released_db < 2 * NOTHING_DB and not needed_db.any():
                yield sound[margin:-margin]
                continue
            held_db = scipy.ndimage.maximum_filter1d(needed_db, 2 * hold + 1)[hold + AFTER : -hold - AFTER]
            reduction_db = released(held_db, released_db, decay)
            released_db = float(reduction_db[-1 - 4 * box])
            for _ in range(2):
                reduction_db = scipy.ndimage.uniform_filter1d(reduction_db, 2 * box + 1)
            yield sound[margin:-margin] * gain_of_db(-reduction_db[2 * box : -2 * box])

    def _needed_db(self, sound: FloatArray, oversampler: Oversampler) -> Control:
        """By how much each sample must be turned down, in dB of 0 or more; 0 where the context is too short to tell."""
        needed_db = np.zeros(len(sound))
        ceiling = db_to_gain(self.ceiling_dbtp)
        if max(sound.max(), -sound.min()) * oversampler.bound <= ceiling:
            return needed_db
        peaks = oversampler.peaks(sound)
        over = np.flatnonzero(peaks > ceiling)
        needed_db[over + BEFORE] = 20 * np.log10(peaks[over] / ceiling) + SAFETY_DB
        return needed_db


def _with_context(blocks: Iterable[FloatArray], n_samples: int, margin: int) -> Iterator[FloatArray]:
    """Pieces of ``n_samples``, cut at fixed places, each with ``margin`` samples of what is around it.

    Cutting at fixed places makes the result the same to the last bit however the sound came.
    """
    pieces = rechunk(blocks, n_samples)
    piece = next(pieces, None)
    if piece is None:
        return
    silence = np.zeros((margin, piece.shape[1]), np.float32)
    before = silence
    for after in chain(pieces, [silence]):
        sound = np.concatenate([before, piece, after[:margin], silence[min(margin, len(after)) :]])
        yield sound
        before = sound[len(piece) : len(piece) + margin]
        piece = after
