"""A landmark fingerprinter, as systems that claim songs work: the benchmarks' judge of whether a song is still there.

After A. Wang, "An industrial-strength audio search algorithm" (ISMIR 2003): peaks of the spectrogram, joined in pairs;
a song is found where many of its pairs lie in the sound with one and the same delay. Made to judge and not to be
fast or small; no library of the kind is kept up and free enough to depend on.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import scipy.signal

from vidsep.audio import FloatArray

RATE = 11025  # Hz; what is above 5.5 kHz says little about a song
FRAME, HOP = 1024, 256  # 93 ms, 43 frames a second
PEAK_REACH = (10, 14)  # bins and frames to either side in which a peak is the highest
PEAK_RANGE_DB = 60  # peaks so far below the highest one are noise
SILENCE_DB = -120  # and so are those below this
FAN_OUT = 8  # pairs that begin with a peak
LONGEST = 86  # frames between two peaks of a pair, 2 s
FARTHEST = 100  # bins between them, 1.1 kHz
FEWEST = 10  # pairs with one delay that make a find; chance gave up to 6 of them in `benchmarks.claims`

Pair = tuple[int, int, int]


@dataclass(frozen=True)
class Find:
    """A song that was found, and how many pairs of peaks say so."""

    song: str
    n_pairs: int


class Landmarks:
    """Knows songs, and finds them in other sounds."""

    def __init__(self) -> None:
        self._places: defaultdict[Pair, list[tuple[str, int]]] = defaultdict(list)

    def add(self, song: str, sound: FloatArray, sample_rate: int) -> None:
        """Learn a song, ``(n_samples, n_channels)``."""
        for pair, frame in pairs(sound, sample_rate):
            self._places[pair].append((song, frame))

    def find(self, sound: FloatArray, sample_rate: int) -> Find | None:
        """The song that most pairs of a sound agree on; None if fewer than `FEWEST` do."""
        votes = Counter(
            (song, at - frame) for pair, frame in pairs(sound, sample_rate) for song, at in self._places.get(pair, ())
        )
        if not votes:
            return None
        (song, _), n_pairs = votes.most_common(1)[0]
        return Find(song, n_pairs) if n_pairs >= FEWEST else None


def pairs(sound: FloatArray, sample_rate: int) -> Iterator[tuple[Pair, int]]:
    """Pairs of peaks as (bin of the first, bin of the second, frames between them), and the frame of the first."""
    bins, frames = peaks(sound, sample_rate)
    for first in range(len(frames)):
        begun = 0
        for second in range(first + 1, len(frames)):
            gap = int(frames[second] - frames[first])
            if gap > LONGEST or begun == FAN_OUT:
                break
            if gap > 0 and abs(int(bins[second] - bins[first])) <= FARTHEST:
                begun += 1
                yield (int(bins[first]), int(bins[second]), gap), int(frames[first])


def peaks(sound: FloatArray, sample_rate: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Bins and frames of the spectrogram's peaks, in the order of time."""
    mono = scipy.signal.resample_poly(np.mean(sound, axis=1, dtype=np.float64), RATE, sample_rate)
    _, _, spectra = scipy.signal.stft(mono, RATE, nperseg=FRAME, noverlap=FRAME - HOP)
    level_db = 20 * np.log10(np.abs(spectra) + 1e-9)
    size = tuple(2 * reach + 1 for reach in PEAK_REACH)
    is_peak = (level_db == scipy.ndimage.maximum_filter(level_db, size)) & (
        level_db > max(SILENCE_DB, level_db.max() - PEAK_RANGE_DB)
    )
    frames, bins = np.nonzero(is_peak.T)
    return bins, frames
