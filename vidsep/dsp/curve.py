"""Gain that changes over time: control points in decibels, applied to sound sample by sample."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vidsep.audio import FloatArray
from vidsep.dsp.framing import split

SILENT_DB = -120.0  # at or below this a control point means silence; finite, so that JSON and editors can hold it


@dataclass(frozen=True, eq=False)
class GainCurve:
    """Control points ``gain_db`` of shape ``(n_points,)``; point ``k`` stands at ``k / rate_hz`` seconds.

    Between two points the amplitude goes in a straight line, after the last point it stays. No points mean 0 dB.
    """

    gain_db: FloatArray
    rate_hz: float

    def apply(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        """The sound of ``blocks`` of shape ``(any, n_channels)`` under this gain, in blocks of the same sizes.

        Blocks where the gain is 0 dB throughout are passed on as they are.
        """
        start = 0
        for block in blocks:
            parts = list(split([block]))  # most are level, and those take no time
            stops = start + np.cumsum([len(part) for part in parts])
            gains = [self.gains(stop - len(part), stop, sample_rate) for part, stop in zip(parts, stops, strict=True)]
            is_unity = all(np.all(gain == 1) for gain in gains)
            louder = (part * gain[:, None] for part, gain in zip(parts, gains, strict=True))
            yield block if is_unity else np.concatenate(list(louder))
            start += len(block)

    def gains(self, start: int, stop: int, sample_rate: int) -> FloatArray:
        """Amplitude factors of the samples ``start:stop``, shape ``(stop - start,)``, or ``(1,)`` if they are equal."""
        scale = self.rate_hz / sample_rate
        last = len(self.gain_db) - 1
        first_point = min(int(start * scale), last)
        last_point = min(int(stop * scale) + 1, last)
        points = self._amplitudes(slice(first_point, last_point + 1))
        if len(points) == 0:
            return np.ones(1, np.float32)
        if np.all(points == points[0]):
            return points[:1].astype(np.float32)
        at = np.arange(start, stop) * scale  # counted from the programme's start: the same however the sound is cut
        gains: FloatArray = np.interp(at, np.arange(first_point, last_point + 1), points).astype(np.float32)
        return gains

    def keyframes(self) -> list[tuple[float, float]]:
        """The curve as ``(seconds, gain_db)``, without the points inside level stretches."""
        gain_db = self.gain_db
        if len(gain_db) == 0:
            return []
        moves = gain_db[1:] != gain_db[:-1]
        kept = np.ones(len(gain_db), bool)
        kept[1:-1] = moves[:-1] | moves[1:]
        return [(round(float(k / self.rate_hz), 4), round(float(gain_db[k]), 3)) for k in np.flatnonzero(kept)]

    def to_json(self) -> str:
        """The curve as a JSON object: ``summary`` and ``keyframes``, a list of ``[seconds, gain_db]``."""
        return json.dumps({**self.summary(), "keyframes": self.keyframes()})

    def to_csv(self) -> str:
        r"""The curve as comma-separated values.

        >>> GainCurve(np.array([0, -6, -6], np.float32), 100.0).to_csv()
        'seconds,gain_db\n0.0,0.0\n0.01,-6.0\n0.02,-6.0\n'
        """
        return "seconds,gain_db\n" + "".join(f"{seconds},{gain_db}\n" for seconds, gain_db in self.keyframes())

    def summary(self) -> dict[str, Any]:
        """What is known of the curve besides its points; goes into its JSON."""
        return {"rate_hz": self.rate_hz}

    def _amplitudes(self, points: slice) -> npt.NDArray[np.float64]:
        gain_db = self.gain_db[points].astype(np.float64)
        amplitudes: npt.NDArray[np.float64] = np.where(gain_db > SILENT_DB, 10 ** (gain_db / 20), 0.0)
        return amplitudes


def raised_cosine(n_points: int) -> npt.NDArray[np.float64]:
    """A smooth way from near 0 to near 1 in ``n_points`` steps, ends left out, shape ``(n_points,)``.

    >>> raised_cosine(3).round(3).tolist()
    [0.146, 0.5, 0.854]
    """
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.arange(1, n_points + 1) / (n_points + 1)), np.float64)


def stretches_of(active: npt.NDArray[np.bool_], shortest_gap: int) -> list[tuple[int, int]]:
    """The stretches ``(start, stop)`` in which ``active``, shape ``(n_points,)``, is true; shorter gaps are closed.

    >>> stretches_of(np.array([0, 1, 0, 1, 1, 0, 0, 1], bool), 2)
    [(1, 5), (7, 8)]
    """
    points = np.flatnonzero(active)
    if len(points) == 0:
        return []
    breaks = np.flatnonzero(np.diff(points) > max(shortest_gap, 1))
    starts, stops = points[np.r_[0, breaks + 1]], points[np.r_[breaks, len(points) - 1]] + 1
    return [(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]
