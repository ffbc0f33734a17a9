"""Pieces of music along a programme: what plays when, seams that cannot be heard, an end with the picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import Audio, FloatArray
from vidsep.errors import MediaError, PresetError
from vidsep.processors.laid_music import LaidMusic
from vidsep.processors.lay import Piece, lay

RATE = 16000
NO_FADES: dict[str, Any] = {"crossfade_seconds": 0.0, "fade_in_seconds": 0.0, "fade_out_seconds": 0.0}


def piece(sound: FloatArray, start: float | None = None, end: float | None = None, **more: float) -> Piece:
    return Piece(Audio(sound, RATE), start, end, **more)


def laid(pieces: Sequence[Piece], seconds: float, **settings: Any) -> FloatArray:
    music = lay(pieces, round(seconds * RATE), RATE, pieces[0].audio.n_channels, **settings)
    return music[0 : music.shape[0]]


def level_db(sound: FloatArray, start: float, stop: float) -> float:
    power = np.mean(np.square(sound[round(start * RATE) : round(stop * RATE)], dtype=np.float64))
    return float(10 * np.log10(power + 1e-20))


def levels_db(sound: FloatArray, window_seconds: float = 0.25) -> FloatArray:
    n_windows = int(len(sound) / RATE / window_seconds)
    return np.array([level_db(sound, k * window_seconds, (k + 1) * window_seconds) for k in range(n_windows)])


def steady(hertz: float, seconds: float) -> FloatArray:
    return tone(hertz, -12, seconds, RATE)


def pitch_hz(sound: FloatArray, at_seconds: float) -> float:
    """The strongest frequency in the second around a time."""
    part = sound[round((at_seconds - 0.5) * RATE) : round((at_seconds + 0.5) * RATE), 0]
    return float(np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part))))))


def test_a_longer_piece_is_trimmed_bit_for_bit() -> None:
    sound = noise(-20, 12, RATE)
    out = laid([piece(sound)], 10, fade_in_seconds=1, fade_out_seconds=2)
    assert out.shape == (10 * RATE, 2)
    assert np.array_equal(out[RATE : 8 * RATE], sound[RATE : 8 * RATE])


@pytest.mark.parametrize("seconds", [0.001, 0.3, 1.0, 7.77, 61.3])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_music_is_as_long_as_the_picture_and_ends_with_it(seconds: float, channels: int) -> None:
    out = laid([piece(noise(-20, 3.3, RATE, channels))], seconds, fade_out_seconds=0.5)
    assert out.shape == (round(seconds * RATE), channels)
    assert out.dtype == np.float32
    if seconds > 1:
        assert np.abs(out[-1]).max() < 1e-3
        assert level_db(out, seconds - 0.35, seconds - 0.2) > -30  # no hole before the end


@pytest.mark.parametrize("crossfade_seconds", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_loop_of_noise_keeps_its_power(crossfade_seconds: float, seed: int) -> None:
    out = laid([piece(noise(-20, 7.3, RATE, seed=seed))], 60, crossfade_seconds=crossfade_seconds)
    inner = levels_db(out)[4:-16]
    assert np.abs(inner - -20).max() < 1.0


@pytest.mark.parametrize("hertz", [60.0, 440.0, 2000.0])
def test_a_loop_of_a_tone_keeps_its_power_and_does_not_click(hertz: float) -> None:
    out = laid([piece(steady(hertz, 5.123))], 30)
    assert np.abs(levels_db(out)[4:-16] - -15.05).max() < 0.3  # the RMS of a sine of -12 dBFS
    largest_step = 10 ** (-12 / 20) * 2 * np.sin(np.pi * hertz / RATE)
    assert np.abs(np.diff(out, axis=0)).max() < 1.05 * largest_step


def test_a_loop_without_crossfade_does_not_click_either() -> None:
    out = laid([piece(steady(100, 3.337))], 20, **NO_FADES)
    assert np.abs(np.diff(out, axis=0)).max() < 0.3 * 0.25  # a jump could be as high as 0.5


def test_silence_around_the_piece_leaves_no_hole_in_the_loop() -> None:
    silence = np.zeros((2 * RATE, 2), np.float32)
    out = laid([piece(np.concatenate([silence, noise(-20, 6, RATE), silence]))], 40, fade_in_seconds=0.0)
    assert levels_db(out)[:-12].min() > -22


def test_without_loop_the_piece_ends_and_keeps_its_own_end() -> None:
    sound = noise(-20, 5, RATE)
    out = laid([piece(sound)], 12, loop=False, fade_in_seconds=0.0)
    assert np.array_equal(out[RATE : 4 * RATE + RATE // 2], sound[RATE : 4 * RATE + RATE // 2])
    assert level_db(out, 4.5, 4.9) == pytest.approx(-20, abs=0.5)
    assert not out[5 * RATE :].any()


def test_pieces_without_times_share_the_programme_in_order() -> None:
    pieces = [piece(steady(hertz, 6)) for hertz in (400, 600, 800)]
    out = laid(pieces, 30, crossfade_seconds=1.0)
    assert [pitch_hz(out, at) for at in (2.5, 8, 13, 18, 23)] == [400, 600, 800, 400, 600]
    once = laid(pieces, 30, crossfade_seconds=1.0, loop=False)
    assert [pitch_hz(once, at) for at in (2.5, 8, 13)] == [400, 600, 800]
    assert not once[17 * RATE :].any()


def test_different_pieces_are_crossfaded_with_equal_power() -> None:
    out = laid([piece(noise(-20, 6, RATE, seed=1)), piece(noise(-20, 6, RATE, seed=2))], 11, crossfade_seconds=2.0)
    assert np.abs(levels_db(out)[4:-16] - -20).max() < 1.0


def test_pieces_with_times_sit_there() -> None:
    out = laid([piece(steady(400, 3), 2.0, 9.0), piece(steady(600, 30), 15.0, 20.0)], 25)
    assert not out[: 2 * RATE].any()
    assert not out[9 * RATE : 15 * RATE].any()
    assert not out[20 * RATE :].any()
    assert [pitch_hz(out, at) for at in (3, 5, 7, 17)] == [400, 400, 400, 600]


def test_pieces_without_times_play_around_those_with_times() -> None:
    out = laid([piece(steady(400, 30)), piece(steady(600, 30), 10.0, 14.0), piece(steady(800, 30))], 25)
    assert [pitch_hz(out, at) for at in (5, 12.5, 18)] == [400, 600, 800]
    assert levels_db(out)[4:-16].min() > -19  # joined by crossfades, without holes


def test_a_later_piece_takes_over() -> None:
    out = laid([piece(steady(600, 9), 8.0), piece(steady(400, 9), 0.0, 20.0)], 16, crossfade_seconds=1.0)
    assert [pitch_hz(out, at) for at in (4, 10, 14)] == [400, 600, 600]


def test_a_timed_piece_joins_nothing_when_the_others_are_over() -> None:
    pieces = [piece(steady(400, 4)), piece(steady(600, 30), 10.0, 14.0)]
    out = laid(pieces, 20, loop=False)
    assert [pitch_hz(out, at) for at in (2, 12)] == [400, 600]
    assert not out[4 * RATE : 10 * RATE].any()
    assert not out[14 * RATE :].any()


def test_times_of_a_piece_without_an_end() -> None:
    alone = [piece(steady(600, 4), 3.0)]
    assert level_db(laid(alone, 12), 7.5, 8.5) > -18
    assert not laid(alone, 12, loop=False)[7 * RATE :].any()
    assert not laid([piece(steady(600, 4), None, 3.0)], 12)[3 * RATE :].any()


def test_the_in_point_is_exact() -> None:
    sound = noise(-20, 10, RATE)
    out = laid([piece(sound, in_point_seconds=2.5)], 5, **NO_FADES)
    assert np.array_equal(out[RATE : 2 * RATE], sound[round(3.5 * RATE) : round(4.5 * RATE)])


def test_gain() -> None:
    out = laid([piece(noise(-20, 10, RATE), gain_db=-6.0)], 8)
    assert level_db(out, 2, 5) == pytest.approx(-26, abs=0.1)


def test_fades_are_quarter_sines() -> None:
    out = laid([piece(np.ones((10 * RATE, 1), np.float32))], 8, fade_in_seconds=2.0, fade_out_seconds=3.0)[:, 0]
    seconds = np.arange(len(out)) / RATE
    expected = np.sin(np.pi / 2 * np.minimum(seconds / 2, 1)) * np.sin(np.pi / 2 * np.minimum((8 - seconds) / 3, 1))
    np.testing.assert_allclose(out, expected, atol=1e-4)


def test_any_slice_is_that_part_of_the_whole() -> None:
    pieces = [piece(noise(-20, 3.3, RATE)), piece(steady(600, 2), 8.0, 15.0)]
    music = lay(pieces, 25 * RATE, RATE, 2)
    whole = music[0 : 25 * RATE]
    rng = np.random.default_rng(7)
    for start in rng.integers(0, 25 * RATE, 40):
        stop = int(start + rng.integers(0, 5 * RATE))
        assert np.array_equal(music[int(start) : stop], whole[start:stop])


class Watched:
    """Samples that remember the longest slice that was read."""

    def __init__(self, sound: FloatArray) -> None:
        self.sound, self.shape, self.longest = sound, sound.shape, 0

    def __getitem__(self, key: slice, /) -> FloatArray:
        self.longest = max(self.longest, key.stop - key.start)
        return self.sound[key]


def test_a_piece_is_never_read_as_a_whole() -> None:
    watched = Watched(noise(-20, 90, RATE))
    music: LaidMusic = lay([Piece(Audio(watched, RATE))], 200 * RATE, RATE, 2)
    for block in Audio(music, RATE).blocks(5.0):
        assert block.shape == (5 * RATE, 2)
    assert watched.longest <= 11 * RATE


@pytest.mark.parametrize("sound", [np.zeros((5 * RATE, 2), np.float32), noise(-20, 0.1, RATE), noise(-20, 0, RATE)])
def test_a_piece_without_music_is_refused(sound: FloatArray) -> None:
    with pytest.raises(MediaError, match="holds no music"):
        laid([piece(sound)], 5)


def test_a_piece_after_the_end_is_refused() -> None:
    with pytest.raises(PresetError, match="starts at 9 s, after the end at 5 s"):
        laid([piece(noise(-20, 3, RATE), 9.0)], 5)


def test_another_rate_or_channel_count_is_refused() -> None:
    with pytest.raises(ValueError, match="this has 16000 Hz"):
        lay([piece(noise(-20, 3, RATE))], RATE, 48000, 2)


@pytest.mark.parametrize("times", [(5.0, 3.0), (3.0, 3.0), (-1.0, None), (float("nan"), None)])
def test_impossible_times(times: tuple[float | None, float | None]) -> None:
    with pytest.raises(ValueError, match="cannot play"):
        piece(noise(-20, 3, RATE), *times)


def test_an_in_point_outside_the_piece() -> None:
    with pytest.raises(ValueError, match="in_point_seconds"):
        piece(noise(-20, 3, RATE), in_point_seconds=3.0)
