"""Pushed sound comes out in pieces cut at fixed places."""

import numpy as np
import pytest
from conftest import noise

from vidsep.loudness.grid import Grid


@pytest.mark.parametrize("cut", [1, 7, 100, 101, 250, 1000])
def test_same_pieces_however_pushed(cut: int) -> None:
    sound = noise(-20, 0.02)[:950]
    grid = Grid(100, 2)
    pieces = [piece.copy() for start in range(0, 950, cut) for piece in grid.add(sound[start : start + cut])]
    assert [len(piece) for piece in pieces] == [100] * 9
    assert np.array_equal(np.concatenate([*pieces, grid.rest]), sound)


def test_a_callers_buffer_may_be_used_again() -> None:
    grid, buffer = Grid(4, 1), np.ones((3, 1), np.float32)
    assert not list(grid.add(buffer))
    buffer[:] = 9
    assert np.array_equal(grid.rest, np.ones((3, 1)))


def test_another_number_of_channels_is_refused() -> None:
    with pytest.raises(ValueError, match="blocks of 2 channels were announced"):
        list(Grid(4, 2).add(np.zeros((8, 1), np.float32)))
