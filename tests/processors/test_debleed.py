"""Debleeding: what a stem leaves in the others goes back into it, and nothing else does."""

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import STEM_NAMES, FloatArray, Stems, StemSource
from vidsep.processors.debleed import Debled

RATE = 48000
SECONDS = 2.0


def made(music_db: float = -20.0, rest_db: float = -40.0) -> Stems:
    """A voice with a rest of the music, a tone, in it; noise for the effects, from which the tone is gone."""
    music, rest = tone(1000, music_db, SECONDS), tone(1000, rest_db, SECONDS)
    return Stems(noise(-60, SECONDS, seed=1) + rest, music, noise(-90, SECONDS, seed=2))


def whole(stems: StemSource) -> Stems:
    return stems[0 : stems.shape[0]]


def tone_db(sound: FloatArray) -> float:
    """Peak level of the tone, far from both ends."""
    middle = sound[RATE // 2 : RATE // 2 + RATE, 0].astype(np.float64)
    return float(20 * np.log10(np.abs(np.exp(-2j * np.pi * 1000 * np.arange(RATE) / RATE) @ middle) / RATE * 2))


@pytest.mark.parametrize("strength_db", [0.0, 6.0, 12.0])
@pytest.mark.parametrize("rest_db", [-20.0, -30.0, -40.0])
@pytest.mark.parametrize(("other", "more_db"), [("dialogue", 0.0), ("effects", 6.0)])
def test_a_rest_falls_by_the_gain_of_the_formula(
    strength_db: float, rest_db: float, other: str, more_db: float
) -> None:
    stems = made(rest_db=rest_db)
    if other == "effects":
        stems = Stems(stems.effects, stems.music, stems.dialogue)
    found = whole(Debled(stems, RATE, "music", strength_db))
    ratio = 10 ** ((rest_db + 20) / 10)
    expected_db = rest_db + 20 * np.log10(ratio / (ratio + 10 ** ((strength_db + more_db) / 10)))
    assert tone_db(getattr(found, other)) == pytest.approx(expected_db, abs=0.5)


def test_a_voice_does_not_shield_the_rest_in_the_effects() -> None:
    voice, rest = tone(1000, -10, SECONDS), tone(1000, -40, SECONDS)
    found = whole(Debled(Stems(voice, tone(1000, -20, SECONDS), rest), RATE, "music", 0.0))
    assert tone_db(found.dialogue) == pytest.approx(-10 + 20 * np.log10(10 / 11), abs=0.1)
    assert tone_db(found.effects) < -40 - 20


def test_what_lies_elsewhere_in_the_spectrum_stays() -> None:
    voice = tone(3000, -20, SECONDS)
    stems = Stems(voice, tone(1000, -20, SECONDS), np.zeros_like(voice))
    found = whole(Debled(stems, RATE, "music", 6.0))
    assert np.abs(found.dialogue - voice)[RATE // 2 : -RATE // 2].max() < 10 ** (-65 / 20)


@pytest.mark.parametrize("stem", STEM_NAMES)
def test_the_sum_stays(stem: str) -> None:
    stems = made()
    assert np.abs(whole(Debled(stems, RATE, stem, 6.0)).mix() - stems.mix()).max() < 1e-6


@pytest.mark.parametrize("size", [1, 999, 4321, 50000])
def test_the_sound_is_the_same_however_it_is_sliced(size: int) -> None:
    debled = Debled(made()[0:60001], RATE, "music", 6.0)
    starts = range(0, 60001, size) if size > 1 else range(30000, 30010)
    for name in STEM_NAMES:
        expected = getattr(whole(debled), name)[starts[0] : starts[-1] + size]
        parts = [getattr(debled[start : start + size], name) for start in starts]
        np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-6)


def test_the_first_and_the_last_sample_are_found_as_all_others() -> None:
    voice = noise(-20, SECONDS, seed=3)
    stems = Stems(voice, 1e-4 * noise(-20, SECONDS, seed=4), np.zeros_like(voice))
    found = whole(Debled(stems, RATE, "music", 0.0))
    np.testing.assert_allclose(found.dialogue, voice, atol=1e-4)


def test_channels_in_which_the_stem_is_silent_stay_bit_by_bit() -> None:
    stems = made()
    music = stems.music * np.array([1, 0], np.float32)
    found = whole(Debled(Stems(stems.dialogue, music, stems.effects), RATE, "music", 6.0))
    np.testing.assert_array_equal(found.dialogue[:, 1], stems.dialogue[:, 1])
    np.testing.assert_array_equal(found.music[:, 1], 0)
    assert tone_db(found.dialogue) < tone_db(stems.dialogue) - 20


@pytest.mark.parametrize("n_samples", [0, 1, 100, 5000])
@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_short_sounds_and_any_rate(n_samples: int, rate: int) -> None:
    sound = noise(-20, 1.0, rate)[:n_samples]
    stems = Stems(sound, 0.5 * sound, 0.25 * sound)
    found = whole(Debled(stems, rate, "music", 6.0))
    assert found.dialogue.shape == sound.shape
    np.testing.assert_allclose(found.mix(), stems.mix(), atol=1e-6)


def test_silence_stays_silence() -> None:
    silence = np.zeros((RATE, 2), np.float32)
    assert not whole(Debled(Stems(silence, silence, silence), RATE, "music", 6.0)).mix().any()
