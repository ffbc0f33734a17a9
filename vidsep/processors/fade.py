"""In from silence, out to silence."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidsep.audio import FloatArray
from vidsep.processors.base import Processor
from vidsep.settings import choice, number


@dataclass(frozen=True)
class Fade(Processor):
    """Fades the beginning in and the end out.

    Of a sound shorter than a fade the beginning fades in as far as it gets, and the end is reached at silence.
    Holds back ``out_seconds`` of sound, since only the last block tells where the end is.
    """

    in_seconds: float = number(1.0, "s", 0, 60, "length of the fade-in")
    out_seconds: float = number(1.0, "s", 0, 60, "length of the fade-out")
    shape: str = choice("equal-power", ("equal-power", "linear"), "equal-power keeps the level where two meet")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        blocks = self._in(blocks, round(self.in_seconds * sample_rate))
        return self._out(blocks, round(self.out_seconds * sample_rate))

    def _in(self, blocks: Iterable[FloatArray], n_fade: int) -> Iterator[FloatArray]:
        start = 0
        for block in blocks:
            yield block * self._gain(start + np.arange(len(block)), n_fade) if start < n_fade else block
            start += len(block)

    def _out(self, blocks: Iterable[FloatArray], n_fade: int) -> Iterator[FloatArray]:
        held: deque[FloatArray] = deque()
        n_held = 0
        for block in blocks:
            held.append(block)
            n_held += len(block)
            while held and n_held - len(held[0]) >= n_fade:
                n_held -= len(held[0])
                yield held.popleft()
        for block in held:
            yield block * self._gain(n_held - 1 - np.arange(len(block)), n_fade)
            n_held -= len(block)

    def _gain(self, positions: npt.NDArray[np.int64], n_fade: int) -> FloatArray:
        """Factors of shape ``(n_samples, 1)`` for samples that are so far from the silent end of a fade."""
        share = np.clip((positions + 0.5) / max(n_fade, 1), 0, 1)
        gain = np.sin(np.pi / 2 * share) if self.shape == "equal-power" else share
        return gain.astype(np.float32)[:, None]
