"""The ideal mask where its result is known."""

from itertools import pairwise

import numpy as np
import pytest
from conftest import noise, scene, tone

from vidsep.audio import FloatArray
from vidsep.evaluation.ideal_mask import HOP, ideal_block
from vidsep.evaluation.metrics import si_sdr_db

RATE = 44100


def whole(mixture: FloatArray, *stems: FloatArray) -> list[FloatArray]:
    return ideal_block(mixture, stems, 0, len(mixture))


def test_stems_in_phase_come_back_exactly() -> None:
    """A stem of half the other one's level has a third of the mixture everywhere: a third of three halves is a half."""
    stem = scene(1.0)
    loud, quiet = whole(1.5 * stem, stem, 0.5 * stem)
    np.testing.assert_allclose(loud, stem, atol=1e-5)
    np.testing.assert_allclose(quiet, 0.5 * stem, atol=1e-5)


def test_a_lone_stem_is_left_alone() -> None:
    stem = scene(1.0)
    kept, nothing = whole(stem, stem, np.zeros_like(stem))
    np.testing.assert_allclose(kept, stem, atol=1e-5)
    assert not nothing.any()


def test_estimates_sum_to_the_mixture() -> None:
    stems = [noise(-20, 0.7, RATE, 2, seed) for seed in range(3)]
    mixture = stems[0] + stems[1] + stems[2]
    np.testing.assert_allclose(sum(whole(mixture, *stems)), mixture, atol=1e-5)


def test_tones_apart_are_told_apart() -> None:
    low, high = tone(300, -12, 1, RATE), tone(3000, -12, 1, RATE)
    for stem, made in zip((low, high), whole(low + high, low, high), strict=True):
        score = si_sdr_db(stem[2048:-2048], made[2048:-2048])
        assert score is not None and score > 60


def test_noises_of_one_level_gain_what_theory_says() -> None:
    """Independent complex Gaussian bins, masked by |s| / (|s| + |n|), score 2.6 dB; the mixture scores 0 dB.

    That expectation is drawn here without any STFT. Overlapping frames average their errors: a little better still.
    """
    rng = np.random.default_rng(0)
    s, n = (rng.standard_normal((200_000, 2)) @ [1, 1j] for _ in range(2))
    made = (s + n) * np.abs(s) / (np.abs(s) + np.abs(n))
    factor = np.vdot(s, made).real / np.vdot(s, s).real
    theory = 10 * np.log10(factor**2 * np.sum(np.abs(s) ** 2) / np.sum(np.abs(made - factor * s) ** 2))
    stems = [noise(-20, 3, RATE, 1, seed) for seed in (1, 2)]
    score = si_sdr_db(stems[0], whole(stems[0] + stems[1], *stems)[0])
    assert score is not None and theory < score < theory + 1


def test_blocks_fit_together() -> None:
    stems = [scene(1.0), noise(-30, 1.0, RATE, 2)]
    mixture = stems[0] + stems[1]
    edges = [*range(0, len(mixture), 17 * HOP), len(mixture)]
    parts = [ideal_block(mixture, stems, start, stop) for start, stop in pairwise(edges)]
    for i, made in enumerate(whole(mixture, *stems)):
        np.testing.assert_array_equal(np.concatenate([part[i] for part in parts]), made)


def test_blocks_start_at_frames() -> None:
    stem = scene(0.2)
    with pytest.raises(ValueError, match="multiples of 512"):
        ideal_block(stem, [stem], 100, 1000)
