"""Facts about separation from end to end, whatever the network thinks of the sound."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import noise, scene, tone
from reading import level_db

from vidsep.audio import Audio, FloatArray
from vidsep.dsp.resample import resample
from vidsep.errors import MediaError, ModelError
from vidsep.separation.models.base import Cut, SeparationModel
from vidsep.separation.registry import MODELS
from vidsep.separation.row import ModelRow, NetworkClass
from vidsep.separation.separator import Separator
from vidsep.separation.weights import Weights


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 96000])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_stems_sum_to_the_sound_at_its_own_rate(separator: Separator, sample_rate: int, n_channels: int) -> None:
    sound = scene(1.2345, sample_rate)[:, :n_channels]
    stems = separator.separate(sound, sample_rate)
    assert stems.dialogue.shape == stems.music.shape == stems.effects.shape == sound.shape
    assert stems.dialogue.dtype == np.float32
    assert np.abs(stems.mix() - sound).max() < 10 ** (-120 / 20)
    assert stems.dialogue.any() and stems.music.any() and stems.effects.any()


@pytest.mark.parametrize("n_samples", [0, 1, 80, 480])
def test_shortest_sounds(separator: Separator, n_samples: int) -> None:
    sound = tone(440, -12, 0.1)[:n_samples]
    stems = separator.separate(sound, 48000)
    assert stems.music.shape == sound.shape
    np.testing.assert_allclose(stems.mix(), sound, atol=1e-6)


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_silence_gives_silence(separator: Separator, layout: str) -> None:
    n_channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    stems = separator.separate(np.zeros((4800, n_channels), np.float32), 48000, layout)
    assert not (stems.dialogue.any() or stems.music.any() or stems.effects.any())


def test_blocks_of_any_size_give_the_same_stems(separator: Separator, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = scene(21)
    whole = separator.separate(sound, 44100)
    monkeypatch.setattr("vidsep.audio.Audio.blocks", lambda self: iter(np.array_split(self.samples, 13)))
    odd = separator.separate(sound, 44100)
    for name in ("dialogue", "music", "effects"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(odd, name))


def test_a_later_start_gives_the_same_stems_beyond_the_context(separator: Separator) -> None:
    sound, step = scene(26), separator.runner.model.cut.grid
    whole, late = separator.separate(sound, 44100), separator.separate(sound[33 * step :], 44100)
    settled = separator.runner.model.cut.context
    for name in ("dialogue", "music", "effects"):
        difference = getattr(whole, name)[33 * step :] - getattr(late, name)
        assert np.abs(difference[settled:]).max() < 10 ** (-80 / 20)


def test_the_joints_cannot_be_heard(separator: Separator) -> None:
    sound = tone(440, -12, 33, 44100) + noise(-60, 33, 44100)
    body = separator.runner.model.cut.body
    assert len(sound) > 2 * body
    stems = separator.separate(sound, 44100)
    clicks = np.abs(np.diff(stems.music, n=4, axis=0)).max(axis=1)
    at_joints = max(clicks[k * body - 8 : k * body + 8].max() for k in (1, 2))
    assert at_joints <= 1.5 * np.quantile(clicks, 0.999)


def test_stems_are_in_time_at_another_rate(separator: Separator) -> None:
    low = scene(3, 44100)
    high = np.concatenate(list(resample([low], 2, 44100, 96000, 3 * 96000)))
    expected = separator.separate(low, 44100).dialogue
    made = separator.separate(high, 96000).dialogue
    judge = np.concatenate(list(resample([expected], 2, 44100, 96000, 3 * 96000)))
    assert np.square(made - judge).mean() < np.square(judge).mean() * 10 ** (-40 / 10)


def test_what_the_network_cannot_hear_is_effects(separator: Separator) -> None:
    stems = separator.separate(tone(30000, -12, 1, 96000), 96000)
    inner = slice(9600, -9600)
    assert np.abs(stems.dialogue[inner]).max() < 1e-4
    np.testing.assert_allclose(stems.effects[inner], tone(30000, -12, 1, 96000)[inner], atol=1e-3)


def test_mono_is_separated_like_equal_channels(separator: Separator) -> None:
    sound = scene(2)[:, :1]
    mono, stereo = separator.separate(sound, 44100), separator.separate(np.repeat(sound, 2, axis=1), 44100)
    np.testing.assert_allclose(mono.dialogue, stereo.dialogue[:, :1], atol=1e-6)


def test_surround_keeps_dialogue_out_of_the_lfe_and_channels_to_themselves(separator: Separator) -> None:
    pair = scene(2)
    sound = np.zeros((len(pair), 6), np.float32)
    sound[:, :2], sound[:, 2], sound[:, 3] = pair, pair[:, 0], pair[:, 1]
    stems = separator.separate(sound, 44100, "5.1")
    assert not stems.dialogue[:, 3].any()
    assert not stems.dialogue[:, 4:].any() and not stems.effects[:, 4:].any()
    np.testing.assert_allclose(stems.mix(), sound, atol=1e-6)
    np.testing.assert_allclose(stems.dialogue[:, :2], separator.separate(pair, 44100).dialogue, atol=1e-6)
    np.testing.assert_allclose(stems.dialogue[:, 2:3], separator.separate(pair[:, :1], 44100).dialogue, atol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused_with_their_place(separator: Separator, value: float) -> None:
    sound = tone(440, -12, 1)
    sound[24000, 1] = value
    with pytest.raises(MediaError, match=r"no numbers.*at 0\.500 s"):
        separator.separate(sound, 48000)


def test_the_sound_is_not_written_to(separator: Separator) -> None:
    sound = scene(1)
    before = sound.copy()
    separator.separate(sound, 44100)
    np.testing.assert_array_equal(sound, before)


def test_progress_adds_up(separator: Separator) -> None:
    done: list[float] = []
    list(separator.stream(Audio(scene(20), 44100), done.append))
    assert sum(done) == pytest.approx(20)
    assert len(done) > 1


def test_takes_a_voice_out_of_music(separator: Separator, shared: Path) -> None:
    check = np.load(shared / "model_v0" / "check.npz")
    dialogue, mixture = (check[name].astype(np.float32) for name in ("sources", "mixture"))
    dialogue = dialogue[0]
    stems = separator.separate(mixture, 44100)

    def snr_db(estimate: FloatArray) -> float:
        return float(10 * np.log10(np.square(dialogue).sum() / np.square(estimate - dialogue).sum()))

    assert snr_db(stems.dialogue) > snr_db(mixture) + 3


class Fake(SeparationModel):
    """Stems that are the given multiples of the sound."""

    stems = ("dialogue", "music", "effects")
    sample_rate = 44100
    cut = Cut(body=4096, context=1024, grid=1)

    def __init__(self, *gains: float) -> None:
        self.gains = gains

    def separate(self, pieces: FloatArray, spans: Any) -> FloatArray:
        body = pieces[:, None, self.cut.context : self.cut.context + self.cut.body]
        return np.concatenate([np.float32(gain) * body for gain in self.gains], axis=1)


def faked(monkeypatch: pytest.MonkeyPatch, model: SeparationModel, stems: tuple[str, ...] = Fake.stems) -> Separator:
    network = NetworkClass("fake", lambda _: model)
    row = replace(MODELS["band-mixer"], name="fake", network=network, stems=stems)
    monkeypatch.setattr(ModelRow, "read", lambda _: Weights({}, {"config": {}}))
    monkeypatch.setitem(MODELS, "fake", row)
    return Separator("fake", "cpu")


def test_a_healthy_fake_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = scene(1)
    stems = faked(monkeypatch, Fake(0.5, 0.3, 0.2)).separate(sound, 44100)
    np.testing.assert_allclose(stems.music, 0.3 * sound, atol=1e-6)


def test_outputs_of_one_stem_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = scene(1)
    stems = faked(monkeypatch, Fake(0.5, 0.2, 0.1), ("dialogue", "music", "music")).separate(sound, 44100)
    np.testing.assert_allclose(stems.music, 0.3 * sound, atol=1e-6)
    np.testing.assert_allclose(stems.effects, 0.2 * sound, atol=1e-6)


@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_shifted_passes_are_put_back_in_their_place(monkeypatch: pytest.MonkeyPatch, sample_rate: int) -> None:
    """Of a network that treats every sample alike the mean of several passes is any one of them."""
    sound = scene(4, sample_rate)
    separator = faked(monkeypatch, Fake(0.5, 0.3, 0.2))
    shifted = Separator(separator.row.with_options(shifts=3), "cpu").separate(sound, sample_rate)
    np.testing.assert_allclose(shifted.music, separator.separate(sound, sample_rate).music, atol=1e-6)


class Uneven(Fake):
    """Puts every other sample that it hears into the music, so that the mean of two passes holds half of each."""

    def separate(self, pieces: FloatArray, spans: Any) -> FloatArray:
        made = super().separate(pieces, spans)
        made[:, 1, ::512] = 0
        return made


def test_stems_are_the_mean_of_all_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.full((4096, 2), 0.5, np.float32)
    separator = faked(monkeypatch, Uneven(0.5, 0.5, 0))
    music = Separator(separator.row.with_options(shifts=4), "cpu").separate(sound, 44100).music[:, 0]
    assert sorted(set(np.round(music, 6))) == [0.125, 0.25]
    assert (music == 0.125).sum() == 4096 // 256


def test_the_built_in_network_may_make_several_passes(separator: Separator) -> None:
    sound = scene(2)
    once, twice = separator.separate(sound, 44100), Separator(shifts=2, device="cpu").separate(sound, 44100)
    assert -60 < level_db(twice.dialogue - once.dialogue) - level_db(once.dialogue) < -10
    assert level_db(twice.mix() - sound) < -120


def test_the_number_of_passes_is_part_of_what_a_model_is() -> None:
    row = MODELS["band-mixer"]
    assert row.with_options(shifts=1).identity == row.identity != row.with_options(shifts=2).identity
    with pytest.raises(ModelError, match="shifts is 9, its range is 1 to 8"):
        row.with_options(shifts=9)


@pytest.mark.parametrize("gains", [(1, 0.1, 0), (0.2, 0, 1), (1 / 3, 1 / 3, 0.3), (0, 0, 0.9)])
def test_a_network_that_separates_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, gains: tuple[float]) -> None:
    with pytest.raises(ModelError, match="separates nothing"):
        faked(monkeypatch, Fake(*gains)).separate(scene(1), 44100)


def test_a_network_that_gives_nan_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="no numbers"):
        faked(monkeypatch, Fake(0.5, np.nan, 0.2)).separate(scene(1), 44100)


def test_silence_proves_nothing_about_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = noise(-120, 1, 44100)
    faked(monkeypatch, Fake(1, 0, 0)).separate(sound, 44100)


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(ModelError, match="no model called"):
        Separator("demucs")


def test_weights_that_are_missing_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lost = replace(MODELS["band-mixer"], weights=tmp_path / "lost.npz")
    monkeypatch.setitem(MODELS, "band-mixer", lost)
    lame = Separator()
    lame.warm_up()
    for _ in range(2):
        with pytest.raises(ModelError, match=re.escape("lost.npz cannot be read")):
            lame.separate(scene(1), 44100)
