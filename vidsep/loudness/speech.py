"""Where somebody speaks, told from the level of the dialogue stem."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vidsep.loudness.gating import ABSOLUTE_GATE_LUFS, Levels, gated_lufs, to_energies

Mask: TypeAlias = npt.NDArray[np.bool_]

START_LU = -10.0  # speech starts within 10 LU of the stem's own gated loudness: the relative gate of BS.1770-4
STAY_LU = -15.9  # and goes on while it is less than 15.9 dB below it: the margin of ITU-T P.56
BELOW_MIX_LU = -15.0  # what is further below the mix is what separation left behind, or cannot be heard
HOLD_SECONDS = 0.2  # pauses up to 200 ms belong to speech: the hangover time of ITU-T P.56
SHORTEST_SECONDS = 0.1  # shorter than a syllable: a click


def speech_activity(
    dialogue_lufs: Levels,
    rate_hz: float,
    mix_lufs: Levels | None = None,
    *,
    hold_seconds: float = HOLD_SECONDS,
    shortest_seconds: float = SHORTEST_SECONDS,
) -> Mask:
    """True where somebody speaks, shape ``(n_levels,)``.

    ``dialogue_lufs``, shape ``(n_levels,)``, is the level of the dialogue stem, ``rate_hz`` values a second: a curve of
    `LoudnessMeter.curve_lufs`, centred, with a window of 100 ms or less, so that pauses show. ``mix_lufs`` is the same
    of the whole programme; with it, faint remains of music in the dialogue stem do not count as speech.

    A stretch is speech where the stem rises to within 10 LU of its own gated loudness and stays less than 15.9 dB below
    it (ITU-T P.56, active speech level), and is at most 15 LU below the mix. Stretches shorter than
    ``shortest_seconds`` are dropped, then pauses up to ``hold_seconds`` are closed. Silence gives all False.
    """
    active_lufs = gated_lufs(to_energies(dialogue_lufs))
    floor_lufs = np.full(len(dialogue_lufs), ABSOLUTE_GATE_LUFS)
    if mix_lufs is not None:
        floor_lufs = np.maximum(floor_lufs, mix_lufs + BELOW_MIX_LU)
    start = dialogue_lufs > np.maximum(floor_lufs, active_lufs + START_LU)
    stay = dialogue_lufs > np.maximum(floor_lufs, active_lufs + STAY_LU)
    speech = _long_runs(_runs_that_reach(stay, start), round(shortest_seconds * rate_hz))
    spoken = np.flatnonzero(speech)
    if not spoken.size:
        return speech
    pauses = _long_runs(~speech, round(hold_seconds * rate_hz) + 1)
    pauses[: spoken[0]] = True  # what lies before the first word and after the last is no pause, however short
    pauses[spoken[-1] + 1 :] = True
    return ~pauses


def _runs_that_reach(stay: Mask, start: Mask) -> Mask:
    """The runs of ``stay`` in which ``start`` is true somewhere."""
    runs, n_runs = scipy.ndimage.label(stay)
    reaches = np.zeros(n_runs + 1, np.bool_)
    reaches[runs[start]] = True
    return reaches[runs]


def _long_runs(mask: Mask, shortest: int) -> Mask:
    """The runs of ``mask`` of at least ``shortest`` values."""
    runs, n_runs = scipy.ndimage.label(mask)
    lengths = np.bincount(runs, minlength=n_runs + 1)
    lengths[0] = 0
    return np.asarray((lengths >= max(shortest, 1))[runs])
