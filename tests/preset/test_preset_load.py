"""Combining presets: what a later one sets wins, and only that."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vidsep.errors import PresetError
from vidsep.preset import (
    LoudnessSettings,
    PieceSettings,
    Preset,
    StemSettings,
    check_files,
    check_music,
    load_preset,
    with_music,
)
from vidsep.processors.equalizer import Bell, HighPass

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a preset file."""

    def write(text: str, name: str = "my.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_anything_it_is_the_preset_that_changes_nothing() -> None:
    preset = load_preset()
    assert preset == Preset(name="neutral", description=preset.description)


def test_a_file_sets_what_it_says_and_nothing_else(write: Write) -> None:
    path = write('description = "Quieter  music."\n[music]\ngain_db = -6\n')
    music = StemSettings(gain_db=-6.0)
    assert load_preset(path) == Preset(name="my", description="Quieter music.", music=music)


def test_processors_are_built_in_order(write: Write) -> None:
    high_pass = '[[dialogue.processors]]\ntype = "high_pass"\nfrequency_hz = 100\n'
    path = write(high_pass + '[[dialogue.processors]]\ntype = "bell"\nq = 2\n')
    assert load_preset(path).dialogue.processors == (HighPass(100.0), Bell(q=2.0))


def test_a_later_preset_wins_setting_by_setting(write: Write) -> None:
    first = write("[music]\ngain_db = -6\nmute = true\n[effects]\ngain_db = 1\n", "first.toml")
    second = write("[music]\ngain_db = -9\n", "second.toml")
    preset = load_preset(first, second)
    assert preset.name == "first + second"
    assert (preset.music, preset.effects) == (StemSettings(gain_db=-9.0, mute=True), StemSettings(gain_db=1.0))


def test_lists_are_replaced_as_a_whole(write: Write) -> None:
    first = write('[[music.processors]]\ntype = "bell"\n[[music.processors]]\ntype = "gain"\n', "first.toml")
    second = write('[[music.processors]]\ntype = "high_pass"\n', "second.toml")
    assert load_preset(first, second).music.processors == (HighPass(),)


def test_a_setting_wins_over_presets_wherever_they_stand(write: Write) -> None:
    path = write("[music]\ngain_db = -6\n")
    assert load_preset(path, settings={"music.gain_db": "-1.5"}).music.gain_db == -1.5


def test_a_job_and_a_target_combine() -> None:
    job, target = load_preset("replace-music"), load_preset("youtube")
    both = load_preset("replace-music", "youtube")
    assert (both.music, both.duck, both.replacement) == (job.music, job.duck, job.replacement)
    assert both.loudness == target.loudness
    assert both.description == f"{job.description} {target.description}"


def test_a_preset_object_counts_with_all_that_it_says() -> None:
    mine = Preset(name="mine", music=StemSettings(gain_db=-6.0))
    assert load_preset(mine) == mine
    assert load_preset(mine, "youtube").music == mine.music
    assert load_preset("strip-music", mine).music == mine.music


def test_a_new_target_does_not_keep_the_old_ones_source() -> None:
    loudness = load_preset("ebu-r128", settings={"loudness.target_lufs": "-20"}).loudness
    assert loudness == LoudnessSettings(target_lufs=-20.0, tolerance_lu=0.5, true_peak_dbtp=-1.0)


def test_extends_starts_from_the_other_preset(write: Write) -> None:
    write('extends = "strip-music"\n[effects]\ngain_db = -3\n', "folder/base.toml")
    preset = load_preset(write('extends = "folder/base.toml"\n[effects]\nmute = true\n'))
    assert preset.name == "my"
    assert preset.description == load_preset("strip-music").description
    assert preset.music == load_preset("strip-music").music
    assert preset.effects == StemSettings(gain_db=-3.0, mute=True)


def test_a_circle_of_extends_is_an_error(write: Write) -> None:
    first = write('extends = "./second.toml"\n', "first.toml")
    write('extends = "first.toml"\n', "second.toml")
    with pytest.raises(PresetError, match=r"first\.toml extends itself: .*first\.toml > \./second\.toml > first\.toml"):
        load_preset(first)


def test_an_error_in_a_base_names_the_base(write: Write) -> None:
    write("[music]\ngain_db = 99\n", "base.toml")
    with pytest.raises(PresetError, match=r"^preset base\.toml: music\.gain_db is 99 dB, its range is -60 to 24$"):
        load_preset(write('extends = "base.toml"\n'))


def test_music_is_looked_for_beside_the_file_that_names_it(write: Write, tmp_path: Path) -> None:
    base = '[[replacement.pieces]]\nfile = "song.flac"\nstart_seconds = 5\n'
    write(base, "folder/base.toml")
    preset = load_preset(write('extends = "folder/base.toml"\n'))
    assert preset.replacement.pieces == (PieceSettings(tmp_path / "folder" / "song.flac", start_seconds=5.0),)


def test_music_of_the_command_line_plays_after_the_presets_own(write: Write, tmp_path: Path) -> None:
    preset = with_music(load_preset(write('[[replacement.pieces]]\nfile = "a.flac"\n')), ["b.flac", Path("c.mp3")])
    assert [piece.file for piece in preset.replacement.pieces] == [
        tmp_path / "a.flac",
        Path.cwd() / "b.flac",
        Path.cwd() / "c.mp3",
    ]


def test_a_preset_that_needs_music_says_so_until_it_has_some() -> None:
    preset = load_preset("replace-music")
    with pytest.raises(PresetError, match=r"replace-music needs music .*--music"):
        check_music(preset)
    check_music(with_music(preset, ["song.flac"]))


def test_missing_music_is_found(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    preset = with_music(load_preset(), [song])
    with pytest.raises(PresetError, match=r"no music file .*song\.flac"):
        check_files(preset)
    song.touch()
    check_files(preset)


def test_a_piece_ends_after_it_begins(write: Write) -> None:
    path = write('[[replacement.pieces]]\nfile = "a.flac"\nstart_seconds = 9\nend_seconds = 4\n')
    with pytest.raises(PresetError, match=r"replacement\.pieces\[1\]\.end_seconds is 4 s, before the piece has begun"):
        load_preset(path)


def test_an_unknown_base_is_told_with_the_file_that_extends_it(write: Write) -> None:
    with pytest.raises(PresetError, match=r"my\.toml: extends: there is no preset youtub; did you mean youtube\?$"):
        load_preset(write('extends = "youtub"\n'))


def test_a_name_is_one_that_an_output_can_have(write: Write) -> None:
    with pytest.raises(PresetError, match=r"name is '\.\./\.\./evil', no file could be called so"):
        load_preset(write('name = "../../evil"\n'))
    assert load_preset(write("", "odd\x85name.toml")).name == "odd-name"


@pytest.mark.parametrize("name", ["youtub", "Youtube", "yotube"])
def test_a_misspelt_name_is_told_the_right_one(name: str) -> None:
    with pytest.raises(PresetError, match=f"^there is no preset {name}; did you mean youtube\\?$"):
        load_preset(name)


def test_a_preset_runs_from_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vidsep.presets", None)  # as if only the package's own folder were there
    assert load_preset("youtube").loudness.target_lufs == -14.0
