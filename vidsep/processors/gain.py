"""Louder or quieter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray, db_to_gain
from vidsep.processors.base import Processor
from vidsep.settings import number


@dataclass(frozen=True)
class Gain(Processor):
    """Multiplies the sound by a factor."""

    gain_db: float = number(0.0, "dB", -60, 24, "change of level")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        gain = np.float32(db_to_gain(self.gain_db))
        for block in blocks:
            yield block * gain
