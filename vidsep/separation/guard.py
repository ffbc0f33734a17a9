"""Notices a network that does not work: better no file than a wrong one."""

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation.row import ModelRow
from vidsep.separation.weights import REINSTALL

AUDIBLE = 1e-4  # pieces with a peak below -80 dBFS prove nothing


class Guard:
    """Looks at each piece of a programme and its stems.

    A healthy network may well take all of a clean voice for dialogue, but never to the last bit. A stem that is the mix
    to the last bit, or two stems that are each other, in every piece of the programme, is what missing or broken
    weights look like.
    """

    def __init__(self, row: ModelRow) -> None:
        self._row = row
        self._n_audible = self._n_dead = 0

    def look(self, sound: FloatArray, stems: FloatArray) -> None:
        """``stems`` ``(n_stems, n_samples, 2)`` are what the network made of ``sound`` ``(n_samples, 2)``.

        Raises `ModelError` if the stems are not finite.
        """
        if not np.isfinite(stems).all():
            raise ModelError(f"the network {self._row.name} gave values that are no numbers", REINSTALL)
        if np.abs(sound).max() >= AUDIBLE:
            self._n_audible += 1
            self._n_dead += _is_dead(sound, stems)

    def close(self) -> None:
        """Raise `ModelError` if no audible piece of the programme was separated at all."""
        if self._n_audible and self._n_dead == self._n_audible:
            raise ModelError(
                f"the network {self._row.name} separates nothing: a stem is the whole mix, or two are the same",
                REINSTALL,
            )


def _is_dead(sound: FloatArray, stems: FloatArray) -> bool:
    signals = [sound, *stems]
    return any(np.array_equal(a, b) for i, a in enumerate(signals) for b in signals[:i])
