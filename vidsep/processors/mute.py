"""Off, or down to a residual floor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray, db_to_gain
from vidsep.processors.base import Processor
from vidsep.settings import number


@dataclass(frozen=True)
class Mute(Processor):
    """Takes the sound away, or down to a floor that hides what a separation leaves behind."""

    floor_db: float | None = number(None, "dB", -60, -1, "what stays, against the sound's own level; off is silence")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        for block in blocks:
            if self.floor_db is None:
                yield np.zeros(block.shape, np.float32)
            else:
                yield block * np.float32(db_to_gain(self.floor_db))
