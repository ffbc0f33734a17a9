"""Replacement music: as loud as what it replaces, and only where that played when asked to follow it."""

from math import inf

import numpy as np
import pyloudnorm
import pytest
from conftest import noise

from vidsep.audio import Audio, FloatArray
from vidsep.errors import PresetError
from vidsep.processors.replace import Piece, Replacement, follow_curve, matched_gain_db

RATE = 16000


def lufs(sound: FloatArray) -> float:
    return float(pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(sound.astype(np.float64)))


def replaced(settings: Replacement, pieces: list[Piece], seconds: float, **loudness: float) -> FloatArray:
    music = settings.lay(pieces, round(seconds * RATE), RATE, 2, **loudness)
    return music[0 : music.shape[0]]


@pytest.mark.parametrize("level_db", [-40.0, -20.0, -3.0])
def test_it_is_as_loud_as_the_old_music(level_db: float) -> None:
    old_music = noise(-26, 20, RATE)
    old_music[8 * RATE : 16 * RATE] = 0  # what counts is where it played
    new = Piece(Audio(noise(level_db, 7, RATE, seed=1), RATE))
    out = replaced(Replacement(), [new], 30, old_music_lufs=lufs(old_music))
    expected = min(lufs(old_music), lufs(new.audio.samples[0 : 7 * RATE]) + 12)  # the boost has a limit
    assert lufs(out) == pytest.approx(expected, abs=0.5)


def test_only_what_is_heard_of_a_piece_counts() -> None:
    sound = noise(-40, 60, RATE)
    sound[20 * RATE :] *= 20
    out = replaced(Replacement(), [Piece(Audio(sound, RATE))], 15, old_music_lufs=-30.0)
    assert lufs(out) == pytest.approx(-30, abs=0.5)
    late = replaced(Replacement(), [Piece(Audio(sound, RATE), in_point_seconds=25.0)], 15, old_music_lufs=-30.0)
    assert lufs(late) == pytest.approx(-30, abs=0.5)


def test_pieces_are_matched_one_by_one() -> None:
    pieces = [Piece(Audio(noise(level_db, 10, RATE), RATE)) for level_db in (-10, -30)]
    out = replaced(Replacement(), pieces, 18, old_music_lufs=-24.0)
    assert lufs(out[: 7 * RATE]) == pytest.approx(-24, abs=0.5)
    assert lufs(out[11 * RATE : 14 * RATE]) == pytest.approx(-24, abs=0.5)


def test_a_piece_after_the_end_is_refused() -> None:
    with pytest.raises(PresetError, match="after the end"):
        replaced(Replacement(), [Piece(Audio(noise(-20, 3, RATE), RATE), inf)], 5)


def test_a_piece_without_end_may_say_so() -> None:
    out = replaced(Replacement(level="keep"), [Piece(Audio(noise(-20, 3, RATE), RATE), 0.0, inf)], 12)
    assert lufs(out[7 * RATE : 9 * RATE]) == pytest.approx(lufs(out[RATE : 3 * RATE]), abs=0.5)


def test_keep_leaves_the_level_and_gain_is_added() -> None:
    sound = noise(-20, 20, RATE)
    keep = Replacement(level="keep", fade_in_seconds=0, fade_out_seconds=0)
    kept = replaced(keep, [Piece(Audio(sound, RATE))], 15, old_music_lufs=-40.0)
    assert np.array_equal(kept[RATE : 14 * RATE], sound[RATE : 14 * RATE])
    louder = replaced(Replacement(gain_db=5.0), [Piece(Audio(sound, RATE), gain_db=-2.0)], 15, old_music_lufs=-30.0)
    assert lufs(louder) == pytest.approx(-27, abs=0.5)


@pytest.mark.parametrize(
    ("replacement", "old_music", "dialogue", "gain_db"),
    [
        (-14.0, -24.0, -20.0, -10.0),
        (-14.0, -24.0, -inf, -10.0),
        (-30.0, -10.0, -20.0, 12.0),  # no more than 12 dB up
        (-14.0, -inf, -20.0, -13.0),  # no old music: 7 LU below the dialogue
        (-14.0, -60.0, -20.0, -13.0),  # a remainder of separation is no music
        (-14.0, -44.9, -20.0, -30.9),
        (-14.0, -inf, -inf, 0.0),
        (-inf, -20.0, -20.0, 0.0),
    ],
)
def test_matched_gain(replacement: float, old_music: float, dialogue: float, gain_db: float) -> None:
    assert matched_gain_db(replacement, old_music, dialogue) == pytest.approx(gain_db)


def old_music_with_pauses() -> FloatArray:
    """Plays from 5 to 15 s, with a rest of 1 s in it, and from 25 to 35 s; single knocks around 20 s."""
    music = np.zeros((40 * RATE, 2), np.float32)
    for start, stop in ((5, 9), (10, 15), (19, 19.02), (21, 21.02), (25, 35)):
        music[round(start * RATE) : round(stop * RATE)] = noise(-24, stop - start, RATE)
    return music


def test_follow_is_silent_where_the_old_music_was_silent() -> None:
    curve = follow_curve([old_music_with_pauses()], RATE, 2)
    out = np.concatenate(list(curve.apply([np.ones((40 * RATE, 2), np.float32)], RATE)))[:, 0]
    for start, stop in ((0.0, 4.9), (16.2, 24.9), (36.2, 40.0)):
        assert not out[round(start * RATE) : round(stop * RATE)].any()
    for start, stop in ((5.6, 15.0), (25.6, 35.0)):  # the rest of a second belongs to the music
        assert np.all(out[round(start * RATE) : round(stop * RATE)] == 1)
    assert np.abs(np.diff(out)).max() < 1e-3  # a click would be a step


def test_music_that_plays_from_start_to_end_is_followed_from_start_to_end() -> None:
    sound = noise(-24, 10, RATE)
    out = np.concatenate(list(follow_curve([sound], RATE, 2).apply([sound], RATE)))
    assert np.array_equal(out, sound)


def test_a_soft_beginning_is_followed_too() -> None:
    sound = noise(-24, 20, RATE)
    sound[: 8 * RATE] *= 0.1
    assert np.all(follow_curve([sound], RATE, 2).gain_db == 0)


def test_what_separation_leaves_is_not_followed() -> None:
    """A film without music: its music stem holds remains of the voice, here 32 LU below the programme."""
    remains = noise(-54, 20, RATE)
    assert np.all(follow_curve([remains], RATE, 2, mix_lufs=-20.0).gain_db <= -120)
    assert np.all(follow_curve([remains], RATE, 2, mix_lufs=-45.0).gain_db == 0)


@pytest.mark.parametrize("seconds", [0.0, 0.005, 1.0, 10.0])
def test_nothing_is_followed_by_nothing(seconds: float) -> None:
    silence = np.zeros((round(seconds * RATE), 2), np.float32)
    curve = follow_curve([silence], RATE, 2)
    assert np.all(curve.gain_db <= -120)
    assert len(curve.gain_db) == int(seconds * 100)


def test_the_cut_makes_no_difference() -> None:
    music = old_music_with_pauses()
    blocks = [music[start : start + 12345] for start in range(0, len(music), 12345)]
    assert np.array_equal(follow_curve(blocks, RATE, 2).gain_db, follow_curve([music], RATE, 2).gain_db)


def test_level_is_one_of_two_words() -> None:
    with pytest.raises(ValueError, match="level is one of match, keep"):
        Replacement(level="loud")
