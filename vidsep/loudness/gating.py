"""From energy to loudness, and the gates that leave the quiet stretches out of a measurement.

An energy is the mean square of K-weighted sound, summed over the channels with their weights (BS.1770-4, eq. 3).
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Levels: TypeAlias = npt.NDArray[np.float64]
"""Energies, or loudness in LUFS, one value per stretch of time: shape ``(n_stretches,)``."""

ABSOLUTE_GATE_LUFS = -70.0  # BS.1770-4 eq. 6, EBU Tech 3342
RELATIVE_GATE_LU = -10.0  # BS.1770-4 eq. 6
OFFSET_LU = -0.691  # BS.1770-4 eq. 2


def to_lufs(energies: Levels) -> Levels:
    """The loudness of each energy in LUFS (BS.1770-4, eq. 4); minus infinity for silence."""
    with np.errstate(divide="ignore"):
        levels: Levels = OFFSET_LU + 10.0 * np.log10(energies)
    return levels


def to_energies(levels_lufs: Levels) -> Levels:
    """The inverse of `to_lufs`."""
    energies: Levels = 10.0 ** ((levels_lufs - OFFSET_LU) / 10.0)
    return energies


def mean_lufs(energies: Levels) -> float:
    """The loudness of the mean energy in LUFS; minus infinity for nothing.

    >>> mean_lufs(to_energies(np.array([-23.0, -23.0])))
    -23.0
    """
    return float(to_lufs(np.mean(energies, keepdims=True))[0]) if energies.size else -float("inf")


def gate(energies: Levels, relative_gate_lu: float) -> Levels:
    """The energies above -70 LUFS and above the relative gate: so far below the mean of those above -70 LUFS."""
    loud = energies[to_lufs(energies) > ABSOLUTE_GATE_LUFS]
    return loud[to_lufs(loud) > mean_lufs(loud) + relative_gate_lu]


def gated_lufs(energies: Levels) -> float:
    """The loudness of what passes both gates (BS.1770-4, eq. 5 to 7) in LUFS; minus infinity when nothing does."""
    return mean_lufs(gate(energies, RELATIVE_GATE_LU))
