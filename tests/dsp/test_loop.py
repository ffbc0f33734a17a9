"""Seams of loops: on the beat, in phase, without the silence around the music."""

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import FloatArray
from vidsep.dsp.loop import Body, Loop, body, energies, find_loop

RATE = 16000


def beats(seconds: float, beats_per_minute: float, accent_every: int = 4) -> FloatArray:
    """Short bursts, the first of every bar louder and longer."""
    sound = noise(-50, seconds, RATE, 1, seed=3)
    burst = noise(-12, 0.12, RATE, 1, seed=4) * np.exp(-np.arange(round(0.12 * RATE)) / (0.03 * RATE))[:, None]
    for index, second in enumerate(np.arange(0, seconds - 0.2, 60 / beats_per_minute)):
        at = round(second * RATE)
        sound[at : at + len(burst)] += burst * (1.0 if index % accent_every == 0 else 0.3)
    return sound


def loop_of(sound: FloatArray, crossfade_seconds: float = 1.0) -> tuple[Body, Loop]:
    energy = energies(sound, RATE)
    sounding = body(energy, RATE, len(sound))
    return sounding, find_loop(sound, energy, sounding, RATE, round(crossfade_seconds * RATE))


@pytest.mark.parametrize(("seconds", "beats_per_minute"), [(31.7, 120.0), (24.1, 97.0), (45.05, 140.0)])
def test_the_beat_goes_on(seconds: float, beats_per_minute: float) -> None:
    _, loop = loop_of(beats(seconds, beats_per_minute))
    beat_seconds = 60 / beats_per_minute
    period = loop.period / RATE / beat_seconds
    assert abs(period - round(period)) * beat_seconds < 0.002


def test_the_bar_goes_on() -> None:
    _, loop = loop_of(beats(31.7, 120.0))
    bars = loop.period / RATE / 2.0
    assert bars == pytest.approx(round(bars), abs=0.001)


def test_a_held_tone_keeps_its_phase() -> None:
    _, loop = loop_of(tone(440, -12, 9.37, RATE))
    periods = loop.period / RATE * 440
    assert periods == pytest.approx(round(periods), abs=0.03)
    assert loop.correlation > 0.98


def test_noise_is_like_nothing_but_itself() -> None:
    _, loop = loop_of(noise(-20, 9.37, RATE, seed=9))
    assert abs(loop.correlation) < 0.1


def test_silence_and_fades_around_the_music_are_left_out() -> None:
    middle = noise(-20, 10, RATE)
    fade = noise(-20, 4, RATE, seed=1) * np.linspace(1, 0, 4 * RATE, dtype=np.float32)[:, None] ** 4
    silence = np.zeros((2 * RATE, 2), np.float32)
    sounding, loop = loop_of(np.concatenate([silence, middle, fade, silence]))
    assert sounding.start / RATE == pytest.approx(2.0, abs=0.02)
    assert 12.0 < sounding.stop / RATE < 14.6  # the fade falls below -20 dB well before its end
    assert sounding.start + loop.period + loop.crossfade <= sounding.stop


def test_silence_has_no_body() -> None:
    silence = np.zeros((RATE, 2), np.float32)
    assert body(energies(silence, RATE), RATE, len(silence)) == Body(0, 0)
    assert body(energies(silence[:0], RATE), RATE, 0) == Body(0, 0)


@pytest.mark.parametrize("seconds", [0.5, 0.61, 1.3, 3.0])
def test_short_pieces_loop_with_less_crossfade(seconds: float) -> None:
    sounding, loop = loop_of(noise(-20, seconds, RATE), crossfade_seconds=4.0)
    length = sounding.stop - sounding.start
    assert 0 < loop.crossfade <= length / 3
    assert loop.crossfade <= loop.period <= length - loop.crossfade


def test_energies_do_not_depend_on_the_cut_of_reading() -> None:
    sound = noise(-20, 12.345, RATE)  # longer than what is read at a time
    expected = np.array([np.mean(np.square(sound[k : k + 160], dtype=np.float64)) for k in range(0, len(sound), 160)])
    np.testing.assert_allclose(energies(sound, RATE)[:-1], expected[:-1], rtol=1e-9)
