"""Gain curves: what they do to sound, and that what is exported is what is applied."""

import csv
import io
import json

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import FloatArray
from vidsep.dsp.curve import SILENT_DB, GainCurve, raised_cosine, stretches_of

RATE_HZ = 100.0


def curve(*gain_db: float) -> GainCurve:
    return GainCurve(np.array(gain_db, np.float32), RATE_HZ)


def dip(depth_db: float) -> GainCurve:
    """Half a second at 0 dB, down in 150 ms, half a second there, up in 300 ms, half a second at 0 dB."""
    down, up = raised_cosine(15), raised_cosine(30)[::-1]
    shape = np.concatenate([np.zeros(50), down, np.ones(50), up, np.zeros(50)])
    return GainCurve((depth_db * shape).astype(np.float32), RATE_HZ)


def applied(gain: GainCurve, sound: FloatArray, sample_rate: int = 48000) -> FloatArray:
    return np.concatenate(list(gain.apply([sound], sample_rate)))


@pytest.mark.parametrize("gain_db", [-30.0, -6.0, 3.0])
def test_a_level_curve_is_a_gain(gain_db: float) -> None:
    sound = noise(-20, 0.5)
    np.testing.assert_allclose(applied(curve(*[gain_db] * 50), sound), sound * 10 ** (gain_db / 20), rtol=1e-6)


@pytest.mark.parametrize("sample_rate", [8000, 22050, 44100, 48000, 96000])
def test_between_two_points_the_amplitude_goes_straight(sample_rate: int) -> None:
    ones = np.ones((sample_rate // 50, 1), np.float32)
    gains = applied(curve(0.0, -20.0, -20.0), ones, sample_rate)[:, 0]
    seconds = np.arange(len(ones)) / sample_rate
    np.testing.assert_allclose(gains, np.interp(seconds, [0, 0.01], [1.0, 0.1]), atol=1e-6)


def test_zero_db_leaves_every_bit() -> None:
    sound = noise(-20, 1.0)
    assert np.array_equal(applied(curve(*[0.0] * 100), sound), sound)
    assert np.array_equal(applied(curve(), sound), sound)


def test_a_silent_point_is_silence() -> None:
    assert not applied(curve(*[SILENT_DB] * 100), noise(0, 1.0)).any()


def test_after_the_last_point_the_gain_stays() -> None:
    sound = noise(-20, 1.0)
    np.testing.assert_allclose(applied(curve(0.0, -6.0), sound)[480:], sound[480:] * 10 ** (-6 / 20), rtol=1e-6)


@pytest.mark.parametrize("sizes", [(1, 7, 481), (4800,), (0, 100, 33333)])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_cut_makes_no_difference(sizes: tuple[int, ...], channels: int) -> None:
    sound = noise(-20, 1.95, channels=channels)
    blocks, start = [], 0
    while start < len(sound):
        for size in sizes:
            blocks.append(sound[start : start + size])
            start += size
    given = sound.copy()
    out = list(dip(-12).apply(blocks, 48000))
    assert [len(block) for block in out] == [len(block) for block in blocks]
    assert np.array_equal(np.concatenate(out), applied(dip(-12), sound))
    assert np.array_equal(sound, given)


def test_a_moving_gain_adds_no_zipper_noise() -> None:
    """A ramp spreads a tone a little; steps of 10 ms would show as lines 100 Hz and its multiples beside it."""
    out = applied(dip(-12), tone(1000, -6, 1.95))[:, 0]
    spectrum = np.abs(np.fft.rfft(out * np.blackman(len(out))))
    hertz = np.fft.rfftfreq(len(out), 1 / 48000)
    beside = spectrum[np.abs(hertz - 1000) > 80].max()
    assert 20 * np.log10(beside / spectrum.max()) < -80


def test_keyframes_hold_the_whole_curve_in_few_points() -> None:
    gain = dip(-12)
    keyframes = gain.keyframes()
    seconds = np.arange(len(gain.gain_db)) / RATE_HZ
    at, gain_db = zip(*keyframes, strict=True)
    assert np.interp(seconds, at, gain_db) == pytest.approx(gain.gain_db, abs=1e-3)
    assert len(keyframes) < 60  # 45 points of ramps and the ends of three level stretches


def test_json_and_csv_hold_the_keyframes() -> None:
    gain = dip(-7)
    expected = [list(keyframe) for keyframe in gain.keyframes()]
    assert json.loads(gain.to_json()) == {"rate_hz": RATE_HZ, "keyframes": expected}
    header, *rows = csv.reader(io.StringIO(gain.to_csv()))
    assert header == ["seconds", "gain_db"]
    assert [[float(value) for value in row] for row in rows] == expected


def test_a_curve_without_points_exports_nothing() -> None:
    assert curve().keyframes() == []
    assert curve().to_csv() == "seconds,gain_db\n"


def test_stretches() -> None:
    assert stretches_of(np.zeros(5, bool), 3) == []
    assert stretches_of(np.ones(5, bool), 3) == [(0, 5)]
    active = np.array([1, 1, 0, 0, 0, 1, 0, 0, 1], bool)
    assert stretches_of(active, 3) == [(0, 2), (5, 9)]
    assert stretches_of(active, 4) == [(0, 9)]
