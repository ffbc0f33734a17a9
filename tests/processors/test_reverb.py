import numpy as np
import pytest
from conftest import noise
from scipy.signal import butter, sosfiltfilt

from vidsep.audio import FloatArray
from vidsep.processors import Reverb, apply

RATE = 48000


def wet(processor: Reverb, sound: FloatArray) -> FloatArray:
    return apply(processor, sound, RATE) - sound


def impulse(seconds: float, n_channels: int = 2) -> FloatArray:
    sound = np.zeros((round(seconds * RATE), n_channels), np.float32)
    sound[0] = 1
    return sound


def rt60_seconds(answer: FloatArray, middle_hz: float) -> float:
    """Reverberation time of an octave: T30 by Schroeder's backward integration, ISO 3382-1, 5.3.3."""
    band = sosfiltfilt(butter(3, [middle_hz / 2**0.5, middle_hz * 2**0.5], "band", fs=RATE, output="sos"), answer[:, 0])
    energy = np.cumsum(band[::-1] ** 2)[::-1]
    level_db = 10 * np.log10(energy / energy[0] + 1e-20)
    inside = np.flatnonzero((level_db < -5) & (level_db > -35))
    slope_db_per_sample = np.polyfit(inside, level_db[inside], 1)[0]
    return float(-60 / slope_db_per_sample / RATE)


@pytest.mark.parametrize("seconds", [0.3, 1.2, 4])
@pytest.mark.parametrize("middle_hz", [500, 1000, 2000])
def test_the_room_falls_by_60_db_in_its_time(seconds: float, middle_hz: float) -> None:
    answer = wet(Reverb(seconds, damping_hz=8000, wet_db=0), impulse(seconds * 1.4))
    assert rt60_seconds(answer, middle_hz) == pytest.approx(seconds, rel=0.1)


def test_treble_dies_away_sooner() -> None:
    answer = wet(Reverb(2, damping_hz=1500, wet_db=0), impulse(2.6))
    assert rt60_seconds(answer, 8000) < 0.8 * rt60_seconds(answer, 250)


@pytest.mark.parametrize("wet_db", [-30, 0])
def test_the_room_answers_noise_at_its_level(wet_db: float) -> None:
    sound = noise(-20, 8)
    steady = wet(Reverb(1, wet_db=wet_db), sound)[3 * RATE :]
    level_db = 10 * np.log10(np.mean(steady.astype(float) ** 2))
    assert level_db == pytest.approx(-20 + wet_db, abs=1)


@pytest.mark.parametrize("pre_delay_ms", [0, 40, 250])
def test_the_first_answer_comes_after_the_pre_delay(pre_delay_ms: float) -> None:
    answer = wet(Reverb(0.5, pre_delay_ms=pre_delay_ms, wet_db=0), impulse(1))
    n_silent = round(pre_delay_ms * RATE / 1000)
    assert np.abs(answer[1:n_silent]).max(initial=0) < 1e-6
    assert np.abs(answer[n_silent : n_silent + 48]).max() > 1e-3


def test_channels_hear_rooms_of_their_own() -> None:
    answer = wet(Reverb(wet_db=0), impulse(2, 6))
    correlation = np.corrcoef(answer[1:].T) - np.eye(6)
    assert np.abs(correlation).max() < 0.05


def test_the_sound_itself_passes_untouched() -> None:
    sound = impulse(1)
    assert apply(Reverb(wet_db=-60), sound, RATE)[0, 0] == 1


def test_the_same_room_every_time() -> None:
    np.testing.assert_array_equal(Reverb().response(RATE, 2), Reverb().response(RATE, 2))
