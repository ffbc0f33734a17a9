"""Mixing: a neutral preset gives the programme back, faders and mutes do what they say, stems add up."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import noise, tone

from vidsep.audio import Audio, FloatArray, Stems
from vidsep.controls import work_out
from vidsep.mixing import Controls, Undivided, mixed, mixed_stems, needs_stems, old_music
from vidsep.preset import Preset, load_preset
from vidsep.processors.replace import Piece

RATE = 48000


def programme_of(stems: Stems) -> Audio:
    return Audio(stems.mix(), RATE)


@pytest.fixture(scope="module")
def stems() -> Stems:
    """Twelve seconds: a voice-like burst from 3 to 7 s, steady music, faint effects."""
    voice = noise(-20, 12.0, seed=1)
    voice[: 3 * RATE] = 0
    voice[7 * RATE :] = 0
    return Stems(voice, tone(300, -20, 12.0), noise(-50, 12.0, seed=2))


def mix_of(stems: Stems, preset: Preset, controls: Controls | None = None) -> FloatArray:
    return np.concatenate(list(mixed(stems, RATE, preset, controls or Controls())))


def rms_db(samples: FloatArray) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


def test_neutral_gives_the_programme_back(stems: Stems) -> None:
    residue = mix_of(stems, load_preset("neutral")) - programme_of(stems).samples[:]
    assert np.abs(residue).max() < 10 ** (-120 / 20)


def test_an_undivided_programme_comes_out_bit_for_bit(stems: Stems) -> None:
    programme = programme_of(stems)
    out = np.concatenate(list(mixed(Undivided(programme.samples), RATE, Preset(), Controls())))
    np.testing.assert_array_equal(out, programme.samples[:])


def test_strip_music_leaves_dialogue_and_effects(stems: Stems) -> None:
    np.testing.assert_allclose(mix_of(stems, load_preset("strip-music")), stems.dialogue + stems.effects, atol=1e-6)


def test_karaoke_takes_the_dialogue_away(stems: Stems) -> None:
    residue = mix_of(stems, load_preset("karaoke")) - stems.music - stems.effects
    assert rms_db(residue[4 * RATE : 6 * RATE]) < rms_db(stems.dialogue[4 * RATE : 6 * RATE]) - 15


def test_a_fader_moves_its_stem_alone(stems: Stems) -> None:
    out = mix_of(stems, load_preset(settings={"music.gain_db": -6.0206}))
    np.testing.assert_allclose(out, stems.dialogue + 0.5 * stems.music + stems.effects, atol=1e-5)


def test_ducking_reaches_the_difference_that_was_asked_for(stems: Stems) -> None:
    preset = load_preset("duck-music", settings={"duck.difference_lu": 15})
    controls = work_out(preset, programme_of(stems), stems, [])
    assert controls.duck is not None
    assert controls.duck.reached_difference_lu == pytest.approx(15, abs=0.5)
    music = np.concatenate([block.music for block in mixed_stems(stems, RATE, preset, controls)])
    np.testing.assert_allclose(music[: 2 * RATE], stems.music[: 2 * RATE], atol=1e-6)
    assert rms_db(music[4 * RATE : 6 * RATE]) < rms_db(stems.music[4 * RATE : 6 * RATE]) - 5


def test_replacement_music_plays_instead_of_the_old(stems: Stems) -> None:
    preset = load_preset("replace-music")
    piece = Piece(Audio(tone(1000, -30, 20.0), RATE))
    controls = work_out(preset, programme_of(stems), stems, [piece])
    out = mix_of(stems, preset, controls)
    assert out.shape == stems.shape
    spectrum = np.abs(np.fft.rfft(out[8 * RATE : 9 * RATE, 0]))
    assert spectrum[1000] > 100 * spectrum[300]


def test_replacement_is_as_loud_as_what_it_replaces(stems: Stems) -> None:
    preset = load_preset("replace-music", settings={"duck.enabled": "false"})
    controls = work_out(preset, programme_of(stems), stems, [Piece(Audio(tone(1000, -30, 20.0), RATE))])
    music = np.concatenate([block.music for block in mixed_stems(stems, RATE, preset, controls)])
    assert rms_db(music[RATE : 8 * RATE]) == pytest.approx(rms_db(stems.music), abs=1.0)


def test_old_music_counts_none_of_the_new(stems: Stems) -> None:
    preset = load_preset("replace-music")
    controls = work_out(preset, programme_of(stems), stems, [Piece(Audio(tone(1000, -30, 20.0), RATE))])
    assert not np.concatenate(list(old_music(stems, RATE, preset, controls))).any()


def test_master_processors_change_the_sum(stems: Stems) -> None:
    preset = load_preset(settings={"master": {"processors": [{"type": "gain", "gain_db": -20}]}})
    np.testing.assert_allclose(mix_of(stems, preset), 0.1 * programme_of(stems).samples[:], atol=1e-6)


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (("neutral",), False),
        (("youtube",), False),
        (("strip-music",), True),
        (("netflix",), True),
        (("karaoke",), True),
    ],
)
def test_the_network_runs_only_for_presets_that_need_it(names: tuple[str, ...], needed: bool) -> None:
    assert needs_stems(load_preset(*names)) is needed


def test_stem_tracks_need_the_network() -> None:
    preset = load_preset()
    assert needs_stems(replace(preset, output=replace(preset.output, tracks=("mix", "dialogue"))))
