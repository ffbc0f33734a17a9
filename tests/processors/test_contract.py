"""What every processor promises (`vidsep.processors.base`), for every line of PROCESSORS."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import FloatArray
from vidsep.processors import PROCESSORS, Processor, apply, chain
from vidsep.settings import setting_of

RATE = 48000

BUSY: dict[str, dict[str, Any]] = {  # settings that make a processor work hard on loud sound of half a second
    "gain": {"gain_db": -7.5},
    "mute": {"floor_db": -18.0},
    "high_pass": {"frequency_hz": 300.0, "slope_db_per_octave": 48.0},
    "low_pass": {"frequency_hz": 3000.0, "slope_db_per_octave": 18.0},
    "low_shelf": {"gain_db": 9.0},
    "high_shelf": {"gain_db": -9.0},
    "bell": {"gain_db": 12.0, "q": 8.0},
    "expander": {"threshold_db": -10.0, "hold_ms": 7.0, "release_ms": 20.0},
    "compressor": {"threshold_db": -30.0, "ratio": 8.0, "release_ms": 20.0, "makeup_db": 6.0},
    "reverb": {"seconds": 0.1, "pre_delay_ms": 3.0, "wet_db": 0.0},
    "fade": {"in_seconds": 0.1, "out_seconds": 0.2, "shape": "linear"},
    "limit": {"ceiling_dbtp": -12.0},
}

CONFIGURATIONS = [pytest.param(make(), id=name) for name, make in PROCESSORS.items()] + [
    pytest.param(make(**BUSY[name]), id=f"{name}-busy") for name, make in PROCESSORS.items() if name in BUSY
]

every = pytest.mark.parametrize("processor", CONFIGURATIONS)


def lively(n_channels: int = 2, seconds: float = 0.5, rate: int = RATE) -> FloatArray:
    """Noise with a loud tone in its middle third, read-only."""
    sound = noise(-30, seconds, rate, n_channels)
    third = len(sound) // 3
    sound[third : 2 * third] += tone(440, -6, seconds, rate, n_channels)[:third]
    sound.flags.writeable = False
    return sound


@every
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_as_much_sound_comes_out_as_went_in(processor: Processor, n_channels: int) -> None:
    sound = lively(n_channels)
    result = apply(processor, sound, RATE)
    assert result.shape == sound.shape
    assert result.dtype == np.float32
    assert np.isfinite(result).all()


@every
@pytest.mark.parametrize("sizes", [[1, 0, 1, 2, 777], [0, 4099], [24000, 1]], ids=str)
def test_the_sound_is_the_same_however_it_was_cut(processor: Processor, sizes: list[int]) -> None:
    sound = lively()
    cuts = np.cumsum(np.tile(sizes, 1 + len(sound) // sum(sizes)))
    parts = np.split(sound, cuts[cuts < len(sound)])
    blocks = list(processor.process(iter(parts), RATE))
    assert all(block.dtype == np.float32 for block in blocks)
    np.testing.assert_allclose(np.concatenate(blocks), apply(processor, sound, RATE), atol=1e-6)


@every
def test_a_second_sound_knows_nothing_of_the_first(processor: Processor) -> None:
    sound = lively()
    first = apply(processor, sound, RATE)
    np.testing.assert_array_equal(apply(processor, sound, RATE), first)


@every
def test_silence_stays_silence(processor: Processor) -> None:
    silence = np.zeros((RATE // 2, 2), np.float32)
    np.testing.assert_array_equal(apply(processor, silence, RATE), silence)


@every
@pytest.mark.parametrize("n_samples", [0, 1, 480])
def test_short_sound_keeps_its_length(processor: Processor, n_samples: int) -> None:
    assert apply(processor, lively()[:n_samples], RATE).shape == (n_samples, 2)


@every
def test_a_stream_without_blocks_is_empty(processor: Processor) -> None:
    assert sum(len(block) for block in processor.process([], RATE)) == 0


@every
@pytest.mark.parametrize("rate", [8000, 44100, 96000, 192000])
def test_any_sample_rate(processor: Processor, rate: int) -> None:
    sound = lively(seconds=0.1, rate=rate)
    result = apply(processor, sound, rate)
    assert result.shape == sound.shape
    assert np.isfinite(result).all()


@every
def test_nothing_is_heard_before_it_happens(processor: Processor) -> None:
    sound = np.zeros((RATE // 2, 2), np.float32)
    sound[RATE // 4 :] = lively()[: RATE // 4]
    early = apply(processor, sound, RATE)[: RATE // 4 - 1024]  # a limiter may look a little ahead
    assert np.abs(early).max() < 1e-6


@pytest.mark.parametrize("name", PROCESSORS)
def test_values_out_of_range_are_refused(name: str) -> None:
    for field in dataclasses.fields(PROCESSORS[name]):
        setting = setting_of(field)
        wrong = ["sideways"] if setting.choices else [setting.low - 1, setting.high + 1, math.nan, math.inf]
        for value in wrong:
            with pytest.raises(ValueError, match=field.name):
                PROCESSORS[name](**{field.name: value})


@pytest.mark.parametrize("name", PROCESSORS)
def test_every_setting_explains_itself(name: str) -> None:
    for field in dataclasses.fields(PROCESSORS[name]):
        assert setting_of(field).help


def test_a_chain_applies_first_to_last() -> None:
    sound = lively()
    shelf, compressor = PROCESSORS["low_shelf"](**BUSY["low_shelf"]), PROCESSORS["compressor"](**BUSY["compressor"])
    chained = np.concatenate(list(chain([shelf, compressor], [sound], RATE)))
    np.testing.assert_array_equal(chained, apply(compressor, apply(shelf, sound, RATE), RATE))
    assert not np.allclose(chained, apply(shelf, apply(compressor, sound, RATE), RATE), atol=1e-3)
