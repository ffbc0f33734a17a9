"""The gain to a target: reached after the limiter, by one static gain."""

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from conftest import noise, tone
from ebur128 import ebur128

from vidsep.audio import Audio, FloatArray
from vidsep.loudness.measure import measure
from vidsep.loudness.normalize import (
    MOST_LIMITING_LU,
    TOLERANCE_LU,
    Blocks,
    Normalization,
    amplified,
    find_gain,
    static_gain_db,
)
from vidsep.processors.base import apply
from vidsep.processors.limit import Limit

RATE = 48000
CEILING_DBTP = -1.0
LIMIT = Limit(ceiling_dbtp=CEILING_DBTP)


def peaky(seconds: float = 12.0) -> FloatArray:
    """A tone at -23 LUFS with short peaks up to -5 dBFS, two a second."""
    sound = tone(500, -23, seconds)
    clicks = np.tile(np.concatenate([np.hanning(96), np.zeros(RATE // 2 - 96)]), round(seconds * 2))
    click = 0.5 * clicks * np.sin(2 * np.pi * 3000 * np.arange(len(clicks)) / RATE)
    return (sound + click[:, None]).astype(np.float32)


def normalized(sound: FloatArray, target_lufs: float) -> Normalization:
    before = measure([sound], RATE, 2)
    return find_gain(
        Audio(sound, RATE).blocks,
        before.integrated_lufs,
        before.true_peak_dbtp,
        target_lufs=target_lufs,
        ceiling_dbtp=CEILING_DBTP,
        limit=lambda blocks: LIMIT.process(blocks, RATE),
        loudness_of=lambda blocks: measure(blocks, RATE, 2).integrated_lufs,
    )


def never(blocks: Blocks = ()) -> NoReturn:
    raise AssertionError(f"no pass over the programme is needed, {blocks!r} was")


@pytest.mark.parametrize("target_lufs", [-30.0, -24.0])
def test_where_no_peak_reaches_the_ceiling_one_subtraction_will_do(target_lufs: float) -> None:
    found = find_gain(
        never,
        -27.0,
        -5.0,
        target_lufs=target_lufs,
        ceiling_dbtp=-1.0,
        limit=never,
        loudness_of=never,
    )
    assert found == Normalization(target_lufs + 27, target_lufs, 0.0, 0.0, 0)


def test_what_the_limiter_takes_is_given_back(tmp_path: Path) -> None:
    sound, target_lufs = peaky(), -14.0
    found = normalized(sound, target_lufs)
    written = apply(LIMIT, np.concatenate(list(amplified([sound], found.gain_db))), RATE)
    after = measure([written], RATE, 2)
    assert after.integrated_lufs == pytest.approx(target_lufs, abs=TOLERANCE_LU)
    assert after.integrated_lufs == pytest.approx(found.reached_lufs, abs=0.001)
    assert after.true_peak_dbtp <= CEILING_DBTP
    assert found.gain_db > static_gain_db(measure([sound], RATE, 2).integrated_lufs, target_lufs)
    assert found.shortfall_lu == 0.0
    assert found.limited_db > 1
    judge = ebur128(written, RATE, tmp_path)
    assert judge.integrated_lufs == pytest.approx(target_lufs, abs=0.1)
    assert judge.true_peak_dbtp <= CEILING_DBTP + 0.1


@pytest.mark.parametrize("target_lufs", [-23.0, -18.0, -16.0, -14.0, -12.0])
def test_few_trials_are_enough(target_lufs: float) -> None:
    found = normalized(peaky(), target_lufs)
    assert found.reached_lufs == pytest.approx(target_lufs, abs=TOLERANCE_LU)
    assert found.n_trials <= 4


def test_a_target_out_of_reach_is_reported_and_not_forced() -> None:
    found = normalized(noise(-30, 6), -1.0)
    assert found.reached_lufs < -3
    assert found.shortfall_lu == pytest.approx(-1.0 - found.reached_lufs)
    before = measure([noise(-30, 6)], RATE, 2).integrated_lufs
    assert found.gain_db == pytest.approx(-1.0 - before + MOST_LIMITING_LU)


def test_silence_is_left_alone() -> None:
    assert normalized(np.zeros((RATE, 2), np.float32), -14.0) == Normalization(0.0, -np.inf, 0.0, 0.0, 0)


def test_no_gain_is_no_change() -> None:
    sound = noise(-20, 0.1)
    assert next(amplified([sound], 0.0)) is sound
    assert next(amplified([sound], 6.0)).dtype == np.float32
