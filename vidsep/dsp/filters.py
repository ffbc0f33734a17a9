"""Filters of the equalizer, as second-order sections, and sound that streams through them.

Sections have scipy's shape ``(n_sections, 6)``. All filters are causal and without delay. Frequencies are in hertz; one
that the sample rate cannot hold is brought down to just under half of it, where each kind of filter does what its name
says to the sound that is there: a low-pass, a bell and a high shelf leave it alone, a low shelf moves all of it, a
high-pass takes all of it away.

Shelves and bell: Robert Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients (W3C note, 2021).
"""

import math
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy  # its signal module takes most of a second to import: scipy does so on first use

from vidsep.audio import FloatArray
from vidsep.dsp.framing import split

Sections: TypeAlias = npt.NDArray[np.float64]

HIGHEST_SHARE_OF_RATE = 0.495
SILENT_STATE = 1e-20  # -400 dBFS; what rings on below it would end in denormal numbers, which computers are slow at


def high_pass(frequency_hz: float, order: int, sample_rate: int) -> Sections:
    """Butterworth high-pass: -3 dB at ``frequency_hz``, falling by 6 dB an octave times ``order`` below it."""
    return _sections(
        scipy.signal.butter(order, _held(frequency_hz, sample_rate), "highpass", fs=sample_rate, output="sos")
    )


def low_pass(frequency_hz: float, order: int, sample_rate: int) -> Sections:
    """Butterworth low-pass: -3 dB at ``frequency_hz``, falling by 6 dB an octave times ``order`` above it."""
    return _sections(
        scipy.signal.butter(order, _held(frequency_hz, sample_rate), "lowpass", fs=sample_rate, output="sos")
    )


def bell(frequency_hz: float, gain_db: float, q: float, sample_rate: int) -> Sections:
    """``gain_db`` at ``frequency_hz``, 0 dB far from it (Cookbook, peakingEQ); a higher ``q`` is narrower."""
    amplitude, cosine, alpha = _cookbook(frequency_hz, gain_db, q, sample_rate)
    return _biquad(
        (1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude),
        (1 + alpha / amplitude, -2 * cosine, 1 - alpha / amplitude),
    )


def low_shelf(frequency_hz: float, gain_db: float, q: float, sample_rate: int) -> Sections:
    """``gain_db`` far below ``frequency_hz``, half of it there, 0 dB far above (Cookbook, lowShelf).

    ``q`` of 0.71 is the steepest shelf without an overshoot.
    """
    a, cosine, alpha = _cookbook(frequency_hz, gain_db, q, sample_rate)
    root = 2 * math.sqrt(a) * alpha
    return _biquad(
        (
            a * ((a + 1) - (a - 1) * cosine + root),
            2 * a * ((a - 1) - (a + 1) * cosine),
            a * ((a + 1) - (a - 1) * cosine - root),
        ),
        (
            (a + 1) + (a - 1) * cosine + root,
            -2 * ((a - 1) + (a + 1) * cosine),
            (a + 1) + (a - 1) * cosine - root,
        ),
    )


def high_shelf(frequency_hz: float, gain_db: float, q: float, sample_rate: int) -> Sections:
    """``gain_db`` far above ``frequency_hz``, half of it there, 0 dB far below (Cookbook, highShelf).

    ``q`` of 0.71 is the steepest shelf without an overshoot.
    """
    a, cosine, alpha = _cookbook(frequency_hz, gain_db, q, sample_rate)
    root = 2 * math.sqrt(a) * alpha
    return _biquad(
        (
            a * ((a + 1) + (a - 1) * cosine + root),
            -2 * a * ((a - 1) + (a + 1) * cosine),
            a * ((a + 1) + (a - 1) * cosine - root),
        ),
        (
            (a + 1) - (a - 1) * cosine + root,
            2 * ((a - 1) - (a + 1) * cosine),
            (a + 1) - (a - 1) * cosine - root,
        ),
    )


def filtered(sections: Sections, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
    """Sound through a filter that starts at rest; blocks of shape ``(any, n_channels)`` in and out."""
    state: npt.NDArray[np.float64] | None = None
    for block in split(blocks):
        if state is None:
            state = np.zeros((len(sections), 2, block.shape[1]))
        result, state = scipy.signal.sosfilt(sections, block, axis=0, zi=state)
        state[np.abs(state) < SILENT_STATE] = 0.0
        yield result.astype(np.float32)


def _held(frequency_hz: float, sample_rate: int) -> float:
    return min(frequency_hz, HIGHEST_SHARE_OF_RATE * sample_rate)


def _cookbook(frequency_hz: float, gain_db: float, q: float, sample_rate: int) -> tuple[float, float, float]:
    """The Cookbook's intermediate variables A, cos(w0) and alpha."""
    w0 = 2 * math.pi * _held(frequency_hz, sample_rate) / sample_rate
    return 10 ** (gain_db / 40), math.cos(w0), math.sin(w0) / (2 * q)


def _biquad(numerator: tuple[float, float, float], denominator: tuple[float, float, float]) -> Sections:
    return _sections([[*numerator, *denominator]]) / denominator[0]


def _sections(values: npt.ArrayLike) -> Sections:
    return np.asarray(values, np.float64)
