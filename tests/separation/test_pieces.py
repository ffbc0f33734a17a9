"""Cutting for the network: bodies side by side, context around them, zeros outside of the sound."""

import numpy as np
import pytest
from conftest import noise

from vidsep.separation.models.base import Cut
from vidsep.separation.pieces import joined, pieces

CUT = Cut(body=100, context=30, grid=10)


@pytest.mark.parametrize("n_samples", [1, 99, 100, 101, 1234])
@pytest.mark.parametrize("block", [1, 17, 5000])
def test_bodies_are_the_sound_and_context_surrounds_them(n_samples: int, block: int) -> None:
    sound = noise(-20, 1)[:n_samples]
    padded = np.pad(sound, ((CUT.context, CUT.n_samples), (0, 0)))
    made = list(pieces((sound[i : i + block] for i in range(0, n_samples, block)), n_samples, 2, CUT))
    for k, piece in enumerate(made):
        np.testing.assert_array_equal(piece.samples, padded[k * CUT.body :][: CUT.n_samples])
    bodies = [piece.samples[CUT.context : CUT.context + piece.n_body] for piece in made]
    np.testing.assert_array_equal(np.concatenate(bodies), sound)


def test_spans_say_where_the_sound_is() -> None:
    made = list(pieces([noise(-20, 1)[:250]], 250, 2, CUT))
    assert [(piece.span.start, piece.span.stop) for piece in made] == [(30, 160), (0, 160), (0, 80)]
    assert [piece.n_body for piece in made] == [100, 100, 50]


def test_no_sound_is_no_piece() -> None:
    assert not list(pieces([], 0, 2, CUT))


def test_stems_of_pieces_are_joined_and_what_overlaps_is_added() -> None:
    cut = Cut(body=100, context=30, grid=10, overlap=20)
    sound = noise(-20, 1)[:250]
    ramp = np.ones((120, 1), np.float32)
    ramp[:20, 0], ramp[100:, 0] = np.linspace(0, 1, 20), np.linspace(1, 0, 20)
    parts = [piece.samples[30:150] * ramp for piece in pieces([sound], 250, 2, cut)]
    parts[0][:20] = sound[:20]
    np.testing.assert_allclose(np.concatenate(list(joined(parts, 250, cut))), sound, atol=1e-6)
    assert not list(joined([], 0, cut))
