"""The presets that vidsep ships, against the documents that they name, and the page that describes them."""

import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from vidsep.preset import LoudnessSettings, Preset, StemSettings, load_preset, preset_names
from vidsep.processors.equalizer import HighPass

JOBS = {"neutral", "strip-music", "replace-music", "duck-music", "clean-dialogue", "karaoke", "m-and-e"}
TARGETS = {  # name: target LUFS, tolerance LU, ceiling dBTP, whether the source publishes the figure
    "youtube": (-14.0, 0.2, -1.0, False),
    "social": (-14.0, 0.2, -1.0, False),
    "podcast": (-16.0, 1.0, -1.0, True),
    "ebu-r128": (-23.0, 0.5, -1.0, True),
    "atsc-a85": (-24.0, 2.0, -2.0, True),
    "netflix": (-27.0, 2.0, -2.0, True),
}
SILENT = StemSettings(mute=True)


def test_there_are_jobs_and_targets() -> None:
    kinds = {name: load_preset(name).kind for name in preset_names()}
    assert {name for name, kind in kinds.items() if kind == "job"} == JOBS
    assert {name for name, kind in kinds.items() if kind == "target"} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_targets_are_what_their_sources_say(name: str) -> None:
    preset = load_preset(name)
    loudness = preset.loudness
    figures = (loudness.target_lufs, loudness.tolerance_lu, loudness.true_peak_dbtp, loudness.official)
    assert figures == TARGETS[name]
    assert loudness.gate == ("dialogue" if name == "netflix" else "programme")
    assert preset == Preset(name=name, description=preset.description, loudness=loudness)


def test_netflix_falls_back_to_the_programme_where_little_is_spoken() -> None:
    loudness = load_preset("netflix").loudness  # v1.4: dialogue below 15 %: -24 LKFS, whole mix
    assert (loudness.min_dialogue_share, loudness.fallback_lufs) == (0.15, -24.0)


@pytest.mark.parametrize("below", preset_names())
@pytest.mark.parametrize("above", TARGETS)
def test_no_target_is_bent_by_what_it_is_combined_with(below: str, above: str) -> None:
    combined, alone = load_preset(below, above), load_preset(above)
    used = ("target_lufs", "gate", "tolerance_lu", "true_peak_dbtp", "source", "official")
    assert [getattr(combined.loudness, name) for name in used] == [getattr(alone.loudness, name) for name in used]


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_says_what_it_does_and_who_asks_for_its_target(name: str) -> None:
    preset = load_preset(name)
    assert preset.description.endswith(".")
    assert (preset.loudness.target_lufs is None) == (preset.loudness.source == "")


def test_neutral_is_neutral() -> None:
    preset = load_preset("neutral")
    assert preset == Preset(name="neutral", description=preset.description)


@pytest.mark.parametrize(
    ("name", "stems"),
    [
        ("strip-music", (StemSettings(), replace(SILENT, debleed_db=9.0), StemSettings())),
        ("replace-music", (StemSettings(), replace(SILENT, debleed_db=9.0), StemSettings())),
        ("karaoke", (SILENT, StemSettings(), StemSettings())),
        ("m-and-e", (SILENT, StemSettings(), StemSettings())),
        ("duck-music", (StemSettings(), StemSettings(), StemSettings())),
    ],
)
def test_jobs_silence_one_stem_and_change_no_other(name: str, stems: tuple[StemSettings, ...]) -> None:
    preset = load_preset(name)
    assert (preset.dialogue, preset.music, preset.effects) == stems


def test_music_and_effects_for_dubbing_keep_their_level() -> None:
    assert load_preset("m-and-e").loudness == LoudnessSettings()


@pytest.mark.parametrize("name", ["replace-music", "duck-music"])
def test_music_under_a_voice_is_ten_lu_below(name: str) -> None:
    duck = load_preset(name).duck  # Torcoli et al., JAES 67/12, 2019
    assert (duck.enabled, duck.difference_lu) == (True, 10.0)


def test_clean_dialogue_leaves_a_floor() -> None:
    preset = load_preset("clean-dialogue")
    assert preset.music == preset.effects == StemSettings(mute=True, floor_db=-18.0)
    assert preset.dialogue.processors[0] == HighPass(80.0)


def test_the_page_about_presets_is_up_to_date() -> None:
    script = Path(__file__).parents[2] / "docs" / "make_presets_md.py"
    made = runpy.run_path(str(script))["page"]()
    written = script.with_name("presets.md").read_text(encoding="utf-8")
    assert written == made, "run python docs/make_presets_md.py"
