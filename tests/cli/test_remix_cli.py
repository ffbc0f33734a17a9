"""``vidsep remix`` at the command line: what it prints, what it writes, what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clips import RATE, SECONDS, Clips
from reading import files_below, packets_sha256

from vidsep.cli import cli

pytestmark = pytest.mark.usefixtures("one_network")


@pytest.fixture
def film(clips: Clips, tmp_path: Path) -> Path:
    """A film alone in a folder."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(clips.mp4.read_bytes())
    return path


def remix(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["remix", *map(str, arguments)])


def test_it_prints_the_hash_of_the_picture_and_the_loudness(film: Path) -> None:
    result = remix(film, "-p", "strip-music", "-p", "youtube")
    assert (result.exit_code, result.stderr) == (0, "")
    output = film.with_name("clip.strip-music.youtube.mp4")
    assert f"wrote {output}\n" in result.stdout
    assert f"picture identical: 150 packets, sha256 {packets_sha256(output)[:16]}" in result.stdout
    assert "target -14" in result.stdout


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((), "clip.neutral.mp4"),
        (("-p", "strip-music"), "clip.strip-music.mp4"),
        (("-p", "karaoke", "-p", "ebu-r128"), "clip.karaoke.ebu-r128.mp4"),
        (("--container", "mkv"), "clip.neutral.mkv"),
        (("--set", "output.container=mov"), "clip.neutral.mov"),
    ],
)
def test_the_output_is_named_after_input_and_preset(film: Path, options: tuple[str, ...], name: str) -> None:
    assert remix(film, *options).exit_code == 0
    assert files_below(film.parent) == {film.name, name}
    assert packets_sha256(film.with_name(name)) == packets_sha256(film)


def test_music_alone_means_replace_music(clips: Clips, film: Path) -> None:
    result = remix(film, "--music", clips.music, "--json")
    document = json.loads(result.stdout)
    assert document["preset"] == "replace-music"
    assert document["tracks"][0]["loudness_lufs"] == pytest.approx(-16, abs=0.2)
    assert document["tracks"][0]["duck_difference_lu"] == pytest.approx(10, abs=1)


def test_json_is_one_object_with_all_results(film: Path) -> None:
    result = remix(film, "-p", "strip-music", "-p", "youtube", "--json")
    document = json.loads(result.stdout)
    output = Path(document["output"])
    assert document["picture"] == {"identical": True, "sha256": packets_sha256(output), "n_packets": 150}
    (track,) = document["tracks"]
    assert (track["number"], track["codec"], track["separated"]) == (1, "aac", True)
    assert track["n_samples"] / track["sample_rate"] == pytest.approx(SECONDS, abs=1024 / RATE)
    assert track["loudness_after"]["integrated_lufs"] == pytest.approx(-14, abs=0.2)
    assert track["loudness_after"]["true_peak_dbtp"] <= -1


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("-p", "nonsense"), 4),
        (("-o", "no/such/out.mp4"), 6),
        (("--track", "7"), 3),
        (("--model", "nonsense"), 5),
        (("--track", "x"), 2),
        (("--nonsense",), 2),
    ],
)
def test_json_is_one_object_when_it_fails(film: Path, options: tuple[str, ...], exit_code: int) -> None:
    result = remix(film, "--json", *options)
    document = json.loads(result.stdout)
    assert result.exit_code == document["error"]["exit_code"] == exit_code
    assert document["error"]["message"] in result.stderr
    assert files_below(film.parent) == {film.name}


def test_silence_is_null_in_json(clips: Clips, tmp_path: Path) -> None:
    result = remix(clips.silence, "-o", tmp_path / "out.mov", "-p", "youtube", "--json")
    (track,) = json.loads(result.stdout)["tracks"]
    assert track["loudness_after"]["integrated_lufs"] is None
    assert track["loudness_lufs"] is None


def test_quiet_says_nothing_and_writes_all_the_same(clips: Clips, tmp_path: Path) -> None:
    result = remix(clips.flac, "-q", "-o", tmp_path / "out.flac")  # a file without a picture, which has a warning
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "out.flac").exists()


def test_warnings_go_to_stderr(clips: Clips, tmp_path: Path) -> None:
    result = remix(clips.flac, "-o", tmp_path / "out.flac")
    assert result.stderr == "warning: song.flac has no picture; only its sound is remixed\n"


def test_a_dry_run_tells_the_plan_and_writes_nothing(clips: Clips, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidsep.pipeline.new_sound", None)
    options = ("-p", "replace-music", "-p", "youtube", "--music", clips.music, "--range", "0:01-0:02", "--dry-run")
    result = remix(film, *options)
    assert result.exit_code == 0
    for words in ("clip.replace-music.youtube.mp4", "replace-music + youtube", "music.flac", "range    1 s to 2 s"):
        assert words in result.stdout
    document = json.loads(remix(film, *options, "--json").stdout)
    assert (document["dry_run"], document["separates"], document["tracks"]) == (True, True, [1])
    assert document["ranges"] == [[1.0, 2.0]]
    assert files_below(film.parent) == {film.name}


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["", "dry"])
def test_an_output_that_exists_is_kept_unless_told_otherwise(film: Path, options: tuple[str, ...]) -> None:
    there = film.with_name("there.mp4")
    there.write_text("precious")
    result = remix(film, "-o", there, *options)
    assert (result.exit_code, there.read_text()) == (6, "precious")
    assert remix(film, "-o", there, "--overwrite", *options).exit_code == 0
    assert (there.stat().st_size > 100_000) == (not options)


def test_an_old_report_is_kept_and_stops_the_run_early(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidsep.pipeline.new_sound", None)
    page = film.with_name("page.html")
    page.write_text("precious")
    assert (remix(film, "--report", page).exit_code, page.read_text()) == (6, "precious")


def test_no_stems_are_asked_for_what_needs_none(film: Path) -> None:
    document = json.loads(remix(film, "-p", "youtube", "--json").stdout)
    assert document["tracks"][0]["separated"] is False


def test_settings_win_over_presets(film: Path) -> None:
    result = remix(film, "-p", "youtube", "--set", "loudness.target_lufs=-20", "--json")
    assert json.loads(result.stdout)["tracks"][0]["loudness_lufs"] == pytest.approx(-20, abs=0.2)


def test_the_installed_command_does_the_job_quietly(film: Path) -> None:
    """A process of its own, in which TensorFlow starts: its chatter reaches neither stdout nor stderr."""
    command = [sys.executable, "-m", "vidsep", "remix", str(film), "-p", "strip-music", "--json", "--no-cache"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert (result.returncode, result.stderr) == (0, "")
    output = Path(json.loads(result.stdout)["output"])
    assert packets_sha256(output) == packets_sha256(film)
    assert files_below(film.parent) == {film.name, output.name}


def test_tracks_are_chosen_by_language_and_number(clips: Clips, tmp_path: Path) -> None:
    output = tmp_path / "out.mkv"
    result = remix(clips.film, "-o", output, "--track", "lang:eng", "--track", "2", "--dry-run", "--json")
    assert json.loads(result.stdout)["tracks"] == [1, 2]
    assert json.loads(remix(clips.film, "-o", output, "--track", "lang:de", "--dry-run", "--json").stdout)[
        "tracks"
    ] == [2]
    assert remix(clips.film, "-o", output, "--track", "lang:fra").exit_code == 3
    assert remix(clips.film, "-o", output, "--track", "lang:").exit_code == 2
