"""Splicing: old sound untouched outside, new sound inside, no click at the joins."""

import numpy as np
from conftest import noise, tone

from vidsep.dsp.splice import splice

RATE = 48000


def test_outside_the_range_every_sample_is_the_old_one() -> None:
    old, new = noise(-20, 1.0), noise(-20, 1.0, seed=1)
    out = np.concatenate(list(splice(old, np.array_split(new, 7), [(10000, 20000)], 480)))
    np.testing.assert_array_equal(out[:10000], old[:10000])
    np.testing.assert_array_equal(out[20000:], old[20000:])


def test_inside_the_range_the_new_sound_plays() -> None:
    old, new = noise(-20, 1.0), noise(-20, 1.0, seed=1)
    out = np.concatenate(list(splice(old, [new], [(10000, 20000)], 480)))
    np.testing.assert_allclose(out[10480:19520], new[10480:19520], atol=1e-7)


def test_a_join_makes_no_larger_step_than_the_sound_itself() -> None:
    old, new = tone(440, -6, 1.0), tone(440, -18, 1.0)
    out = np.concatenate(list(splice(old, [new], [(12345, 33333)], 480)))
    assert np.abs(np.diff(out, axis=0)).max() <= np.abs(np.diff(old, axis=0)).max() * 1.01


def test_the_cut_into_blocks_does_not_matter() -> None:
    old, new = noise(-20, 0.5), noise(-20, 0.5, seed=1)
    ranges = [(100, 5000), (5000, 9000)]
    whole = np.concatenate(list(splice(old, [new], ranges, 480)))
    pieces = np.concatenate(list(splice(old, np.array_split(new, 101), ranges, 480)))
    np.testing.assert_array_equal(whole, pieces)
