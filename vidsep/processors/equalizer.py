"""High-pass, low-pass, shelves and bell: the equalizer, one band a processor."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vidsep.audio import FloatArray
from vidsep.dsp import filters
from vidsep.processors.base import Processor
from vidsep.settings import number

DB_PER_OCTAVE_AND_ORDER = 6


@dataclass(frozen=True)
class Filter(Processor):
    """A band of the equalizer; what each does beyond half the sample rate stands in `vidsep.dsp.filters`."""

    @abstractmethod
    def sections(self, sample_rate: int) -> filters.Sections:
        """The filter for a sample rate."""

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        return filters.filtered(self.sections(sample_rate), blocks)


@dataclass(frozen=True)
class HighPass(Filter):
    """Takes away what is below a frequency: rumble, wind, handling noise."""

    frequency_hz: float = number(80.0, "Hz", 10, 20000, "3 dB less here, ever less below")
    slope_db_per_octave: float = number(12.0, "dB/octave", 6, 48, "how steeply it falls, in steps of 6")

    def __post_init__(self) -> None:
        super().__post_init__()
        _order(self.slope_db_per_octave)

    def sections(self, sample_rate: int) -> filters.Sections:
        return filters.high_pass(self.frequency_hz, _order(self.slope_db_per_octave), sample_rate)


@dataclass(frozen=True)
class LowPass(Filter):
    """Takes away what is above a frequency: hiss, whistles."""

    frequency_hz: float = number(16000.0, "Hz", 10, 20000, "3 dB less here, ever less above")
    slope_db_per_octave: float = number(12.0, "dB/octave", 6, 48, "how steeply it falls, in steps of 6")

    def __post_init__(self) -> None:
        super().__post_init__()
        _order(self.slope_db_per_octave)

    def sections(self, sample_rate: int) -> filters.Sections:
        return filters.low_pass(self.frequency_hz, _order(self.slope_db_per_octave), sample_rate)


@dataclass(frozen=True)
class LowShelf(Filter):
    """Raises or lowers the bass."""

    frequency_hz: float = number(200.0, "Hz", 10, 20000, "half of the gain is reached here, all of it below")
    gain_db: float = number(0.0, "dB", -24, 24, "change of level far below the frequency")
    q: float = number(0.71, "", 0.1, 2, "steepness; 0.71 is the steepest without an overshoot")

    def sections(self, sample_rate: int) -> filters.Sections:
        return filters.low_shelf(self.frequency_hz, self.gain_db, self.q, sample_rate)


@dataclass(frozen=True)
class HighShelf(Filter):
    """Raises or lowers the treble."""

    frequency_hz: float = number(6000.0, "Hz", 10, 20000, "half of the gain is reached here, all of it above")
    gain_db: float = number(0.0, "dB", -24, 24, "change of level far above the frequency")
    q: float = number(0.71, "", 0.1, 2, "steepness; 0.71 is the steepest without an overshoot")

    def sections(self, sample_rate: int) -> filters.Sections:
        return filters.high_shelf(self.frequency_hz, self.gain_db, self.q, sample_rate)


@dataclass(frozen=True)
class Bell(Filter):
    """Raises or lowers what is around a frequency: presence, a resonance, hum."""

    frequency_hz: float = number(1000.0, "Hz", 10, 20000, "the middle")
    gain_db: float = number(0.0, "dB", -24, 24, "change of level at the middle")
    q: float = number(1.0, "", 0.1, 30, "narrowness: the frequency over the width of the bell")

    def sections(self, sample_rate: int) -> filters.Sections:
        return filters.bell(self.frequency_hz, self.gain_db, self.q, sample_rate)


def _order(slope_db_per_octave: float) -> int:
    order, rest = divmod(slope_db_per_octave, DB_PER_OCTAVE_AND_ORDER)
    if rest:
        raise ValueError(f"slope_db_per_octave is {slope_db_per_octave:g} dB/octave, it goes in steps of 6")
    return int(order)
