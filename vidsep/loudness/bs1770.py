"""A streaming loudness meter (ITU-R BS.1770-4, EBU Tech 3341 and 3342).

The K weighting is made by pyloudnorm's filter designs. Beside the filters' state the meter keeps one number per 10 ms:
3 MB for an hour of sound.
"""

from array import array
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vidsep.audio import FloatArray
from vidsep.loudness.channels import channel_weights
from vidsep.loudness.gating import Levels, gated_lufs, to_lufs
from vidsep.loudness.grid import Grid
from vidsep.loudness.lra import loudness_range_lu

Filters: TypeAlias = npt.NDArray[np.float64]

HOPS_PER_SECOND = 100  # EBU Tech 3341 cases 10 and 13 ask for readings every 10 ms or faster
MOMENTARY_SECONDS = 0.4  # also the gating block of BS.1770-4
SHORT_TERM_SECONDS = 3.0
STEP_SECONDS = 0.1  # 75 % overlap of gating blocks (BS.1770-4); 10 Hz for the range (EBU Tech 3342)
FORGOTTEN = 1e-20  # filter state of -400 dB is set to zero: denormal numbers would make silence slow


class LoudnessMeter:
    """Measures the loudness of sound that passes by in blocks.

    ``layout`` is ffmpeg's name of the channel layout (see `channel_weights`). Mono is measured as one channel, 3 LU
    below the same sound in stereo. Every result may be asked for at any time and speaks of all blocks added so far.
    """

    def __init__(self, sample_rate: int, n_channels: int, layout: str = "") -> None:
        weights = channel_weights(n_channels, layout)
        self._sample_rate = sample_rate
        self._heard = np.flatnonzero(weights)
        self._weights = weights[self._heard]
        self._filters = k_weighting(sample_rate)
        self._state = np.zeros((len(self._filters), len(self._heard), 2))
        self._grid = Grid(sample_rate, n_channels)  # whole seconds: a whole number of hops at any rate
        self._hop_edges = np.arange(HOPS_PER_SECOND + 1) * sample_rate // HOPS_PER_SECOND
        self._energies = array("d")

    def add(self, block: FloatArray) -> None:
        """Hear the next block, shape ``(any, n_channels)``."""
        for second in self._grid.add(block):
            squares, state = self._weighted_squares(second)
            state[np.abs(state) < FORGOTTEN] = 0.0
            self._state = state
            self._energies.frombytes(self._hop_means(squares).tobytes())

    @property
    def hop_energies(self) -> Levels:
        """The energy (see `gating`) of each whole 10 ms so far, shape ``(n_hops,)``."""
        done = np.array(self._energies)
        if not len(self._grid.rest):
            return done
        squares, _ = self._weighted_squares(self._grid.rest)
        return np.concatenate([done, self._hop_means(squares)])

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness of the whole (BS.1770-4) in LUFS; minus infinity for silence.

        Sound shorter than one gating block (400 ms) is measured as one block of its own length.
        """
        if not self._energies and len(self._grid.rest) < MOMENTARY_SECONDS * self._sample_rate:
            squares, _ = self._weighted_squares(self._grid.rest)
            return gated_lufs(np.array([squares.mean()] if squares.size else []))
        return gated_lufs(full_windows(self.hop_energies, MOMENTARY_SECONDS))

    @property
    def max_momentary_lufs(self) -> float:
        """The loudest 400 ms in LUFS, looked for every 10 ms."""
        return float(self.curve_lufs(MOMENTARY_SECONDS, 1 / HOPS_PER_SECOND).max(initial=-np.inf))

    @property
    def max_short_term_lufs(self) -> float:
        """The loudest 3 s in LUFS, looked for every 10 ms."""
        return float(self.curve_lufs(SHORT_TERM_SECONDS, 1 / HOPS_PER_SECOND).max(initial=-np.inf))

    @property
    def lra_lu(self) -> float:
        """Loudness range in LU; 0.0 for sound under 3 s."""
        return loudness_range_lu(full_windows(self.hop_energies, SHORT_TERM_SECONDS))

    @property
    def momentary_lufs(self) -> Levels:
        """Loudness of the 400 ms before 0.1 s, 0.2 s, ... in LUFS, shape ``(n_tenths_of_a_second,)``."""
        return self.curve_lufs(MOMENTARY_SECONDS, STEP_SECONDS)

    @property
    def short_term_lufs(self) -> Levels:
        """Loudness of the 3 s before 0.1 s, 0.2 s, ... in LUFS, shape ``(n_tenths_of_a_second,)``."""
        return self.curve_lufs(SHORT_TERM_SECONDS, STEP_SECONDS)

    def curve_lufs(self, window_seconds: float, step_seconds: float, *, centred: bool = False) -> Levels:
        """Loudness of a sliding window in LUFS, shape ``(n_whole_steps,)``; lengths in whole hundredths of a second.

        Value ``i`` is that of the window that ends at ``(i + 1) * step_seconds``, as a meter on the wall shows it, or,
        ``centred``, of the window around ``(i + 0.5) * step_seconds``. Before the start and after the end is silence.
        """
        hops, step = round(window_seconds * HOPS_PER_SECOND), round(step_seconds * HOPS_PER_SECOND)
        energies = self.hop_energies
        ahead = (hops - step) // 2 if centred else 0
        sums = np.convolve(energies, np.full(hops, 1 / hops)) if energies.size else energies
        return to_lufs(sums[step - 1 + ahead : max(0, len(energies) - len(energies) % step + ahead) : step])

    def _weighted_squares(self, samples: FloatArray) -> tuple[Levels, Filters]:
        """The K-weighted channels' weighted sum of squares, shape ``(n_samples,)``, and the filters' state after it."""
        channels = np.ascontiguousarray(samples.T[self._heard], dtype=np.float64)
        if not channels.size:
            return np.zeros(len(samples)), self._state
        weighted, state = scipy.signal.sosfilt(self._filters, channels, axis=1, zi=self._state)
        np.square(weighted, out=weighted)
        weighted *= self._weights[:, None]
        return weighted.sum(axis=0), state

    def _hop_means(self, squares: Levels) -> Levels:
        """The means of the whole hops of at most one second."""
        n_hops = int(np.searchsorted(self._hop_edges, len(squares), side="right")) - 1
        if n_hops == 0:
            return squares[:0]
        edges = self._hop_edges[: n_hops + 1]
        sums = np.add.reduceat(squares[: edges[-1]], edges[:-1])
        return sums / np.diff(edges)


def k_weighting(sample_rate: int) -> Filters:
    """The two filters of BS.1770-4 (tables 1 and 2) as second-order sections, shape ``(2, 6)``.

    The standard tabulates coefficients for 48 kHz; the analogue curves behind them (gain, Q and frequency as in
    libebur128) give the same numbers there and the same curves at every other rate.
    """
    from pyloudnorm.iirfilter import IIRfilter  # takes most of a second to import

    shelf = IIRfilter(3.999843853973347, 0.7071752369554196, 1681.974450955533, sample_rate, "high_shelf_DeMan")
    high_pass = IIRfilter(0.0, 0.5003270373238773, 38.13547087602444, sample_rate, "high_pass_DeMan")
    return np.array([[*stage.b, *stage.a] for stage in (shelf, high_pass)])


def full_windows(hop_energies: Levels, window_seconds: float) -> Levels:
    """The energies of the windows that lie wholly inside the sound, one every 100 ms."""
    hops, step = round(window_seconds * HOPS_PER_SECOND), round(STEP_SECONDS * HOPS_PER_SECOND)
    if len(hop_energies) < hops:
        return hop_energies[:0]
    return np.convolve(hop_energies, np.full(hops, 1 / hops), mode="valid")[::step]
