"""Spectrograms: sizes, where a tone stands and how bright it is, and the colours."""

import io

import numpy as np
import pytest
from conftest import noise, tone
from PIL import Image

from vidsep.audio import Audio, FloatArray
from vidsep.outputs.spectrogram import (
    N_BANDS,
    N_COLUMNS,
    N_SHADES,
    RANGE_DB,
    Scale,
    erb_rate,
    palette,
    spectrogram,
    to_png,
    top_level_db,
)


def opened(png: bytes) -> "Image.Image":
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("frequency_hz", [120, 440, 1000, 4000, 12_000])
def test_a_tone_stands_at_its_height(frequency_hz: float) -> None:
    levels = spectrogram(Audio(tone(frequency_hz, -20, 2.0), 48000))
    band = int(levels[len(levels) // 2].argmax())
    assert band == pytest.approx(Scale.of(48000).height(frequency_hz) * (N_BANDS - 1), abs=1.5)


def test_a_full_scale_tone_reads_0_dbfs() -> None:
    levels = spectrogram(Audio(tone(1000, 0, 2.0), 48000))
    middle = 10 ** (levels[len(levels) // 2] / 10)
    assert 10 * np.log10(middle.sum()) == pytest.approx(0.0, abs=0.1)


def test_a_change_of_level_shows_where_it_happens() -> None:
    sound = np.concatenate([tone(1000, -60, 5.0), tone(1000, -20, 5.0)])
    brightest = spectrogram(Audio(sound, 48000)).max(axis=1)
    assert int(np.argmax(brightest > -40)) == pytest.approx(len(brightest) / 2, abs=4)


def test_opposite_channels_do_not_cancel() -> None:
    left = tone(1000, -20, 1.0, channels=1)
    assert spectrogram(Audio(np.hstack([left, -left]), 48000)).max() > -25


@pytest.mark.parametrize(("seconds", "sample_rate", "channels"), [(0.01, 8000, 1), (3, 48000, 2), (100, 16000, 1)])
def test_the_picture_has_the_columns_that_the_sound_fills(seconds: float, sample_rate: int, channels: int) -> None:
    levels = spectrogram(Audio(noise(-20, seconds, sample_rate, channels), sample_rate))
    picture = opened(to_png(levels, -20))
    assert picture.size == (len(levels), N_BANDS)
    assert 1 <= len(levels) <= N_COLUMNS


def test_low_bands_have_no_gaps() -> None:
    levels = spectrogram(Audio(noise(-20, 20.0, channels=1), 48000)).mean(axis=0)
    assert np.abs(np.diff(levels)).max() < 3


def test_brightness_follows_the_level() -> None:
    levels = np.tile(np.array([[-20.0], [-20 - RANGE_DB / 2], [-20 - RANGE_DB]], np.float32), (1, N_BANDS))
    shades = np.asarray(opened(to_png(levels, -20)))[0]
    assert shades.tolist() == [N_SHADES - 1, pytest.approx(N_SHADES / 2, abs=1), 0]


def test_silence_is_black() -> None:
    levels = spectrogram(Audio(np.zeros((48000, 2), np.float32), 48000))
    assert not np.asarray(opened(to_png(levels, top_level_db(levels)))).any()


def test_a_short_click_does_not_set_the_scale() -> None:
    levels = np.full((1000, N_BANDS), -40.0, np.float32)
    levels[500, :10] = -5.0
    assert top_level_db(levels) == -40.0


def test_the_palette_gets_brighter_all_the_way() -> None:
    luminance: FloatArray = palette(N_SHADES).astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    assert (np.diff(luminance) > 0).all()


def test_published_erb_rates() -> None:
    # Moore, An Introduction to the Psychology of Hearing: 500 Hz is ERB number 10.8, 4 kHz 27.1.
    assert (erb_rate(500), erb_rate(4000)) == pytest.approx((10.8, 27.1), abs=0.1)
