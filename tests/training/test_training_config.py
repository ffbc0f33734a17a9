"""A run's TOML file: what it may say, and what it is told when it says something else."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from made_corpora import TINY

from vidsep.errors import TrainingError
from vidsep.training.config import as_table, config_from, read_config, settings_lines
from vidsep.training.settings import TrainingConfig

CORPORA = {"speech": "s", "music": ["m1", "m2"], "effects": "e"}


def table(**sections: Any) -> dict[str, Any]:
    return {"corpora": CORPORA, "run": {"steps": 10}, **sections}


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(
        'corpora = { speech = "s", music = ["m1", "m2"], effects = "e" }\n[run]\nsteps = 10\nfolder = "out"\n',
        encoding="utf-8",
    )
    config = read_config(tmp_path / "run.toml")
    assert config.corpora.music == (tmp_path / "m1", tmp_path / "m2")
    assert config.run.folder == tmp_path / "out"


def test_the_model_to_begin_with_is_a_file_beside_the_run_or_a_name(tmp_path: Path) -> None:
    (tmp_path / "mine.safetensors").touch()
    found = [
        config_from(table(run={"steps": 1, "begin_with": name}), tmp_path).run.begin_with
        for name in ("mine.safetensors", "band-mixer", "off")
    ]
    assert found == [str(tmp_path / "mine.safetensors"), "band-mixer", None]


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ({"runs": {}}, r"\[runs\] is not a table of a run; did you mean run"),
        ({"run": {"step": 1}}, "run.step is not a setting; did you mean steps"),
        ({"run": {"steps": 1.5}}, "run.steps is a whole number"),
        ({"run": {"steps": True}}, "run.steps is a whole number"),
        ({"run": {"steps": 0}}, "run.steps is 0, its range is 1"),
        ({"run": {"steps": 1, "learning_rate": "fast"}}, "run.learning_rate is a number"),
        ({"run": {"steps": 1, "learning_rate": float("nan")}}, "run.learning_rate is nan"),
        ({"run": {"steps": 1, "precision": "float8"}}, "precision is one of float32"),
        ({"run": {}}, "both off"),
        ({"network": {"dilations": []}}, "list of whole numbers"),
        ({"network": {"dilations": [0]}}, "network.dilations is 0, its range is 1"),
        ({"network": {"hop": 700}}, "do not fit together"),
        ({"network": {"n_bands": 4, "n_groups": 8}}, "do not fit together"),
        ({"network": {"steps": 16}}, "do not fit together: steps"),
        ({"examples": {"dialogue": 1.1}}, "examples.dialogue is 1.1"),
        ({"examples": {"dialogue": 0, "music": 0, "effects": 0}}, "silent"),
        ({"examples": {"lowest_gain_db": 0, "highest_gain_db": -6}}, "above"),
        ({"corpora": {"speech": "s", "music": "m"}}, "corpora.effects names no folder"),
        ({"corpora": {**CORPORA, "speech": 3}}, "corpora.speech is a path"),
        ({"run": 3}, "run is a table"),
    ],
)
def test_faults_are_named(sections: dict[str, Any], fault: str) -> None:
    with pytest.raises(TrainingError, match=fault):
        config_from(table(**sections), Path("/"))


@pytest.mark.parametrize("text", ["run = [", "", b"\xff\xff"])
def test_files_that_are_no_run_are_refused(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TrainingError):
        read_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.toml"):
        read_config(tmp_path / "gone.toml")


def test_what_a_run_says_can_be_read_again() -> None:
    config = config_from(table(network=TINY, examples={"sung": 0.5}, run={"steps": 3, "minutes": "off"}), Path("/"))
    assert config_from(as_table(config), Path("/")) == config


def test_the_list_of_settings_is_a_run_with_defaults(tmp_path: Path) -> None:
    lines = settings_lines()
    for section in fields(TrainingConfig):
        assert f"[{section.name}]" in lines
    text = "\n".join(line.removeprefix("# ") for line in lines)
    (tmp_path / "all.toml").write_text(text.replace("speech = []", 'speech = "s"'), encoding="utf-8")
    with pytest.raises(TrainingError, match=r"corpora\.music names no folder"):
        read_config(tmp_path / "all.toml")


def test_examples_fill_whole_steps() -> None:
    config = config_from(table(network={"patch": 4}), Path("/"))
    assert config.n_samples == (4 * config.n_steps - 1) * 512 + 2048
    assert config.n_samples / 44100 == pytest.approx(config.run.seconds, abs=0.1)
