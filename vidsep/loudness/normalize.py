"""The one gain that brings a programme to its target loudness under a true-peak ceiling.

The gain is static: nothing breathes, and what ducking has made stays as it is. Only peaks that would pass the ceiling
are turned down, by a limiter after the gain; what that takes away from the loudness is found by trial and given back.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from vidsep.audio import FloatArray, db_to_gain

Blocks: TypeAlias = Iterable[FloatArray]

TOLERANCE_LU = 0.05
MOST_LIMITING_LU = 10.0  # a programme that loses more than this to the limiter is not worth its target: house rule
MOST_TRIALS = 6
LEAST_SLOPE = 0.25  # LU gained per dB of gain, when guessing from two trials


@dataclass(frozen=True)
class Normalization:
    """What was found: the gain to apply before the limiter, and where the programme lands with it."""

    gain_db: float
    reached_lufs: float  # after the limiter; minus infinity for silence
    shortfall_lu: float  # how far below the target that is because the limiter must not do more; 0.0 on target
    limited_db: float  # by how much the highest peak is turned down; 0.0 where the limiter does nothing
    n_trials: int  # passes over the programme that it took to find out


def static_gain_db(measured_lufs: float, target_lufs: float) -> float:
    """The gain in dB from the measured loudness to the target; 0.0 for silence, which no gain makes louder.

    >>> static_gain_db(-20.0, -14.0)
    6.0
    """
    return target_lufs - measured_lufs if math.isfinite(measured_lufs) else 0.0


def amplified(blocks: Blocks, gain_db: float) -> Iterator[FloatArray]:
    """``blocks`` with a gain in dB; 0 dB leaves them as they are."""
    for block in blocks:
        yield block * db_to_gain(gain_db) if gain_db else block


def find_gain(
    programme: Callable[[], Blocks],
    measured_lufs: float,
    true_peak_dbtp: float,
    *,
    target_lufs: float,
    ceiling_dbtp: float,
    limit: Callable[[Blocks], Blocks],
    loudness_of: Callable[[Blocks], float],
) -> Normalization:
    """The static gain after which the limited programme is within 0.05 LU of ``target_lufs``.

    ``programme`` gives the programme from its start each time it is called; ``measured_lufs`` and ``true_peak_dbtp``
    are its loudness and true peak as it is. ``limit`` is the limiter with its ceiling at ``ceiling_dbtp``,
    ``loudness_of`` measures blocks in LUFS, gated as the target is meant. Where no peak passes the ceiling neither is
    called. Otherwise the programme is tried with one gain after the other, most often two or three. When the limiter
    would take more than 10 LU of loudness away, the search stops there and the result states the shortfall.
    """
    gain_db = static_gain_db(measured_lufs, target_lufs)
    if not math.isfinite(measured_lufs):
        return Normalization(0.0, measured_lufs, 0.0, 0.0, 0)
    if true_peak_dbtp + gain_db <= ceiling_dbtp:
        return Normalization(gain_db, target_lufs, 0.0, 0.0, 0)
    most_gain_db = gain_db + MOST_LIMITING_LU
    trials: list[tuple[float, float]] = []
    while True:
        reached_lufs = loudness_of(limit(amplified(programme(), gain_db)))
        trials.append((gain_db, reached_lufs))
        missing_lu = target_lufs - reached_lufs
        on_target = abs(missing_lu) <= TOLERANCE_LU
        stuck = gain_db == most_gain_db and missing_lu > 0
        if on_target or stuck or len(trials) == MOST_TRIALS:
            break
        gain_db = min(gain_db + missing_lu / _slope(trials), most_gain_db)
    limited_db = max(0.0, true_peak_dbtp + gain_db - ceiling_dbtp)
    return Normalization(gain_db, reached_lufs, 0.0 if on_target else missing_lu, limited_db, len(trials))


def _slope(trials: list[tuple[float, float]]) -> float:
    """LU gained per dB of gain, from the last two trials."""
    if len(trials) < 2:
        return 1.0
    (gain_before, lufs_before), (gain, lufs) = trials[-2:]
    return min(1.0, max(LEAST_SLOPE, (lufs - lufs_before) / (gain - gain_before)))
