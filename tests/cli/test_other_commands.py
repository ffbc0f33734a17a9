"""The smaller commands: probe, loudness, models, cache, doctor."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clips import RATE, SECONDS, Clips
from ebur128 import ebur128
from reading import decoded, files_below

import vidsep
import vidsep.doctor
from vidsep.cli import cli
from vidsep.errors import MediaError, ModelError


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_probe_tells_every_stream(clips: Clips) -> None:
    result = run("probe", clips.film)
    assert result.exit_code == 0
    for words in (
        "video: h264, 320 x 180, 25 frames/s",
        "audio track 1: aac, 48000 Hz, stereo, eng, default",
        "audio track 2: flac, 48000 Hz, stereo, deu, Ton",
        "subtitle: subrip",
        "attachment",
        "2 chapters",
    ):
        assert words in result.stdout


def test_probe_as_json(clips: Clips) -> None:
    document = json.loads(run("probe", "--json", clips.surround).stdout)
    assert document["duration_seconds"] == pytest.approx(SECONDS, abs=0.05)
    sound = next(stream for stream in document["streams"] if stream["kind"] == "audio")
    assert (sound["layout"], sound["n_channels"], sound["sample_rate"]) == ("5.1", 6, RATE)


def test_loudness_is_that_of_ffmpeg(clips: Clips, tmp_path: Path) -> None:
    document = json.loads(run("loudness", "--json", clips.mp4).stdout)
    judged = ebur128(decoded(clips.mp4), RATE, tmp_path)
    keys = ("integrated_lufs", "max_momentary_lufs", "max_short_term_lufs", "lra_lu", "true_peak_dbtp")
    assert tuple(document) == keys
    assert document["integrated_lufs"] == pytest.approx(judged.integrated_lufs, abs=0.1)
    assert document["true_peak_dbtp"] == pytest.approx(judged.true_peak_dbtp, abs=0.2)
    assert document["max_momentary_lufs"] >= document["max_short_term_lufs"] >= document["integrated_lufs"]


def test_loudness_of_another_track(clips: Clips) -> None:
    """The second one is the first one at half its amplitude."""
    default, first, second, german = (
        json.loads(run("loudness", "--json", *track, clips.film).stdout)
        for track in ((), ("--track", "1"), ("--track", "2"), ("--track", "lang:deu"))
    )
    assert second["integrated_lufs"] == pytest.approx(first["integrated_lufs"] - 6.02, abs=0.1)
    assert (default, german) == (first, second)


def test_the_track_that_players_choose_is_measured(clips: Clips, tmp_path: Path) -> None:
    film = tmp_path / "dubbed.mkv"
    flags = ("-disposition:a:0", "0", "-disposition:a:1", "default")
    clips.run_ffmpeg("-i", clips.film, "-map", "0", "-c", "copy", *flags, film)
    assert run("loudness", "--json", film).stdout == run("loudness", "--json", "--track", "2", clips.film).stdout


def test_loudness_of_silence(clips: Clips) -> None:
    assert "-inf LUFS" in run("loudness", clips.silence).stdout
    assert json.loads(run("loudness", "--json", clips.silence).stdout)["integrated_lufs"] is None


def test_models_are_listed_with_their_licence() -> None:
    document = json.loads(run("models", "list", "--json").stdout)
    default = next(row for row in document["models"] if row["name"] == document["default"])
    assert default["licence"]
    assert f"{document['default']} (default)" in run("models", "list").stdout


@pytest.mark.usefixtures("one_network")
def test_the_cache_shows_what_it_holds_and_is_emptied(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setenv("VIDSEP_CACHE_DIR", str(folder))
    monkeypatch.setenv("VIDSEP_CACHE_LIMIT_GB", "3")
    assert json.loads(run("cache", "info", "--json").stdout)["n_entries"] == 0
    vidsep.remix(clips.blip, tmp_path / "out.mov", preset="strip-music")
    info = json.loads(run("cache", "info", "--json").stdout)  # the stems as the network left them, and cleared
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert info == {"folder": str(folder), "n_entries": 2, "n_bytes": n_bytes, "limit_bytes": 3 * 10**9}
    assert "of 3 GB" in run("cache", "info").stdout
    assert json.loads(run("cache", "clear", "--json").stdout) == {"freed_bytes": n_bytes}
    assert files_below(folder) == set()


def test_doctor_finds_everything_in_order() -> None:
    result = run("doctor", "--json")
    document = json.loads(result.stdout)
    names = [check["name"] for check in document["checks"]]
    assert names == ["python", "ffmpeg", "tensorflow", "devices", "weights", "cache", "work folder"]
    bad = {check["name"] for check in document["checks"] if not check["ok"]}
    assert bad <= {"cache", "work folder"}  # a small disk is no fault of the program
    assert result.exit_code == bool(bad)


def fail(error: Exception) -> object:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


@pytest.mark.parametrize(
    ("broken", "error", "check", "fix"),
    [
        ("vidsep.media.ffmpeg.version", MediaError("not found", "install ffmpeg"), "ffmpeg", "install ffmpeg"),
        ("vidsep.separation.devices.backend_version", ModelError("none", "get one"), "tensorflow", "get one"),
        ("vidsep.separation.devices.backend_version", ImportError("libcuda"), "tensorflow", "pip install"),
        ("vidsep.separation.devices.names", ModelError("none", "install its driver"), "devices", "install its driver"),
        ("vidsep.separation.registry.ModelRow.check_weights", ModelError("bad", "get them"), "weights", "get them"),
        ("tempfile.TemporaryFile", OSError("read-only"), "work folder", "TMPDIR"),
        ("tempfile.TemporaryFile", OSError("read-only"), "cache", "VIDSEP_CACHE_DIR"),
    ],
)
def test_doctor_gives_the_fix_of_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, broken: str, error: Exception, check: str, fix: str
) -> None:
    monkeypatch.setattr(broken, fail(error))
    result = run("doctor")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith(f"BAD  {check}"))
    assert fix in lines[place + 1]


def test_doctor_misses_space_on_a_small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vidsep.doctor, "NEEDED_FREE_GB", 1e9)
    result = run("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert (result.exit_code, checks["work folder"]["ok"]) == (1, False)
    assert "TMPDIR" in checks["work folder"]["fix"]


FAILING = ["probe no.mp4", "loudness no.mp4", "presets show no", "presets check no.toml", "separate no.mp4 -o x"]
MISUSED = ["probe", "nonsense", "cache nonsense", "models list extra", "separate a.mp4"]


@pytest.mark.parametrize("words", FAILING + MISUSED)
def test_every_command_fails_with_one_json_object(words: str) -> None:
    result = run(*words.split(), "--json")
    assert (result.exit_code == 2) == (words in MISUSED)
    assert json.loads(result.stdout)["error"]["exit_code"] == result.exit_code
