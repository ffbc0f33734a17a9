"""Levels of stems: agreement with pyloudnorm, and what the network's certainty is made of."""

import numpy as np
import pyloudnorm
import pytest
from conftest import noise, tone

from vidsep.audio import Audio, FloatArray, Stems
from vidsep.loudness.gating import mean_lufs
from vidsep.outputs.levels import StemLevels, measure_stems
from vidsep.outputs.segments import certainty


class StemArrays:
    """Stems in memory as a `StemSource`."""

    def __init__(self, dialogue: FloatArray, music: FloatArray, effects: FloatArray) -> None:
        self.stems = Stems(dialogue, music, effects)
        self.shape = dialogue.shape

    def __getitem__(self, key: slice, /) -> Stems:
        return Stems(self.stems.dialogue[key], self.stems.music[key], self.stems.effects[key])


def measured(
    dialogue: FloatArray, music: FloatArray, effects: FloatArray, after: FloatArray, sample_rate: int = 48000
) -> StemLevels:
    sound = Audio(dialogue + music + effects, sample_rate)
    return measure_stems(StemArrays(dialogue, music, effects), Audio(after, sample_rate).blocks(0.37), sound)[0]


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000, 96000])
def test_loudness_is_what_pyloudnorm_measures(sample_rate: int) -> None:
    dialogue, music = noise(-30, 12, sample_rate), tone(300, -20, 12, sample_rate)
    effects = noise(-25, 12, sample_rate, seed=3)
    levels = measured(dialogue, music, effects, 0.1 * music, sample_rate)
    meter = pyloudnorm.Meter(sample_rate, filter_class="DeMan")
    for stem, power in ((dialogue, levels.dialogue), (music, levels.music), (effects, levels.effects)):
        assert mean_lufs(power) == pytest.approx(meter.integrated_loudness(stem), abs=0.1)
    assert mean_lufs(levels.music) - mean_lufs(levels.music_after) == pytest.approx(20, abs=0.01)


def test_surrounds_count_more_and_the_lfe_does_not() -> None:
    silence = np.zeros((48000, 6), np.float32)
    centre, lfe, surround = silence.copy(), silence.copy(), silence.copy()
    for stem, channel in ((centre, 2), (lfe, 3), (surround, 4)):
        stem[:, channel] = tone(1000, -20, 1.0, channels=1)[:, 0]
    levels = measured(centre, lfe, surround, lfe)
    assert mean_lufs(levels.music) == -np.inf
    assert levels.effects.sum() / levels.dialogue.sum() == pytest.approx(1.41, rel=1e-3)


def test_stems_apart_in_frequency_are_certain_and_equal_ones_are_a_guess() -> None:
    low, high = tone(200, -20, 2.0), tone(3000, -20, 2.0)
    apart = measured(low, high, 0 * low, high)
    equal = measured(low, low, low, low)
    assert certainty(apart.sure.sum(), apart.total.sum()) > 0.98
    assert certainty(equal.sure.sum(), equal.total.sum()) == pytest.approx(0, abs=1e-6)


def test_the_contested_pair_is_that_which_shares_its_bins() -> None:
    low, high = tone(200, -20, 2.0), tone(3000, -20, 2.0)
    levels = measured(low, high, high, high)
    assert int(levels.contested.sum(axis=0).argmax()) == 2  # music and effects


def test_each_stem_gets_its_picture() -> None:
    low, high = tone(200, -20, 2.0), tone(3000, -20, 2.0)
    _, pictures = measure_stems(StemArrays(low, high, 0 * low), [high], Audio(low + high, 48000))
    assert pictures["dialogue"][40].argmax() < pictures["music"][40].argmax()
    assert pictures["effects"].max() < -100


def test_music_of_another_length_is_refused() -> None:
    sound = noise(-20, 12, 8000)
    for other in (sound[:40_000], sound[:80_000], np.tile(sound, (2, 1))):
        with pytest.raises(ValueError, match="longer than the stems"):
            measured(sound, sound, sound, other, 8000)
