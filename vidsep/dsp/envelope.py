"""Attack, hold and release: how fast a control value may rise and fall."""

import math
from functools import reduce
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vidsep.audio import FloatArray

Control: TypeAlias = npt.NDArray[np.float64]

LOWEST_LEVEL_DB = -200.0  # what silence counts as
SMALLEST = 1e-9  # far below any change of gain that float32 sound can show; keeps the logarithm finite


def peak_level_db(block: FloatArray) -> Control:
    """Level of the loudest channel in dBFS at each sample, shape ``(n_samples,)``, of ``(n_samples, n_channels)``.

    >>> peak_level_db(np.array([[1.0, -10.0], [0.0, 0.0]], np.float32))
    array([  20., -200.])
    """
    peaks = reduce(np.maximum, np.abs(block).T).astype(np.float64)  # ten times as fast as max(axis=1)
    return np.asarray(20 * np.log10(np.maximum(peaks, 10 ** (LOWEST_LEVEL_DB / 20))), np.float64)


def gain_of_db(change_db: Control) -> FloatArray:
    """Factors for sound of shape ``(n_samples, n_channels)``, shape ``(n_samples, 1)``, of its changes in dB."""
    factors: FloatArray = np.exp(change_db * (math.log(10) / 20)).astype(np.float32)[:, None]
    return factors


def released(values: Control, before: float, decay: float) -> Control:
    """``values`` of 0 or more, shape ``(n_samples,)``, that fall no faster than by ``decay`` nepers a sample.

    ``before`` is the value before the first. No loop over samples is needed: such a decay is a straight line in the
    logarithm, and the highest of many parallel lines is a running maximum.

    >>> released(np.array([1.0, 0.0, 0.0]), 0.0, math.log(2)).round(3)
    array([1.  , 0.5 , 0.25])
    """
    line = decay * np.arange(1, len(values) + 1)
    logs = np.log(np.maximum(values, SMALLEST)) + line
    logs[:1] = np.maximum(logs[:1], math.log(max(before, SMALLEST)))
    return np.asarray(np.exp(np.maximum.accumulate(logs) - line), np.float64)


class Smoother:
    """Smooths a control value of 0 or more (dB of gain reduction, say) that arrives in blocks.

    A rise is followed with the time constant ``attack_ms`` (63 % of a step after that time). The highest value of the
    last ``hold_ms`` counts, then it decays with the time constant ``release_ms``. This is the decoupled peak detector
    of Giannoulis, Massberg and Reiss, Digital dynamic range compressor design (JAES 60/6, 2012), whose
    release seems longer by the attack time.
    """

    def __init__(self, attack_ms: float, hold_ms: float, release_ms: float, sample_rate: int) -> None:
        self._attack_pole = math.exp(-1000 / (attack_ms * sample_rate)) if attack_ms > 0 else 0.0
        self._decay = 1000 / (release_ms * sample_rate)  # in nepers a sample
        self._recent = np.zeros(round(hold_ms * sample_rate / 1000))
        self._peak = 0.0
        self._attack_state = np.zeros(1)

    def __call__(self, values: Control) -> Control:
        """The next values, shape ``(any,)``, smoothed; at rest before the first."""
        if not len(values):
            return values
        peaks = released(self._hold(values), self._peak, self._decay)
        self._peak = float(peaks[-1])
        pole = self._attack_pole
        smoothed, self._attack_state = scipy.signal.lfilter([1 - pole], [1, -pole], peaks, zi=self._attack_state)
        return np.asarray(smoothed, np.float64)

    def _hold(self, values: Control) -> Control:
        n_hold = len(self._recent)
        if not n_hold:
            return values
        known = np.concatenate([self._recent, values])
        self._recent = known[-n_hold:]
        trailing: Control = scipy.ndimage.maximum_filter1d(known, n_hold + 1, origin=n_hold // 2)
        return trailing[n_hold:]
