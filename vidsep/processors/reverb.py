"""A room around the sound."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray, db_to_gain
from vidsep.dsp.convolution import Convolver
from vidsep.dsp.filters import filtered, low_pass
from vidsep.dsp.framing import rechunk
from vidsep.processors.base import Processor
from vidsep.settings import number

TAIL_DB = 75.0  # the response ends where it has decayed by so much
HIGH_DECAY = 0.4  # reverberation time above damping_hz, as a share of that below
SEED = 20  # the same room every time
SHORTEST_BLOCK_SECONDS = 1.0  # shorter transforms spend their time on overheads


@dataclass(frozen=True)
class Reverb(Processor):
    """Adds the sound of a room: noise that dies away exponentially, another in every channel.

    A diffuse room's response is close to such noise (Moorer, About this reverberation business, CMJ 3/2, 1979). The
    tail ends where the sound ends, since the length never changes.
    """

    seconds: float = number(1.2, "s", 0.1, 10, "reverberation time: what the room takes to fall by 60 dB (RT60)")
    pre_delay_ms: float = number(20.0, "ms", 0, 250, "from the sound to the room's first answer")
    damping_hz: float = number(5000.0, "Hz", 500, 20000, "above it the room falls silent sooner")
    wet_db: float = number(-18.0, "dB", -60, 6, "level of the room against the sound itself")

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        room: Convolver | None = None
        block_seconds = max(self.seconds, SHORTEST_BLOCK_SECONDS)
        for block in rechunk(blocks, round(block_seconds * sample_rate)):
            if room is None:
                room = Convolver(self.response(sample_rate, block.shape[1]))
            yield block + room(block)

    def response(self, sample_rate: int, n_channels: int) -> FloatArray:
        """The room's answer to one sample of full scale, shape ``(n_samples, n_channels)``, at ``wet_db``."""
        n_samples = math.ceil(self.seconds * TAIL_DB / 60 * sample_rate)
        t = np.arange(n_samples)[:, None] / sample_rate
        noise = np.random.default_rng(SEED).standard_normal((n_channels, n_samples)).T.astype(np.float32)
        low = np.concatenate(list(filtered(low_pass(self.damping_hz, 1, sample_rate), [noise])))
        high = noise - low
        room = low * 10 ** (-3 * t / self.seconds) + high * 10 ** (-3 * t / (self.seconds * HIGH_DECAY))
        room *= db_to_gain(self.wet_db) / np.sqrt(np.sum(room**2, axis=0))
        n_silent = round(self.pre_delay_ms * sample_rate / 1000)
        return np.concatenate([np.zeros((n_silent, n_channels)), room]).astype(np.float32)
