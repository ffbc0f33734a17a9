"""The signal between the samples, for true-peak measurement (ITU-R BS.1770-4, annex 2)."""

from functools import reduce

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vidsep.audio import FloatArray

N_TAPS = 24  # per phase; annex 2 asks for no fewer than its example's 12
KAISER_BETA = 5.0  # flat within 0.1 dB up to 0.88 of the Nyquist frequency, images 55 dB down
FRAME = 32  # samples that one row of the matrix product interpolates; the fastest of 16 to 128
N_ROWS = 128  # rows to a product: few enough for OpenBLAS to stay in one thread, as several stall on a busy machine

BEFORE, AFTER = N_TAPS // 2 - 1, N_TAPS // 2  # samples of context that the filter needs on either side


class Oversampler:
    """Finds the peaks on and between the samples.

    The rate is raised fourfold below 88.2 kHz, twofold below 176.4 kHz and left alone above: at least the 192 kHz of
    annex 2 for the rates of the standard. Interpolation is by a windowed sinc, written as a product of overlapping
    frames and a matrix, which is several times as fast as a filter.
    """

    def __init__(self, sample_rate: int) -> None:
        self.factor = 4 if sample_rate < 88200 else 2 if sample_rate < 176400 else 1
        phases = np.array([_phase(number / self.factor) for number in range(1, self.factor)]).reshape(-1, N_TAPS)
        self.bound = max(1.0, float(np.abs(phases).sum(axis=1).max(initial=0.0)))
        """No interpolated value exceeds the largest sample around it times this factor."""
        self._matrices = np.zeros((len(phases), FRAME + N_TAPS - 1, FRAME), np.float32)
        for sample in range(FRAME):
            self._matrices[:, sample : sample + N_TAPS, sample] = phases

    def peaks(self, samples: FloatArray) -> FloatArray:
        """The largest magnitude over all channels at each sample and from there to the next one.

        ``samples`` has the shape ``(n_samples, n_channels)``, the result ``(n_samples - N_TAPS + 1,)``. It speaks of
        the samples from ``BEFORE`` on: the filter needs ``BEFORE`` samples before each of them and ``AFTER`` after it.
        """
        n_peaks, n_channels = len(samples) - N_TAPS + 1, samples.shape[1]
        n_framed = -(-n_peaks // (N_ROWS * FRAME)) * N_ROWS * FRAME
        channels = np.zeros((n_channels, n_framed + N_TAPS - 1), np.float32)
        channels[:, : len(samples)] = samples.T
        highest = np.abs(channels[:, BEFORE : BEFORE + n_framed]).reshape(-1, N_ROWS, FRAME)
        windows = sliding_window_view(channels, FRAME + N_TAPS - 1, axis=1)[:, ::FRAME]
        frames = windows.reshape(-1, N_ROWS, FRAME + N_TAPS - 1)
        for matrix in self._matrices:
            between = frames @ matrix
            np.maximum(highest, np.abs(between, out=between), out=highest)
        loudest: FloatArray = reduce(np.maximum, highest.reshape(n_channels, -1))  # max(axis=0), ten times as fast
        return loudest[:n_peaks]


def _phase(offset: float) -> FloatArray:
    """The taps that interpolate at ``offset`` (0 to 1) of the way from one sample to the next, shape ``(N_TAPS,)``."""
    distance = np.arange(-BEFORE, AFTER + 1) - offset
    window = np.i0(KAISER_BETA * np.sqrt(1 - (distance / AFTER) ** 2)) / np.i0(KAISER_BETA)
    taps = np.sinc(distance) * window
    unity: FloatArray = (taps / taps.sum()).astype(np.float32)
    return unity
