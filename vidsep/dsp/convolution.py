"""Convolution with a long response, by blocks."""

import numpy as np
import numpy.typing as npt
import scipy

from vidsep.audio import FloatArray


class Convolver:
    """Convolves sound that arrives in blocks with a response, each channel with its own, by FFT and overlap-add.

    ``response`` has the shape ``(n_response, n_channels)``. Blocks may differ in size; those about as long as the
    response are the fastest.
    """

    def __init__(self, response: FloatArray) -> None:
        self._response = response
        self._n_fft = 0
        self._spectrum: npt.NDArray[np.complex64] = np.zeros((0, response.shape[1]), np.complex64)
        self._tail = np.zeros((len(response) - 1, response.shape[1]), np.float32)

    def __call__(self, block: FloatArray) -> FloatArray:
        """What is heard during the next block: its own start of the convolution and the tails of those before."""
        n_tail = len(self._tail)
        self._fit(len(block) + n_tail)
        whole = scipy.fft.irfft(scipy.fft.rfft(block, self._n_fft, axis=0) * self._spectrum, self._n_fft, axis=0)
        whole[:n_tail] += self._tail
        self._tail = whole[len(block) : len(block) + n_tail].copy()
        heard: FloatArray = whole[: len(block)]
        return heard

    def _fit(self, n_needed: int) -> None:
        if self._n_fft < n_needed:
            self._n_fft = scipy.fft.next_fast_len(n_needed, real=True)
            self._spectrum = scipy.fft.rfft(self._response, self._n_fft, axis=0)
