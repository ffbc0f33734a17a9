"""Everything that is measured of a programme, in one pass."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from vidsep.aside import together
from vidsep.audio import FloatArray
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.loudness.true_peak import TruePeakMeter


@dataclass(frozen=True)
class Loudness:
    """The loudness of a programme; silence measures minus infinity, with a range of 0.0."""

    integrated_lufs: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    lra_lu: float
    true_peak_dbtp: float

    def as_dict(self) -> dict[str, float | None]:
        """The values by name, ready for JSON, which has no infinity: None stands for silence."""
        return {name: value if math.isfinite(value) else None for name, value in asdict(self).items()}


class ProgrammeMeter:
    """Loudness and true peak of sound that passes by in blocks."""

    def __init__(self, sample_rate: int, n_channels: int, layout: str = "") -> None:
        self.loudness = LoudnessMeter(sample_rate, n_channels, layout)
        self.true_peak = TruePeakMeter(sample_rate, n_channels)

    def add(self, block: FloatArray) -> None:
        """Hear the next block, shape ``(any, n_channels)``."""
        together(partial(self.loudness.add, block), partial(self.true_peak.add, block))

    def watch(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """Pass ``blocks`` on, each after it was heard."""
        for block in blocks:
            self.add(block)
            yield block

    def result(self) -> Loudness:
        """What was measured so far."""
        return Loudness(
            integrated_lufs=self.loudness.integrated_lufs,
            max_momentary_lufs=self.loudness.max_momentary_lufs,
            max_short_term_lufs=self.loudness.max_short_term_lufs,
            lra_lu=self.loudness.lra_lu,
            true_peak_dbtp=self.true_peak.true_peak_dbtp,
        )


def measure(blocks: Iterable[FloatArray], sample_rate: int, n_channels: int, layout: str = "") -> Loudness:
    """The loudness of ``blocks``, each of shape ``(any, n_channels)``, as EBU R 128 describes a programme.

    >>> import numpy as np
    >>> measure([np.zeros((48000, 2), np.float32)], 48000, 2).as_dict()["integrated_lufs"] is None
    True
    """
    meter = ProgrammeMeter(sample_rate, n_channels, layout)
    for block in blocks:
        meter.add(block)
    return meter.result()
