"""The contract of everything that changes sound.

A processor is a frozen dataclass: its fields (see `vidsep.settings`) are its whole configuration, `process` does the
work. To add one: write ``processors/<name>.py``, add a line to ``PROCESSORS`` in ``processors/__init__.py``; it is then
known to presets by that name and covered by ``tests/processors/test_contract.py``. Add one physical fact of its own.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray
from vidsep.settings import check_ranges


@dataclass(frozen=True)
class Processor(ABC):
    """Changes sound that streams through it."""

    def __post_init__(self) -> None:
        check_ranges(self)

    @abstractmethod
    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        """Blocks of shape ``(any, n_channels)`` in, the same number of samples in all out, without delay.

        Works on blocks of any sizes and gives the same sound however it was cut; never writes to a block it was given;
        silence in is silence out. What must be remembered between blocks lives in local variables of the generator.
        """


def chain(processors: Sequence[Processor], blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
    """The sound after all of ``processors``, first to last."""
    for processor in processors:
        blocks = processor.process(blocks, sample_rate)
    yield from blocks


def apply(processor: Processor, samples: FloatArray, sample_rate: int) -> FloatArray:
    """`Processor.process` for sound that fits in memory: ``(n_samples, n_channels)`` in and out."""
    return np.concatenate([samples[:0], *processor.process([samples], sample_rate)])
