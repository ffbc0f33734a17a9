"""Quieter peaks: the difference between loud and soft made smaller."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray
from vidsep.dsp.envelope import Control, Smoother, gain_of_db, peak_level_db
from vidsep.dsp.framing import split
from vidsep.processors.base import Processor
from vidsep.settings import number


@dataclass(frozen=True)
class Compressor(Processor):
    """Turns down what is above a threshold; all channels by the same gain, so that the stereo image stands still.

    Static curve and detector as in Giannoulis, Massberg and Reiss, Digital dynamic range compressor design
    (JAES 60/6, 2012): quadratic knee, level of the highest sample, smoothing of the gain in dB.
    """

    threshold_db: float = number(-18.0, "dBFS", -60, 0, "peak level above which it works")
    ratio: float = number(3.0, "", 1, 20, "so many dB above the threshold become one")
    attack_ms: float = number(5.0, "ms", 0.1, 200, "time constant of turning down")
    release_ms: float = number(120.0, "ms", 5, 2000, "time constant of coming back")
    knee_db: float = number(6.0, "dB", 0, 24, "width of the bend around the threshold")
    makeup_db: float = number(0.0, "dB", 0, 24, "gain after it")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        smooth = Smoother(self.attack_ms, 0.0, self.release_ms, sample_rate)
        for block in split(blocks):
            change_db = self.makeup_db - smooth(self.reduction_db(peak_level_db(block)))
            yield block * gain_of_db(change_db)

    def reduction_db(self, level_db: Control) -> Control:
        """The static curve: by how many dB, 0 or more, sound of a steady level is turned down."""
        over_db = level_db - self.threshold_db
        into_knee_db = np.clip(over_db + self.knee_db / 2, 0, self.knee_db)
        bent_db = into_knee_db**2 / (2 * self.knee_db) if self.knee_db else np.zeros_like(over_db)
        beyond_db = np.maximum(over_db - self.knee_db / 2, 0)
        return np.asarray((1 - 1 / self.ratio) * (bent_db + beyond_db), np.float64)
