"""The compiled step: it learns, it goes on from where it was, and what it trains is what separates."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_corpora import run_table

from vidsep.audio import FloatArray
from vidsep.progress import Silent
from vidsep.separation import devices
from vidsep.separation.models.band_mixer import BandMixer
from vidsep.separation.models.base import Span
from vidsep.separation.weights import Weights
from vidsep.training.config import config_from
from vidsep.training.draw import Draw
from vidsep.training.gather import gather
from vidsep.training.scores import summarise

SIZES = {"n_bands": 8, "width": 24, "hidden": 48, "steps": 64}


class Trained:
    """A machine, compiled once for all tests, its draw and the values it began with."""

    def __init__(self, folder: Path, precision: str = "float32") -> None:
        devices.start("cpu")
        from vidsep.training.machine import Machine

        table = run_table(folder)
        table["network"] |= SIZES
        examples = {"dialogue": 1, "music": 1, "effects": 1, "lossy": 0, "stretched": 0, "most_events": 1}
        table["run"] |= {"precision": precision}
        config = config_from({**table, "examples": examples}, folder)
        gathered = gather(config, Silent())
        self.draw = Draw(config, gathered.training, config.run.batch)
        self.machine = Machine(config, gathered.everything, self.draw.layout)
        self.first = self.machine.values()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("machine"))


@pytest.fixture
def trained(compiled: Trained) -> Trained:
    compiled.machine.restore(compiled.first)
    return compiled


def test_two_mixtures_are_learnt_by_heart(trained: Trained) -> None:
    mixtures = trained.draw(0, 0, 0)
    before = summarise([trained.machine.score(mixtures)])
    for step in range(400):
        trained.machine.step(mixtures, 1e-2 * (0.5 + 0.5 * np.cos(np.pi * step / 400)))
    after = summarise([trained.machine.score(mixtures)])
    for stem in ("dialogue", "music", "effects"):
        assert before[f"{stem}_sdr_db"] < 10
        assert after[f"{stem}_sdr_db"] > 15


def test_mixed_precision_begins_with_about_the_same_loss_and_keeps_full_weights(
    trained: Trained, tmp_path: Path
) -> None:
    mixed = Trained(tmp_path, "mixed_bfloat16")
    mixtures = trained.draw(0, 0, 0)
    losses = [float(one.machine.step(mixtures, 1e-3)) for one in (trained, mixed)]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[0] != losses[1]
    assert {value.dtype for value in mixed.first[: len(mixed.machine.trained)]} == {np.dtype(np.float32)}


def test_restored_values_go_on_as_if_nothing_had_been(trained: Trained) -> None:
    machine, draw = trained.machine, trained.draw
    for step in range(3):
        machine.step(draw(0, 0, step), 1e-3)
    halfway = machine.values()
    straight = [float(machine.step(draw(0, 0, step), 1e-3)) for step in (3, 4)]
    end = machine.values()
    machine.restore(halfway)
    assert [float(machine.step(draw(0, 0, step), 1e-3)) for step in (3, 4)] == straight
    for mine, its in zip(machine.values(), end, strict=True):
        np.testing.assert_array_equal(mine, its)


def test_other_values_are_refused(trained: Trained) -> None:
    with pytest.raises(ValueError, match="other variables"):
        trained.machine.restore(trained.first[:-1])


def test_averages_follow_the_weights(trained: Trained) -> None:
    machine = trained.machine
    n = len(machine.trained)
    history = []
    for step in range(3):
        machine.step(trained.draw(0, 0, step), 1e-2)
        history.append(machine.values()[:n])
    expected = trained.first[:n]
    for count, values in enumerate(history, start=1):
        kept = count / (9 + count)
        expected = [kept * old + (1 - kept) * new for old, new in zip(expected, values, strict=True)]
    for mine, wanted in zip(machine.values()[n : 2 * n], expected, strict=True):
        np.testing.assert_allclose(mine, wanted, atol=1e-6)


def test_a_learning_rate_of_zero_leaves_the_weights(trained: Trained) -> None:
    trained.machine.step(trained.draw(0, 0, 0), 0.0)
    for mine, wanted in zip(trained.machine.values(), trained.first[: len(trained.machine.trained)], strict=False):
        np.testing.assert_array_equal(mine, wanted)


def test_what_was_trained_is_what_separates(trained: Trained) -> None:
    """Away from its edges, an example is separated in training as the finished model separates it."""
    from vidsep.training.network import waveforms

    machine = trained.machine
    for step in range(20):
        machine.step(trained.draw(0, 0, step), 1e-2)
    config = machine.network.config
    numbers = trained.draw(0, 0, 50)
    stems = machine.examples(numbers)
    weights = machine.weights()
    for variable, average in zip(machine.trained, machine.averages, strict=True):
        variable.assign(np.asarray(average).astype(np.float16).astype(np.float32))
    heard = machine.network.hear(stems, numbers)
    found = np.asarray(waveforms(heard.found, config))[0]
    left_right = np.stack([found[:, 0] + found[:, 1], found[:, 0] - found[:, 1]], axis=-1)
    whole = config_of_the_model(machine)
    model = BandMixer(whole, Weights(weights, {}))
    its = separated(model, stems[0].sum(axis=0).T, stems.shape[-1])
    first = config.n_fft - config.hop  # the first sample that all frames of the training's STFT cover
    edge = (config.reach + config.level_reach + config.lead) * config.step
    mine, its = left_right[:, edge - first : -edge], its[:, edge : edge + left_right.shape[1] - 2 * edge + first]
    length = min(mine.shape[1], its.shape[1])
    assert length > 1000
    assert np.abs(mine[:, :length] - its[:, :length]).max() < 1e-3 * np.abs(stems).max()


def config_of_the_model(machine: Any) -> Any:
    return machine.config.network.band_mixer()


def separated(model: BandMixer, sound: FloatArray, n_samples: int) -> FloatArray:
    """Stems of a sound piece by piece."""
    cut, parts = model.cut, []
    padded = np.pad(sound, ((cut.context, cut.n_samples), (0, 0)))
    for start in range(0, n_samples, cut.body):
        span = Span(max(0, cut.context - start), min(cut.n_samples, cut.context + n_samples - start))
        parts.append(model.separate(padded[None, start : start + cut.n_samples], [span])[0])
    return np.concatenate(parts, axis=1)[:, :n_samples]
