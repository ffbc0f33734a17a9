"""``vidsep train``: what it hands to the library and what it says."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import vidsep.training.fit
from vidsep.cli import cli
from vidsep.training.fit import Status, TrainingResult
from vidsep.training.settings import TrainingConfig

SMALL_RUN = Path(__file__).parents[2] / "docs" / "small-run.toml"


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    path = tmp_path / "my run.toml"
    path.write_text('corpora = { speech = "s", music = "m", effects = "e" }\nrun.steps = 9\n', encoding="utf-8")
    return path


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[TrainingConfig]:
    """The runs that were asked for; none of them takes place."""
    asked: list[TrainingConfig] = []

    def train(config: TrainingConfig, _: Any, tell: Any, note: Any) -> TrainingResult:
        asked.append(config)
        note("going on from step 3")
        tell(Status(5, 0.5, 1.0, 0.25, 1e-3, 12.0))
        stopped = signal.SIGTERM if config.run.minutes == 2 else signal.SIGINT if config.run.minutes else None
        return TrainingResult(config.run.folder, config.run.folder / "m", 9, 1.5, {"loss": 1.0}, 3, stopped)

    monkeypatch.setattr(vidsep.training.fit, "train", train)
    return asked


def test_it_trains_as_the_file_says(run_file: Path, runs: list[TrainingConfig]) -> None:
    result = CliRunner().invoke(cli, ["train", str(run_file)])
    assert result.exit_code == 0, result.output
    assert "trained at step 9 after 1.5 minutes" in result.stdout
    assert "going on from step 3" in result.stderr
    assert runs[0].run.folder == run_file.parent / "run"
    assert (runs[0].run.steps, runs[0].run.minutes) == (9, None)


def test_options_go_before_the_file(run_file: Path, runs: list[TrainingConfig], tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["train", str(run_file), "-o", str(tmp_path / "other"), "--minutes", "2.5"])
    assert runs[0].run.folder == tmp_path / "other"
    assert (runs[0].run.steps, runs[0].run.minutes) == (None, 2.5)


def test_a_folder_of_corpora_goes_before_those_of_the_file(runs: list[TrainingConfig], tmp_path: Path) -> None:
    CliRunner().invoke(cli, ["train", str(SMALL_RUN), "--data", str(tmp_path), "-o", str(tmp_path / "run")])
    corpora = runs[0].corpora
    assert (corpora.speech, corpora.music) == ((tmp_path / "speech",), (tmp_path / "music",))
    assert corpora.effects == (tmp_path / "effects",)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("minutes", "exit_code"), [("1", 130), ("2", 143)])
def test_being_stopped_shows_in_the_exit_code(run_file: Path, minutes: str, exit_code: int) -> None:
    result = CliRunner().invoke(cli, ["train", str(run_file), "--minutes", minutes])
    assert result.exit_code == exit_code
    assert "stopped at step 9" in result.stdout


@pytest.mark.usefixtures("runs")
def test_json_is_one_object(run_file: Path) -> None:
    result = CliRunner().invoke(cli, ["train", str(run_file), "--json", "-q"])
    assert json.loads(result.stdout)["metrics"] == {"loss": 1.0}
    assert not result.stderr


def test_faults_of_the_file_have_their_exit_code(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["train", str(tmp_path / "gone.toml")])
    assert result.exit_code == 9
    assert "gone.toml cannot be read" in result.stderr
    assert "Traceback" not in result.output


def test_missing_corpora_have_theirs(run_file: Path) -> None:
    result = CliRunner().invoke(cli, ["train", str(run_file)])
    assert result.exit_code == 8
    assert "there is no folder" in result.stderr


def test_all_settings_are_listed() -> None:
    result = CliRunner().invoke(cli, ["train", "--settings"])
    assert result.exit_code == 0
    assert "# batch = 16  # mixtures in a step, 1 to 4096" in result.stdout
