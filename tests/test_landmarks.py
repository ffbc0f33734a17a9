"""The benchmarks' judge of whether a song is still there: it knows a song in noise, and no other."""

import numpy as np
import pytest

from benchmarks.landmarks import RATE, Landmarks
from vidsep.audio import FloatArray


def song(seed: int, seconds: int = 20) -> FloatArray:
    """Notes of three tones each, five a second."""
    rng = np.random.default_rng(seed)
    t = np.arange(RATE // 5) / RATE
    notes = [np.sin(2 * np.pi * rng.uniform(200, 3000, (3, 1)) * t).sum(axis=0) for _ in range(5 * seconds)]
    return np.repeat(0.1 * np.concatenate(notes)[:, None], 2, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def known() -> Landmarks:
    landmarks = Landmarks()
    for number in range(3):
        landmarks.add(f"song {number}", song(number), RATE)
    return landmarks


@pytest.mark.parametrize("number", range(3))
def test_a_part_of_a_song_is_found_in_noise(known: Landmarks, number: int) -> None:
    part = song(number)[7 * RATE + 137 : 14 * RATE]
    noise = 0.04 * np.random.default_rng(9).standard_normal(part.shape).astype(np.float32)
    find = known.find(part + noise, RATE)
    assert find is not None
    assert find.song == f"song {number}"


def test_an_unknown_song_noise_and_silence_are_not_found(known: Landmarks) -> None:
    noise = 0.1 * np.random.default_rng(9).standard_normal((7 * RATE, 2)).astype(np.float32)
    for sound in (song(99), noise, np.zeros_like(noise)):
        assert known.find(sound, RATE) is None


def test_the_rate_makes_no_difference(known: Landmarks) -> None:
    twice = np.repeat(song(1), 4, axis=0)  # another octave, unless the rate says otherwise
    find = known.find(twice, 4 * RATE)
    assert find is not None
    assert find.song == "song 1"
