"""`vidsep models` and the options that choose a model, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from clips import RATE, Clips
from halves import HALVES, model_at
from reading import decoded, files_below
from serving import serving

from vidsep.cli import cli
from vidsep.errors import ModelError, OutputError
from vidsep.separation.networks import NETWORKS
from vidsep.separation.weights import Weights, write_weights

FILES = {"mrx": "default_mrx_pre_trained_weights.pth", "spleeter:2stems": "2stems.tar.gz"}


@pytest.fixture(autouse=True)
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIDSEP_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.delenv("VIDSEP_OFFLINE_DIR", raising=False)
    return tmp_path / "models"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def document(*arguments: str | Path) -> dict[str, object]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    made: dict[str, object] = json.loads(result.stdout)
    return made


def refused(result: Result, exit_code: int, words: str) -> None:
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (exit_code, "", 1), result.output
    assert words in result.stderr


def test_the_list_says_what_is_here() -> None:
    lines = run("models", "list").stdout.splitlines()
    assert lines[0] == "band-mixer (default)"
    assert "mrx (not fetched)" in lines
    rows = json.loads(run("models", "list", "--json").stdout)["models"]
    assert {row["name"]: row["is_here"] for row in rows}["spleeter:5stems-16kHz"] is False


def test_show_tells_where_weights_are_from_and_whose_they_are() -> None:
    shown = run("models", "show", "mrx").stdout
    for words in ("MIT", "arXiv:2110.09958", "(122 MB)", "vidsep models fetch mrx", "9cecc071"):
        assert words in shown
    made = document("models", "show", "band-mixer")
    assert isinstance(made["header"], dict) and "dilations" in made["header"]["config"]


def test_a_model_goes_around(tmp_path: Path, model_folder: Path) -> None:
    """Exported, imported, listed, shown, removed."""
    out = tmp_path / "mine.safetensors"
    assert document("models", "export", "band-mixer", out)["file"] == str(out)
    assert document("models", "import", "mine", out)["name"] == "mine"
    assert "mine\n" in run("models", "list").stdout
    assert "training data" in run("models", "show", "mine").stdout
    n_bytes = (model_folder / "mine.safetensors").stat().st_size
    assert document("models", "remove", "mine")["freed_bytes"] == n_bytes
    assert files_below(model_folder) == set()


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("show", "nix"), ModelError.exit_code, "no model called 'nix'"),
        (("remove", "mrx"), ModelError.exit_code, "not here"),
        (("remove", "band-mixer"), ModelError.exit_code, "not in the model folder"),
        (("import", "mine", "none.safetensors"), ModelError.exit_code, "no model at"),
        (("import", "mrx", "none.safetensors"), ModelError.exit_code, "vidsep's table"),
        (("export", "mrx", "x.safetensors"), ModelError.exit_code, "vidsep models fetch mrx"),
        (("export", "band-mixer", "setup.cfg/x.safetensors"), OutputError.exit_code, "cannot write"),
        (("convert", "setup.cfg", "x.safetensors"), ModelError.exit_code, "is not a model"),
        (("fetch", "mrx", "--from", "."), ModelError.exit_code, "holds no weights of mrx"),
        (("fetch", "band-mixer", "nix"), ModelError.exit_code, "no model called 'nix'"),
    ],
)
def test_what_goes_wrong_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").write_text("no model")
    refused(run("models", *arguments), exit_code, words)
    assert files_below(tmp_path) - {"models"} == {"setup.cfg"}


def test_an_offline_folder_without_the_right_file_is_told_apart_from_a_wrong_file(tmp_path: Path) -> None:
    (tmp_path / FILES["mrx"]).write_bytes(b"not these")
    refused(run("models", "fetch", "mrx", "--from", tmp_path), ModelError.exit_code, "not the published file")


@pytest.mark.parametrize("model", ["mrx", "spleeter:4stems"])
def test_a_model_that_is_not_here_stops_a_job_before_it_begins(clips: Clips, tmp_path: Path, model: str) -> None:
    words = f"vidsep models fetch {model}"
    output = tmp_path / "out.mov"
    for extra in ((), ("--dry-run",)):
        options = ("-p", "strip-music", "--model", model, "-o", output, *extra)
        refused(run("remix", clips.mov, *options), ModelError.exit_code, words)
    refused(run("separate", clips.mov, clips.mp4, "-o", tmp_path, "-p", model), ModelError.exit_code, words)
    assert files_below(tmp_path) == set()


@pytest.fixture
def halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of networks that need no time."""
    monkeypatch.setitem(NETWORKS, "halves", HALVES)


@pytest.mark.usefixtures("halves")
@pytest.mark.parametrize("option", ["--model", "-p", "--weights"])
def test_a_job_takes_a_model_by_its_path(clips: Clips, tmp_path: Path, option: str) -> None:
    folder = model_at(
        tmp_path / "my-model" / "model.safetensors", "vocals", "drums", "bass", "other", sample_rate=RATE
    ).parent
    stems = document("separate", clips.mov, "-o", tmp_path / "stems", option, folder, "-f", "{instrument}.{codec}")
    assert files_below(tmp_path / "stems") == {f"{name}.wav" for name in ("vocals", "drums", "bass", "other")}, stems
    np.testing.assert_allclose(decoded(tmp_path / "stems" / "bass.wav"), 0.125 * decoded(clips.mov), atol=1e-5)
    again = document("separate", clips.mov, "-o", tmp_path / "again", option, folder, "--stems", "drums")
    assert again["files"][0]["from_cache"]  # type: ignore[index]
    np.testing.assert_allclose(decoded(tmp_path / "again/camera/drums.wav"), 0.25 * decoded(clips.mov), atol=1e-5)


@pytest.mark.usefixtures("halves")
@pytest.mark.parametrize(
    "words",
    ["-p {} --filename_format {{instrument}}.{{codec}} --output_path", "--params_filename {} -f {{stem}}.{{codec}} -o"],
)
def test_what_users_of_spleeter_type_is_understood(clips: Clips, tmp_path: Path, words: str) -> None:
    model = model_at(tmp_path / "song.safetensors", "vocals", "accompaniment")
    options: list[str | Path] = [
        *words.format(model).split(),
        tmp_path / "stems",
        "-c",
        "flac",
        "-s",
        "1",
        "-d",
        "2",
        "--verbose",
    ]
    assert run("separate", *options, clips.mov).exit_code == 0
    assert files_below(tmp_path / "stems") == {"vocals.flac", "accompaniment.flac"}
    assert len(decoded(tmp_path / "stems" / "vocals.flac")) == 2 * RATE


@pytest.mark.usefixtures("halves")
def test_a_model_for_songs_remixes_a_video_and_says_what_it_does(clips: Clips, tmp_path: Path) -> None:
    model, output = (
        model_at(tmp_path / "song.safetensors", "vocals", "accompaniment", sample_rate=RATE),
        tmp_path / "out.mov",
    )
    result = run("remix", clips.mov, "-p", "karaoke", "--model", model, "-o", output)
    assert result.exit_code == 0
    assert "is made for songs: its vocals count as dialogue" in result.stderr
    np.testing.assert_allclose(decoded(output), 0.5 * decoded(clips.mov), atol=1e-5)


@pytest.mark.usefixtures("halves")
def test_a_dry_run_says_so_too_and_needs_the_model_only_if_the_job_does(clips: Clips, tmp_path: Path) -> None:
    model = model_at(tmp_path / "song.safetensors", "vocals", "accompaniment")
    planned = document("remix", clips.mov, "-p", "karaoke", "--model", model, "--dry-run")
    assert "made for songs" in str(planned["warnings"])
    assert document("remix", clips.mov, "--model", "mrx", "--dry-run")["separates"] is False


def test_a_model_of_a_class_that_is_not_known_is_refused(clips: Clips, tmp_path: Path) -> None:
    header = {"class": "dreams", "config": {}, "sample_rate": 44100, "stems": ["music"]}
    write_weights(tmp_path / "x.safetensors", Weights({"a": np.zeros(1, np.float32)}, header))
    result = run("separate", clips.blip, "-o", tmp_path / "stems", "--weights", tmp_path / "x.safetensors")
    refused(result, ModelError.exit_code, "'dreams', which is not known here")


def test_a_residual_mode_is_for_models_that_have_one(clips: Clips, tmp_path: Path) -> None:
    result = run("separate", clips.blip, "-o", tmp_path / "stems", "--residual", "all")
    refused(result, ModelError.exit_code, "no residual 'all'")
    assert run("separate", clips.blip, "-o", tmp_path / "stems", "--residual", "some").exit_code == 2


def test_stems_that_a_model_has_not_are_wrong_use(clips: Clips, tmp_path: Path) -> None:
    result = run("separate", clips.blip, "-o", tmp_path, "-p", "spleeter:4stems", "--stems", "vocals,music")
    assert result.exit_code == 2
    assert "'music' is not a stem of this model; its stems are vocals, drums, bass, other" in result.stderr


def test_published_weights_are_converted(tmp_path: Path, shared: Path) -> None:
    made = document("models", "convert", shared / "golden" / "mrx_tiny.pth", tmp_path / "tiny")
    assert made["file"] == str(tmp_path / "tiny" / "model.safetensors")
    shown = document("models", "show", tmp_path / "tiny")
    assert (shown["class"], shown["stems"]) == ("mrx", ["music", "dialogue", "effects"])


def test_fetch_goes_over_the_network(tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published row with its address and hash turned to a server on this machine."""
    import hashlib
    from dataclasses import replace

    from vidsep.separation.registry import MODELS
    from vidsep.separation.row import Origin

    content = (shared / "golden" / "mrx_tiny.pth").read_bytes()
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(content, cuts=[100_000]) as server:
        origin = Origin(server.url, hashlib.sha256(content).hexdigest())
        monkeypatch.setitem(MODELS, "mrx", replace(MODELS["mrx"], origin=origin))
        assert document("models", "fetch", "mrx")["models"]
    assert files_below(tmp_path / "models") == {"mrx.safetensors"}
    assert document("models", "show", "mrx")["is_here"] is True
