"""Whole runs: resumed as if never stopped, killed without loss, refused when they cannot be the same run."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_corpora import make_corpora, run_table

from vidsep.errors import ModelError, OutputError, TrainingError, VidsepError
from vidsep.progress import Silent
from vidsep.separation import devices
from vidsep.separation.weights import Weights, read_weights, write_weights
from vidsep.training import checkpoint, fit, logbook
from vidsep.training.config import config_from
from vidsep.training.draw import Draw
from vidsep.training.fit import Status, TrainingResult
from vidsep.training.gather import gather
from vidsep.training.settings import TrainingConfig

EXAMPLES = {"stretched": 0, "most_events": 1}


class Workshop:
    """A folder with corpora, and the machine that all runs of a module use: it is compiled once."""

    def __init__(self, folder: Path) -> None:
        devices.start("cpu")
        from vidsep.training.machine import Machine

        self.folder, self.table = folder, {**run_table(folder), "examples": EXAMPLES}
        config = self.config("first")
        gathered = gather(config, Silent())
        self.machine = Machine(config, gathered.everything, Draw(config, gathered.training, config.run.batch).layout)
        self.first = self.machine.values()

    def config(self, name: str, **run: Any) -> TrainingConfig:
        return config_from({**self.table, "run": self.table["run"] | {"folder": name} | run}, self.folder)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def workshop(opened: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Runs begin with fresh weights in the machine that is there, and look at every step."""

    def machine(*_: Any) -> Any:
        opened.machine.restore(opened.first)
        return opened.machine

    monkeypatch.setattr("vidsep.training.machine.Machine", machine)
    monkeypatch.setattr(fit, "LOOK_SECONDS", 0)
    return opened


def stopping_at(step: int) -> Callable[[Status], None]:
    """Presses Ctrl-C when a run has come to a step."""

    def tell(status: Status) -> None:
        if status.steps == step:
            signal.raise_signal(signal.SIGINT)

    return tell


def state(result: TrainingResult) -> checkpoint.Checkpoint:
    found = checkpoint.find(result.folder)
    assert found is not None
    return found


def test_a_resumed_run_ends_as_one_that_was_never_stopped(workshop: Workshop) -> None:
    straight = fit.train(workshop.config("straight", steps=6))
    stopped = fit.train(workshop.config("stopped", steps=6), tell=stopping_at(3))
    assert (stopped.steps, stopped.stopped_by) == (3, signal.SIGINT)
    lines: list[str] = []
    resumed = fit.train(workshop.config("stopped", steps=6), note=lines.append)
    assert (resumed.steps, resumed.resumed_from, resumed.stopped_by) == (6, 3, None)
    assert "going on from step 3" in lines
    for mine, its in zip(state(resumed).values, state(straight).values, strict=True):
        np.testing.assert_array_equal(mine, its)
    assert resumed.metrics == straight.metrics
    steps = [[row["step"] for row in logbook.read_rows(one.folder / "training.csv")] for one in (straight, resumed)]
    assert steps == [[1, 2, 3, 4, 5, 6]] * 2
    assert resumed.model.read_bytes() != stopped.folder.joinpath(checkpoint.FILE).read_bytes()
    assert (resumed.folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_model_says_what_it_is(workshop: Workshop) -> None:
    result = fit.train(workshop.config("model"))
    weights = read_weights(result.model)
    assert weights.header["class"] == "band-mixer"
    assert weights.header["config"]["width"] == 8
    assert weights.header["metrics"] == result.metrics
    assert [line.split(":")[0] for line in weights.header["training_data"]] == ["speech", "music", "effects"]


def begin_from(workshop: Workshop, trained: TrainingResult, name: str, **run: Any) -> TrainingConfig:
    """A run that begins with what another one learned, and then learns nothing."""
    return workshop.config(name, begin_with=str(trained.model), learning_rate=1e-7, average=0.0, **run)


def test_a_run_may_begin_with_a_model(workshop: Workshop) -> None:
    trained = fit.train(workshop.config("teacher", learning_rate=0.1))
    first = read_weights(trained.model)
    begun = read_weights(fit.train(begin_from(workshop, trained, "pupil", steps=1)).model)
    for name, array in first.arrays.items():
        np.testing.assert_allclose(begun.arrays[name], array, atol=2e-3)
    assert begun.header["begun_with"]["sha256"] == first.header["sha256"]
    assert begun.header["begun_with"]["training_data"] == first.header["training_data"]


def test_a_resumed_run_needs_its_first_model_no_more(workshop: Workshop) -> None:
    trained = fit.train(workshop.config("lost teacher"))
    fit.train(begin_from(workshop, trained, "orphan", steps=1))
    trained.model.unlink()
    result = fit.train(begin_from(workshop, trained, "orphan", steps=2))
    assert (result.resumed_from, result.steps) == (1, 2)
    assert read_weights(result.model).header["begun_with"]["licence"]


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("band-mixer", TrainingError, r"network\.sample_rate of the model in run\.begin_with is 44100"),
        ("band-mixr", ModelError, "no model called"),
        ("mrx.safetensors", TrainingError, "a model of the class mrx"),
    ],
)
def test_a_model_that_cannot_be_begun_with_is_refused(
    workshop: Workshop, model: str, error: type[VidsepError], message: str
) -> None:
    header = {"class": "mrx", "config": {}, "sample_rate": 8000, "stems": ["a"]}
    write_weights(workshop.folder / "mrx.safetensors", Weights({"a": np.zeros(1)}, header))
    with pytest.raises(error, match=message):
        fit.train(workshop.config("refused", begin_with=model))
    assert not (workshop.folder / "refused").exists()


def test_a_finished_run_is_left_as_it_is(workshop: Workshop) -> None:
    first = fit.train(workshop.config("finished"))
    before = (first.folder / checkpoint.FILE).read_bytes()
    again = fit.train(workshop.config("finished"))
    assert (again.steps, again.metrics) == (first.steps, first.metrics)
    assert (first.folder / checkpoint.FILE).read_bytes() == before


def test_more_steps_may_be_asked_for_later(workshop: Workshop) -> None:
    fit.train(workshop.config("longer", steps=2))
    assert fit.train(workshop.config("longer", steps=3)).steps == 3


def test_another_configuration_is_refused(workshop: Workshop) -> None:
    fit.train(workshop.config("other", steps=1))
    with pytest.raises(TrainingError, match=r"run\.batch is 3, and was 2"):
        fit.train(workshop.config("other", steps=1, batch=3))


def test_other_recordings_are_refused(workshop: Workshop, tmp_path: Path) -> None:
    config = workshop.config("data", steps=1)
    fit.train(config)
    make_corpora(tmp_path, seconds=2.0)
    moved = replace(config.corpora, speech=(tmp_path / "speech",))
    with pytest.raises(TrainingError, match="recordings that the run began with"):
        fit.train(replace(config, corpora=moved))


def test_a_damaged_checkpoint_is_named(workshop: Workshop) -> None:
    config = workshop.config("damaged", steps=1)
    path = fit.train(config).folder / checkpoint.FILE
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(TrainingError, match=r"checkpoint\.safetensors cannot be read"):
        fit.train(config)


def failing_at(workshop: Workshop, step: int, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loss be no number at a step, so many times."""
    real, left = workshop.machine.step, [times]

    def failing(numbers: Any, rate: float) -> Any:
        done = int(np.asarray(workshop.machine.optimizer.iterations))
        loss = real(numbers, rate)
        if done == step and left[0]:
            left[0] -= 1
            workshop.machine.trained[0].assign(np.nan * np.asarray(workshop.machine.trained[0]))
            return float("nan")
        return loss

    monkeypatch.setattr(workshop.machine, "step", failing)


def test_a_loss_that_is_no_number_goes_back(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_at(workshop, 3, 2, monkeypatch)
    lines: list[str] = []
    result = fit.train(workshop.config("nan", steps=5, checkpoint_minutes=0.01), note=lines.append)
    assert sum("the loss is no number" in line for line in lines) == 2
    assert result.steps == 5
    assert state(result).standing.attempt == 2
    assert all(np.isfinite(value).all() for value in state(result).values)


def test_a_loss_that_stays_no_number_ends_the_run(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_at(workshop, 2, 100, monkeypatch)
    with pytest.raises(TrainingError, match="no number at step 3, after 2 returns"):
        fit.train(workshop.config("hopeless", steps=5, retries=2))
    found = checkpoint.find(workshop.folder / "hopeless")
    assert found is not None
    assert all(np.isfinite(value).all() for value in found.values)


def test_a_full_disk_leaves_the_checkpoint_before(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    config = workshop.config("full", steps=4)
    fit.train(config, tell=stopping_at(2))
    before = (config.run.folder / checkpoint.FILE).read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        fit.train(config)
    assert (config.run.folder / checkpoint.FILE).read_bytes() == before
    assert not (config.run.folder / checkpoint.UNFINISHED).exists()


def test_a_folder_that_cannot_be_made_is_named(workshop: Workshop) -> None:
    (workshop.folder / "file").write_text("no folder")
    with pytest.raises(OutputError, match="cannot write a checkpoint"):
        fit.train(workshop.config("file/run"))


SMALLEST = {"n_bands": 2, "n_groups": 1, "width": 4, "hidden": 4, "dilations": [1], "steps": 16}


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    """SIGKILL in the middle: the checkpoint and the model of before are there and whole."""
    make_corpora(tmp_path)
    table = run_table(tmp_path)
    network = table["network"] | SMALLEST
    lines = ["[corpora]", *(f'{kind} = "{kind}"' for kind in table["corpora"]), "[network]"]
    lines += [f"{name} = {value}" for name, value in network.items()]
    lines += ["[examples]", "stretched = 0", "most_events = 0", "[run]", "steps = 100000", "batch = 1", "seconds = 0.5"]
    lines += ["checkpoint_minutes = 0.01", "validation_examples = 1", 'folder = "killed run"']
    (tmp_path / "run.toml").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "vidsep", "train", str(tmp_path / "run.toml")]
    folder = tmp_path / "killed run"
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}

    def steps() -> int:
        found = checkpoint.find(folder)
        return found.standing.steps if found else 0

    def run_until(enough: Callable[[], bool]) -> str:
        with (tmp_path / "log.txt").open("w+", encoding="utf-8") as log:
            process = subprocess.Popen(command, stderr=log, stdout=log, env=environment)
            try:
                deadline = time.monotonic() + 240
                while not enough() and process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.05)
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            return log.read()

    log = run_until(lambda: steps() > 0)
    killed_at = steps()
    assert killed_at > 0, log
    assert read_weights(folder / "model.safetensors").header["class"] == "band-mixer"
    log = run_until(lambda: steps() > killed_at)
    assert f"going on from step {killed_at}" in log
    assert steps() > killed_at


def test_compiling_takes_none_of_the_minutes(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    real, slow = workshop.machine.step, [True]

    def step(numbers: Any, rate: float) -> Any:
        if slow.pop():
            time.sleep(2)
        slow.append(False)
        return real(numbers, rate)

    monkeypatch.setattr(workshop.machine, "step", step)
    result = fit.train(workshop.config("clock", minutes=0.03, steps=10**6))
    assert result.steps > 1
    rows = logbook.read_rows(result.folder / "training.csv")
    assert rows[0]["minutes"] == 0
