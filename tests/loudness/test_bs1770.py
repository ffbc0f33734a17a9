"""Loudness as the standards define it: EBU Tech 3341 (2023) minimum requirements, BS.1770-4, and silence."""

import numpy as np
import pytest
from conftest import noise, tone
from pyloudnorm import Meter
from tech3341 import steps

from vidsep.audio import FloatArray
from vidsep.loudness.bs1770 import LoudnessMeter, k_weighting

TOLERANCE_LU = 0.1  # EBU Tech 3341, table 1


def metered(sound: FloatArray, sample_rate: int = 48000, layout: str = "") -> LoudnessMeter:
    meter = LoudnessMeter(sample_rate, sound.shape[1], layout)
    meter.add(sound)
    return meter


def test_k_weighting_is_the_table_of_the_standard() -> None:
    shelf, high_pass = k_weighting(48000)
    standard_shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585]
    assert shelf == pytest.approx(standard_shelf, abs=1e-10)
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-10)


def test_full_scale_sine_in_one_front_channel_is_minus_3_01() -> None:
    sound = tone(997, 0, 20)  # BS.1770-4, annex 1
    sound[:, 1] = 0
    assert metered(sound).integrated_lufs == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("level", [-23.0, -33.0])
@pytest.mark.parametrize("sample_rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_3341_cases_1_and_2_steady_tone(level: float, sample_rate: int) -> None:
    meter = metered(steps((level, 20), sample_rate=sample_rate), sample_rate)
    assert meter.integrated_lufs == pytest.approx(level, abs=TOLERANCE_LU)
    assert meter.momentary_lufs[4:] == pytest.approx(level, abs=TOLERANCE_LU)
    assert meter.short_term_lufs[30:] == pytest.approx(level, abs=TOLERANCE_LU)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([(-36, 10), (-23, 60), (-36, 10)], id="case 3"),
        pytest.param([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], id="case 4"),
        pytest.param([(-26, 20), (-20, 20.1), (-26, 20)], id="case 5"),
    ],
)
def test_3341_cases_3_to_5_gating(parts: list[tuple[float, float]]) -> None:
    assert metered(steps(*parts)).integrated_lufs == pytest.approx(-23, abs=TOLERANCE_LU)


@pytest.mark.parametrize("layout", ["5.0", "5.0(side)"])
def test_3341_case_6_five_channels(layout: str) -> None:
    gains = 10 ** (np.array([-28, -28, -24, -30, -30]) / 20)
    sound = (tone(1000, 0, 20, channels=5) * gains).astype(np.float32)
    assert metered(sound, layout=layout).integrated_lufs == pytest.approx(-23.017, abs=0.01)  # libebur128's reading


def test_3341_case_9_short_term_is_constant() -> None:
    sound = steps(*[(-20, 1.34), (-30, 1.66)] * 5)
    assert metered(sound).short_term_lufs[29:] == pytest.approx(-23, abs=TOLERANCE_LU)


def test_3341_case_12_momentary_is_constant() -> None:
    sound = steps(*[(-20, 0.18), (-30, 0.22)] * 25)
    assert metered(sound).momentary_lufs[9:] == pytest.approx(-23, abs=TOLERANCE_LU)


@pytest.mark.parametrize("number", range(20))
def test_3341_cases_10_and_13_maximum_wherever_the_tone_begins(number: int) -> None:
    long_tone = steps((-200, 0.15 * number), (-23, 3), (-200, 1))
    assert metered(long_tone).max_short_term_lufs == pytest.approx(-23, abs=TOLERANCE_LU)
    short_tone = steps((-200, 0.02 * number), (-23, 0.4), (-200, 1))
    assert metered(short_tone).max_momentary_lufs == pytest.approx(-23, abs=TOLERANCE_LU)


@pytest.mark.parametrize(("seconds", "case"), [(3.0, 11), (0.4, 14)])
def test_3341_cases_11_and_14_maximum_of_rising_tones_in_turn(seconds: float, case: int) -> None:
    meter = LoudnessMeter(48000, 2)
    for number in range(20):
        level = -38 + number
        meter.add(steps((-200, (0.15 if case == 11 else 0.02) * number), (level, seconds), (-200, 1)))
        reading = meter.max_short_term_lufs if case == 11 else meter.max_momentary_lufs
        assert reading == pytest.approx(level, abs=TOLERANCE_LU)


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_agrees_with_pyloudnorm(sample_rate: int, channels: int) -> None:
    envelope = np.linspace(0, 1, 12 * sample_rate, dtype=np.float32)[:, None] ** 4
    sound = noise(-15, 12, sample_rate, channels) * envelope  # rising from silence: both gates have work
    judge = Meter(sample_rate, filter_class="DeMan").integrated_loudness(sound.astype(np.float64))
    assert metered(sound, sample_rate).integrated_lufs == pytest.approx(judge, abs=0.01)


def test_mono_is_3_lu_below_the_same_in_stereo() -> None:
    mono, stereo = tone(1000, -20, 5, channels=1), tone(1000, -20, 5)
    assert metered(stereo).integrated_lufs - metered(mono).integrated_lufs == pytest.approx(3.01, abs=0.01)


def test_low_frequency_channel_does_not_count() -> None:
    sound = noise(-20, 5, channels=6)
    boosted = sound * np.array([1, 1, 1, 10, 1, 1], np.float32)
    assert metered(boosted, layout="5.1").integrated_lufs == metered(sound, layout="5.1").integrated_lufs
    only_lfe = sound * np.array([0, 0, 0, 1, 0, 0], np.float32)
    assert metered(only_lfe, layout="5.1").integrated_lufs == -np.inf


@pytest.mark.parametrize("sample_rate", [44100, 11025])
@pytest.mark.parametrize("size", [1, 997, 4096, 441000])
def test_the_result_does_not_depend_on_the_cut(size: int, sample_rate: int) -> None:
    sound = noise(-20, 2.345, sample_rate)[: 2 * sample_rate + 100 if size == 1 else None]
    whole, cut = metered(sound, sample_rate), LoudnessMeter(sample_rate, 2)
    for start in range(0, len(sound), size):
        cut.add(sound[start : start + size])
        cut.add(sound[:0])
    assert np.array_equal(whole.hop_energies, cut.hop_energies)
    assert whole.integrated_lufs == cut.integrated_lufs


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.5, 20.0])
def test_silence_is_minus_infinity(seconds: float) -> None:
    meter = metered(np.zeros((round(48000 * seconds), 2), np.float32))
    assert meter.integrated_lufs == meter.max_momentary_lufs == meter.max_short_term_lufs == -np.inf
    assert meter.lra_lu == 0.0


@pytest.mark.parametrize("seconds", [0.005, 0.01, 0.399, 0.4, 0.7])
def test_short_sound_has_the_loudness_of_its_own_length(seconds: float) -> None:
    meter = metered(tone(4000, -20, seconds))  # high enough to be full periods in 5 ms, and past the filters' start
    assert meter.integrated_lufs == pytest.approx(metered(tone(4000, -20, 5)).integrated_lufs, abs=0.3)
    assert meter.lra_lu == 0.0


def test_asking_does_not_change_the_answer() -> None:
    sound, asked = noise(-20, 3.3), LoudnessMeter(48000, 2)
    for start in range(0, len(sound), 10000):
        asked.add(sound[start : start + 10000])
        assert asked.integrated_lufs < 0
    assert asked.integrated_lufs == metered(sound).integrated_lufs


def test_curves_tell_the_time() -> None:
    meter = metered(steps((-200, 2), (-20, 2), (-200, 1.05)))
    momentary, centred = meter.momentary_lufs, meter.curve_lufs(0.4, 0.1, centred=True)
    assert len(momentary) == len(centred) == 50
    half = -20 + 10 * np.log10(0.5)
    assert momentary[21] == pytest.approx(half, abs=0.2)  # at 2.2 s half of the last 400 ms is tone
    assert centred[19] < half < centred[20]  # the middle of value 20 is 2.05 s
    assert centred[20] == pytest.approx(centred[39], abs=0.2)  # and the curve is as steep at 4 s


def test_blocks_are_not_written_to() -> None:
    sound = noise(-20, 2)
    sound.flags.writeable = False
    assert np.isfinite(metered(sound).integrated_lufs)


def test_silence_after_sound_ends_in_zeros_and_not_in_denormal_numbers() -> None:
    meter = LoudnessMeter(48000, 2)
    meter.add(np.concatenate([noise(-10, 1), np.zeros((48000 * 5, 2), np.float32)]))
    assert not meter.hop_energies[300:].any()
