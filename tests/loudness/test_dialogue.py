"""Dialogue-gated loudness: the mix, measured while somebody speaks."""

import numpy as np
import pytest
from conftest import noise
from tech3341 import steps

from vidsep.audio import FloatArray
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.loudness.dialogue import LEAST_DIALOGUE_SHARE, DialogueGatedMeter, lufs_during

RATE = 48000


def metered(mix: FloatArray, dialogue: FloatArray, size: int = RATE) -> DialogueGatedMeter:
    meter = DialogueGatedMeter(RATE, 2)
    for start in range(0, len(mix), size):
        meter.add(mix[start : start + size], dialogue[start : start + size])
    return meter


def test_only_speech_is_measured() -> None:
    dialogue = steps((-200, 10), (-27, 10), (-200, 10))
    music = steps((-14, 9), (-90, 12), (-14, 9))
    meter = metered(dialogue + music, dialogue)
    assert meter.dialogue_lufs == pytest.approx(-27, abs=0.1)
    assert meter.dialogue_share == pytest.approx(1 / 3, abs=0.01)
    assert meter.integrated_lufs > -17


def test_it_is_the_mix_that_is_measured() -> None:
    dialogue, music = noise(-30, 10), noise(-30, 10, seed=1)
    mix = dialogue + music
    alone = LoudnessMeter(RATE, 2)
    alone.add(dialogue)
    assert metered(mix, dialogue).dialogue_lufs - alone.integrated_lufs == pytest.approx(3.01, abs=0.1)


def test_quiet_speech_is_not_gated_away() -> None:
    dialogue = steps((-20, 10), (-33, 10), (-200, 5))
    meter = metered(dialogue, dialogue)
    assert meter.dialogue_share == pytest.approx(20 / 25, abs=0.01)
    mean = 10 * np.log10((10**-2 + 10**-3.3) / 2)
    assert meter.dialogue_lufs == pytest.approx(mean, abs=0.1)
    assert meter.integrated_lufs > mean + 1  # the relative gate of BS.1770-4 leaves the quiet half out


def test_a_programme_with_little_speech_says_so() -> None:
    dialogue = steps((-200, 9), (-25, 1))
    assert metered(dialogue + noise(-25, 10), dialogue).dialogue_share < LEAST_DIALOGUE_SHARE


@pytest.mark.parametrize("seconds", [0.0, 0.005, 2.0])
def test_no_speech(seconds: float) -> None:
    mix = noise(-25, seconds)
    for dialogue in (np.zeros_like(mix), mix * np.float32(0.01)):
        meter = metered(mix, dialogue)
        assert meter.dialogue_share == 0.0
        assert meter.dialogue_lufs == -np.inf


def test_the_same_speech_measured_again_after_a_change_of_the_mix() -> None:
    dialogue = steps((-200, 2), (-27, 3), (-200, 2.345))
    mix = dialogue + noise(-40, 7.345)
    meter = metered(mix, dialogue, size=9999)
    assert lufs_during(meter.speech, [mix], RATE, 2) == meter.dialogue_lufs
    louder = lufs_during(meter.speech, [mix * np.float32(2)], RATE, 2)
    assert louder - meter.dialogue_lufs == pytest.approx(6.02, abs=0.01)


def test_mix_and_dialogue_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="mix and dialogue have one shape"):
        DialogueGatedMeter(RATE, 2).add(noise(-20, 1), noise(-20, 2))
