"""Quieter pauses: what is below a threshold is turned further down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray
from vidsep.dsp.envelope import Control, Smoother, gain_of_db, peak_level_db
from vidsep.dsp.framing import split
from vidsep.processors.base import Processor
from vidsep.settings import number


@dataclass(frozen=True)
class Expander(Processor):
    """Turns down the noise between words; all channels by the same gain."""

    threshold_db: float = number(-50.0, "dBFS", -90, 0, "peak level below which it works")
    ratio: float = number(2.0, "", 1, 20, "one dB below the threshold becomes so many")
    range_db: float = number(18.0, "dB", 0, 60, "the most it turns down")
    attack_ms: float = number(2.0, "ms", 0.1, 200, "time constant of opening")
    hold_ms: float = number(80.0, "ms", 0, 2000, "how long it stays open after the level fell")
    release_ms: float = number(200.0, "ms", 5, 2000, "time constant of closing")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        smooth = Smoother(self.attack_ms, self.hold_ms, self.release_ms, sample_rate)
        for block in split(blocks):
            opening_db = self.range_db - self.reduction_db(peak_level_db(block))
            change_db = smooth(opening_db) - self.range_db
            yield block * gain_of_db(change_db)

    def reduction_db(self, level_db: Control) -> Control:
        """The static curve: by how many dB, 0 to ``range_db``, sound of a steady level is turned down."""
        return np.clip((self.ratio - 1) * (self.threshold_db - level_db), 0, self.range_db)
