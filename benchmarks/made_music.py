"""A corpus of pieces that are made by a program, as `vidsep train` takes it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

Floats: TypeAlias = npt.NDArray[np.float64]

RATE = 44100  # Hz
PEAK = 0.5  # of a piece, against full scale


def write_corpus(folder: Path, name: str, artists: int, pieces: int, made: Callable[[int], Floats]) -> None:
    """Write each piece, ``(n_samples, 2)``: the trainer takes a folder for an artist and hears all artists as often.

    The folders' names decide which of them it keeps aside, so they stay as they are.
    """
    artist_digits, piece_digits = len(str(artists - 1)), len(str(pieces - 1))
    for number in range(pieces):
        place = folder / f"{name} {number % artists:0{artist_digits}d}"
        place.mkdir(parents=True, exist_ok=True)
        music = made(number)
        soundfile.write(
            place / f"{number:0{piece_digits}d}.flac", PEAK * music / max(1e-4, np.max(np.abs(music))), RATE
        )
