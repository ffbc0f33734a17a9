"""``vidsep dataset build`` and ``vidsep evaluate`` as a person uses them, with the built-in network."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from conftest import scene, tone

from vidsep.cli import cli
from vidsep.evaluation.output import FILES

RATE = 16000


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The options that name three small corpora."""
    folder = tmp_path_factory.mktemp("corpora")
    for i, source in enumerate(("ada", "ben")):
        rng = np.random.default_rng(i)
        sounds = {
            "speech": scene(1.0, RATE, i)[:, :1],
            "music": tone(200 + 50 * i, -20, 2.0, RATE),
            "effects": rng.normal(0, 0.05, (2 * RATE, 1)).astype(np.float32),
        }
        for kind, sound in sounds.items():
            (folder / kind / source).mkdir(parents=True)
            soundfile.write(folder / kind / source / "1.wav", sound, RATE, "FLOAT")
    return ["--speech", folder / "speech", "--music", folder / "music", "--effects", folder / "effects"]


@pytest.fixture(scope="module")
def testset(corpora: list[str | Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "testset"
    result = run("dataset", "build", folder, *corpora, "--clips", "2", "--seconds", "2", "--channels", "2")
    assert result.exit_code == 0, result.output
    return folder


def test_build_prints_the_hash(corpora: list[str | Path], testset: Path, tmp_path: Path) -> None:
    options = [*corpora, "--clips", "2", "--seconds", "2", "--channels", "2"]
    document = json.loads(run("dataset", "build", tmp_path / "again", *options, "--json").stdout)
    assert document["sha256"] == json.loads((testset / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    assert f"SHA-256 of the set: {document['sha256']}" in run("dataset", "build", tmp_path / "b", *options).stdout


def test_build_tells_what_is_wrong(corpora: list[str | Path], testset: Path, tmp_path: Path) -> None:
    assert run("dataset", "build", testset, *corpora).exit_code == 6
    wrong = ["--speech", tmp_path / "nowhere", *corpora[2:]]
    result = run("dataset", "build", tmp_path / "new", *wrong)
    assert result.exit_code == 8
    assert "vidsep: error: there is no folder" in result.stderr
    assert not (tmp_path / "new").exists()


def test_evaluate_shows_a_table_and_writes_files(testset: Path, tmp_path: Path) -> None:
    result = run("evaluate", testset, "--device", "cpu", "--output", tmp_path / "scores")
    assert result.exit_code == 0, result.output
    assert "2 clips, 0.1 minutes of sound" in result.stdout
    for row in ("| mixture ", "| ideal ratio mask ", "| band-mixer "):
        assert row in result.stdout
    assert sorted(path.name for path in (tmp_path / "scores").iterdir()) == sorted(FILES)
    with (tmp_path / "scores" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 3 * 3
    assert {row["situation"] for row in rows} <= {"mixed", "dominant", "solo", "silent"}
    assert (tmp_path / "scores" / "scores.png").read_bytes().startswith(b"\x89PNG")
    again = run("evaluate", testset, "--output", tmp_path / "scores")
    assert (again.exit_code, "exists" in again.stderr) == (6, True)


def test_evaluate_as_json(testset: Path) -> None:
    document = json.loads(run("evaluate", testset, "--device", "cpu", "--limit", "1", "--json").stdout)
    assert document["n_clips"] == 1
    assert document["speed_x_real_time"]["band-mixer"] > 0
    assert set(document["rows"]) == {"mixture", "ideal ratio mask", "band-mixer"}
    improvement = document["rows"]["ideal ratio mask"]["dialogue"]["improvement"]
    assert improvement is None or improvement["mean"] > 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        ([], 2, "either a FOLDER of clips or --musdb"),
        (["a", "--musdb", "b"], 2, "either a FOLDER of clips or --musdb"),
        (["--musdb", "b", "--solo"], 2, "--solo is for clips"),
        (["nowhere"], 8, "no folder nowhere"),
        (["--musdb", "nowhere"], 8, "no folder nowhere"),
        (["a", "--model", "no-such"], 5, "no-such"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], exit_code: int, words: str) -> None:
    result = run("evaluate", *arguments)
    assert result.exit_code == exit_code
    assert words in result.stderr


def test_songs_are_not_for_a_network_of_films(tmp_path: Path) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    for name in ("mixture", "vocals", "drums", "bass", "other"):
        soundfile.write(folder / f"{name}.wav", scene(1.0, RATE), RATE)
    result = run("evaluate", "--musdb", tmp_path, "--device", "cpu")
    assert result.exit_code == 5
    assert "makes dialogue, music, effects" in result.stderr


@pytest.mark.parametrize("command", [["evaluate"], ["dataset"], ["dataset", "build"]])
def test_help_has_examples(command: list[str]) -> None:
    text = run(*command, "--help").stdout
    assert text.startswith("Usage:")
    assert "Examples:" in text or command == ["dataset"]
