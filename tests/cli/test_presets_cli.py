"""``vidsep presets``: tables for people, one JSON object for programs, exit code 4 for what is wrong."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vidsep.cli import cli
from vidsep.preset import load_preset, preset_names, schema


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["presets", *arguments])


def test_list_names_every_preset_jobs_first() -> None:
    result = run("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert sorted(line.split()[0] for line in lines) == list(preset_names())
    assert [line.split()[1] for line in lines] == ["job"] * 7 + ["target"] * 6


def test_list_as_json_tells_the_source_of_a_target() -> None:
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)["presets"]}
    assert rows["youtube"]["official"] is False
    assert rows["ebu-r128"]["target_lufs"] == -23.0


def test_what_show_prints_is_a_preset_file(tmp_path: Path) -> None:
    result = run("show", "replace-music", "youtube", "--set", "duck.difference_lu=15")
    assert result.exit_code == 0
    path = tmp_path / "mine.toml"
    path.write_text(result.stdout, encoding="utf-8")
    assert load_preset(path) == load_preset("replace-music", "youtube", settings={"duck.difference_lu": "15"})


def test_show_as_json_is_the_same_preset() -> None:
    document = json.loads(run("show", "clean-dialogue", "--json").stdout)
    assert load_preset(settings=document) == load_preset("clean-dialogue")


def test_show_settings_lists_every_setting() -> None:
    listed = run("show", "--settings").stdout
    document = json.loads(run("show", "--settings", "--json").stdout)["settings"]
    for name, row in schema.settings().items():
        assert f"{name} " in listed
        assert row.setting.help in listed
    assert [row["name"] for row in document["preset"]] == list(schema.settings())
    assert document["processors, type bell"][0]["low"] == 10.0


def test_show_without_a_preset_is_wrong_use() -> None:
    assert run("show").exit_code == 2


def test_check_accepts_a_good_file_and_a_shipped_preset(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text('extends = "youtube"\n', encoding="utf-8")
    result = run("check", str(path), "youtube")
    assert (result.exit_code, result.stdout) == (0, f"{path}: OK\nyoutube: OK\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[music]\ngain_dbb = -6\n", "music.gain_dbb is not a setting; did you mean music.gain_db?"),
        ("[music]\ngain_db = 99\n", "music.gain_db is 99 dB, its range is -60 to 24"),
        ("[music\n", "is not TOML"),
        ('[[replacement.pieces]]\nfile = "none.flac"\n', "there is no music file"),
    ],
)
def test_check_tells_one_line_and_exits_with_4(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    result = run("check", str(path))
    assert (result.exit_code, result.stdout) == (4, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    document = json.loads(run("check", str(path), "--json").stdout)
    assert document["error"]["exit_code"] == 4


@pytest.mark.parametrize("arguments", [[], ["list"], ["show"], ["check"]])
def test_help_has_examples(arguments: list[str]) -> None:
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert "vidsep presets " in result.stdout
