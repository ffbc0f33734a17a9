"""Responses of the equalizer against their definitions, and against ffmpeg's filters of the same Cookbook."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import noise

from vidsep.processors import Bell, HighPass, HighShelf, LowPass, LowShelf, Processor, apply
from vidsep.processors.equalizer import Filter

RATE = 48000
SLOPES = [6, 12, 18, 24, 36, 48]


def response_db(processor: Processor, frequency_hz: float, rate: int = RATE) -> float:
    """Level of a long sine after the filter against before, measured on a second of the impulse response."""
    impulse = np.zeros((rate, 1), np.float32)
    impulse[0] = 1
    answer = apply(processor, impulse, rate)[:, 0].astype(float)
    at = np.exp(-2j * np.pi * frequency_hz * np.arange(rate) / rate)
    return float(20 * np.log10(np.abs(answer @ at) + 1e-12))


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("make", [HighPass, LowPass])
@pytest.mark.parametrize("frequency_hz", [80, 1000, 12000])
def test_3_db_less_at_the_cutoff(make: Callable[..., Processor], slope: float, frequency_hz: float) -> None:
    assert response_db(make(frequency_hz, slope), frequency_hz) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("frequency_hz", [250, 700, 1500, 3000])
def test_high_and_low_passes_are_butterworths(slope: float, frequency_hz: float) -> None:
    """Squared magnitude 1 / (1 + r^2n), r the ratio of frequencies as the bilinear transform bends them."""
    ratio = np.tan(np.pi * frequency_hz / RATE) / np.tan(np.pi * 800 / RATE)
    for make, r in ((LowPass, ratio), (HighPass, 1 / ratio)):
        expected_db = -10 * np.log10(1 + r ** (2 * slope / 6))
        assert response_db(make(800, slope), frequency_hz) == pytest.approx(expected_db, abs=0.05)


def test_what_should_pass_passes_untouched() -> None:
    assert response_db(HighPass(80, 24), 1000) == pytest.approx(0, abs=0.001)
    assert response_db(LowPass(8000, 24), 400) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("slope", [7, 12.5, 47.9])
@pytest.mark.parametrize("make", [HighPass, LowPass])
def test_slopes_between_the_steps_are_refused(make: Callable[..., Processor], slope: float) -> None:
    with pytest.raises(ValueError, match="steps of 6"):
        make(slope_db_per_octave=slope)


@pytest.mark.parametrize("gain_db", [-24, -6, 3, 12])
@pytest.mark.parametrize("q", [0.3, 1, 10])
def test_a_bell_has_its_gain_at_its_middle_and_none_far_away(gain_db: float, q: float) -> None:
    bell = Bell(1000, gain_db, q)
    assert response_db(bell, 1000) == pytest.approx(gain_db, abs=0.01)
    assert response_db(Bell(1000, gain_db, 10), 20) == pytest.approx(0, abs=0.05)


def test_half_of_a_bells_gain_in_db_spans_its_bandwidth() -> None:
    """q is the middle over the width between the points of half gain (Cookbook), low down where nothing warps."""
    low_hz, high_hz = (200 * (np.sqrt(1 + 1 / 16) + sign / 4) for sign in (-1, 1))
    assert high_hz - low_hz == pytest.approx(200 / 2)
    for edge_hz in (low_hz, high_hz):
        assert response_db(Bell(200, 12, 2), edge_hz) == pytest.approx(6, abs=0.05)


@pytest.mark.parametrize("gain_db", [-24, -6, 3, 12])
@pytest.mark.parametrize("q", [0.5, 0.71, 1])
def test_shelves_have_a_plateau_a_middle_and_nothing(gain_db: float, q: float) -> None:
    for shelf, plateau_hz, flat_hz in ((LowShelf(1000, gain_db, q), 2, 23000), (HighShelf(1000, gain_db, q), 23000, 2)):
        assert response_db(shelf, plateau_hz) == pytest.approx(gain_db, abs=0.05)
        assert response_db(shelf, 1000) == pytest.approx(gain_db / 2, abs=0.01)
        assert response_db(shelf, flat_hz) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(("q", "overshoots"), [(0.5, False), (0.7, False), (1.0, True)])
def test_shelves_overshoot_only_above_a_q_of_0_71(q: float, overshoots: bool) -> None:
    levels_db = [response_db(LowShelf(1000, 12, q), frequency_hz) for frequency_hz in np.geomspace(100, 10000, 15)]
    assert (max(levels_db) > 12.1 and min(levels_db) < -0.1) == overshoots


@pytest.mark.parametrize("make", [Bell, LowShelf, HighShelf])
def test_no_gain_changes_nothing(make: Callable[..., Processor]) -> None:
    sound = noise(-20, 0.5)
    np.testing.assert_allclose(apply(make(gain_db=0.0), sound, RATE), sound, atol=1e-7)


def test_frequencies_that_the_sample_rate_cannot_hold() -> None:
    rate = 8000
    for frequency_hz in (200, 1000, 3000):
        assert response_db(LowPass(16000, 24), frequency_hz, rate) == pytest.approx(0, abs=0.01)
        assert response_db(Bell(16000, 12, 1), frequency_hz, rate) == pytest.approx(0, abs=0.05)
        assert response_db(HighShelf(16000, 12), frequency_hz, rate) == pytest.approx(0, abs=0.05)
        assert response_db(LowShelf(16000, 12), frequency_hz, rate) == pytest.approx(12, abs=0.05)
        assert response_db(HighPass(16000, 24), frequency_hz, rate) < -100


def test_what_rings_on_below_400_db_is_cut_to_zero() -> None:
    """Else it would end in denormal numbers, which are slow. This bell rings down by 550 dB in these 40 seconds."""
    *_, last = Bell(20, 24, 10).process([noise(-6, 1), np.zeros((40 * RATE, 2), np.float32)], RATE)
    assert not last.any()


@pytest.mark.parametrize(
    ("processor", "ffmpeg_filter"),
    [
        (Bell(1000, 6, 1), "equalizer=f=1000:t=q:w=1:g=6"),
        (Bell(9000, -12, 3), "equalizer=f=9000:t=q:w=3:g=-12"),
        (HighPass(300, 12), "highpass=f=300:t=q:w=0.70710678"),
        (HighPass(300, 6), "highpass=f=300:p=1"),
        (LowPass(5000, 12), "lowpass=f=5000:t=q:w=0.70710678"),
        (LowShelf(200, 6, 2**-0.5), "bass=f=200:t=q:w=0.5:g=6"),  # ffmpeg's shelves call q what is q/sqrt(2)
        (HighShelf(6000, -9, 2**-0.5), "treble=f=6000:t=q:w=0.5:g=-9"),
    ],
    ids=repr,
)
def test_ffmpeg_hears_the_same(
    processor: Filter, ffmpeg_filter: str, tmp_path: Path, run_ffmpeg: Callable[..., None]
) -> None:
    sound = noise(-20, 1)
    source, filtered = tmp_path / "noise.wav", tmp_path / "filtered.wav"
    soundfile.write(source, sound, RATE, subtype="FLOAT")
    run_ffmpeg("-i", source, "-af", ffmpeg_filter, "-c:a", "pcm_f32le", filtered)
    theirs, _ = soundfile.read(filtered, dtype="float32")
    np.testing.assert_allclose(apply(processor, sound, RATE), theirs, atol=3e-5)  # 70 dB below it
