"""Loudness range (EBU Tech 3342)."""

import numpy as np

from vidsep.loudness.gating import Levels, gate, to_lufs

RELATIVE_GATE_LU = -20.0
LOW_PERCENT, HIGH_PERCENT = 10.0, 95.0


def loudness_range_lu(short_term_energies: Levels) -> float:
    """The distance in LU from the 10th to the 95th percentile of the gated short-term loudness.

    ``short_term_energies`` are those of 3 s windows, at least ten a second. Sound too short or too quiet to fill the
    gates has a range of 0.0. Percentiles are the nearest value, as in the program of EBU Tech 3342 section 3.
    """
    levels = to_lufs(gate(short_term_energies, RELATIVE_GATE_LU))
    if not levels.size:
        return 0.0
    low, high = np.percentile(levels, [LOW_PERCENT, HIGH_PERCENT], method="nearest")
    return float(high - low)
