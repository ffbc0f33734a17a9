"""What bleeds from a stem into the others goes back into it.

No network takes a stem out of the others without a rest. Where a stem is far louder than another, what the other holds
in that place of the spectrum is mostly that rest, and it is what systems that look for a song still find.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.signal

from vidsep.audio import STEM_NAMES, FloatArray, Stems, StemSource

Spectra: TypeAlias = npt.NDArray[np.complex64]

FRAME_SECONDS = 0.046  # of the frames that most separating networks work in
EFFECTS_MORE_DB = 6  # what a network is unsure of, such as drums, is mostly there (docs/model-log.md, Clearing)
FAINTEST = 1e-12  # power of a bin that is added to both sides, so that silence stays as it is


@dataclass(frozen=True)
class Debled:
    """`StemSource` of stems of which the others are turned down where ``stem`` rules the spectrum.

    The gain is a Wiener filter's with over-subtraction (after Berouti, Schwartz and Makhoul, Enhancement of speech
    corrupted by acoustic noise, ICASSP 1979): another's power over the sum of it and the stem's, the stem's taken
    for ``strength_db`` more, and for the effects for another `EFFECTS_MORE_DB`. Where both are equally loud dialogue
    loses 6 dB at a strength of 0 dB and 14 dB at 6; where the stem is 20 dB below it, 0.1 and 0.3 dB. What is lost
    goes to the stem, so that the sum stays.
    """

    stems: StemSource
    sample_rate: int
    stem: str
    strength_db: float

    @property
    def shape(self) -> tuple[int, ...]:
        return self.stems.shape

    def __getitem__(self, key: slice, /) -> Stems:
        start, stop, _ = key.indices(self.shape[0])
        if stop <= start:
            return self.stems[start:start]
        first, last = (start // self._hop - 1) * self._hop, (-(-stop // self._hop) + 1) * self._hop
        read = self.stems[max(0, first) : min(self.shape[0], last)]  # with all frames that reach into the slice
        names = (self.stem, *self._others)
        sounds = np.stack([getattr(read, name) for name in names])
        sounds = np.pad(sounds, ((0, 0), (max(0, -first), max(0, last - self.shape[0])), (0, 0)))
        bleeding = sounds[0].any(axis=0)  # other channels, as that for the bass, stay as they are, bit by bit
        if not bleeding.any():
            return self.stems[start:stop]
        found = sounds[:, self._hop : -self._hop].copy()
        found[1:, :, bleeding] = self._turned_down(sounds[:, :, bleeding])
        found[0] += (sounds[1:, self._hop : -self._hop] - found[1:]).sum(axis=0)
        parts = found[:, start - first - self._hop :][:, : stop - start]
        return Stems(**dict(zip(names, parts, strict=True)))

    @property
    def _others(self) -> tuple[str, ...]:
        return tuple(name for name in STEM_NAMES if name != self.stem)

    @cached_property
    def _hop(self) -> int:
        """Half of a frame, in samples."""
        return int(scipy.fft.next_fast_len(round(FRAME_SECONDS / 2 * self.sample_rate)))

    def _turned_down(self, sounds: FloatArray) -> FloatArray:
        """Of the stem and the two others, ``(3, n_samples, n_channels)``, the others without their first and last hop.

        Frames overlap by half, both ways under the square root of a Hann window: unchanged they sum to the sound.
        """
        window = np.sqrt(scipy.signal.windows.hann(2 * self._hop, sym=False)).astype(np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(sounds, len(window), axis=1)[:, :: self._hop] * window
        made = scipy.fft.irfft(self._kept(scipy.fft.rfft(frames)), len(window)) * window
        hops = made[:, 1:, :, : self._hop] + made[:, :-1, :, self._hop :]  # (2, n_frames - 1, n_channels, hop)
        return np.moveaxis(hops, 2, 3).reshape(2, -1, sounds.shape[2])

    def _kept(self, spectra: Spectra) -> Spectra:
        """Of the spectra of the stem and the two others those of the others, turned down."""
        more_db = [EFFECTS_MORE_DB if name == "effects" else 0 for name in self._others]
        strengths = 10 ** ((self.strength_db + np.array(more_db, np.float32)) / 10)
        stem, *others = np.square(spectra.real) + np.square(spectra.imag)
        own = np.stack(others) + np.float32(FAINTEST)
        kept: Spectra = spectra[1:] * (own / (own + strengths[:, None, None, None] * stem))
        return kept
