"""Batches, memory that runs out, devices that are not there."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation import devices, runner
from vidsep.separation.models.base import Cut, SeparationModel, Span
from vidsep.separation.registry import MODELS
from vidsep.separation.row import NetworkClass
from vidsep.separation.runner import Runner


class Small(SeparationModel):
    """Gives back the bodies; is out of memory for more than ``fits`` pieces."""

    stems = ("dialogue",)
    sample_rate = 44100
    cut = Cut(body=10, context=2, grid=1)

    def __init__(self, fits: int, message: str = "RESOURCE_EXHAUSTED: Out of memory") -> None:
        self.fits, self.message = fits, message
        self.batches: list[int] = []

    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        assert len(pieces) == len(spans)
        if len(pieces) > self.fits:
            raise RuntimeError(self.message)
        self.batches.append(len(pieces))
        return pieces[:, None, 2:12]


def runner_of(monkeypatch: pytest.MonkeyPatch, *models: Small, place: str = "gpu") -> Runner:
    """A runner of ``models``, each loaded after the one before has failed, on a device that is called ``place``."""
    monkeypatch.setattr(devices, "start", lambda device: "cpu" if device == "cpu" else place)
    monkeypatch.setattr(devices, "on", lambda _: nullcontext())
    left = iter(models)
    return Runner(replace(MODELS["band-mixer"], network=NetworkClass("band-mixer", lambda _: next(left))))


def some_pieces(n: int) -> tuple[list[FloatArray], list[Span]]:
    return [np.full((14, 2), k, np.float32) for k in range(n)], [Span(0, 14)] * n


def check(made: FloatArray, n: int) -> None:
    np.testing.assert_array_equal(made[:, 0, 0, 0], np.arange(n))


@pytest.mark.parametrize("n_pieces", [1, 8, 11])
def test_every_batch_has_the_same_size(monkeypatch: pytest.MonkeyPatch, n_pieces: int) -> None:
    model = Small(fits=8)
    check(runner_of(monkeypatch, model).run(*some_pieces(n_pieces)), n_pieces)
    assert set(model.batches) == {runner.BATCHES["gpu"]}


def test_a_full_gpu_gets_smaller_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Small(fits=3)
    made = runner_of(monkeypatch, model)
    check(made.run(*some_pieces(11)), 11)
    assert made.batch == 2
    assert set(model.batches) == {2}


def test_a_gpu_that_is_too_small_leaves_it_to_the_cpu(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gpu, cpu = Small(fits=0), Small(fits=1)
    with caplog.at_level(logging.WARNING):
        check(runner_of(monkeypatch, gpu, cpu).run(*some_pieces(5)), 5)
    assert "going on with the CPU" in caplog.text
    assert not gpu.batches


def test_a_cpu_without_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"too little memory.*close other programs"):
        runner_of(monkeypatch, Small(fits=0), place="cpu").run(*some_pieces(1))


def test_other_failures_are_errors_with_their_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="failed on the gpu: no such kernel") as caught:
        runner_of(monkeypatch, Small(0, "no such kernel")).run(*some_pieces(1))
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_warming_up_twice_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = runner_of(monkeypatch, Small(fits=8))
    made.warm_up()
    made.warm_up()
    assert made.model is made.model


def test_an_unknown_device_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"no device 'tpu'.*auto, cpu, gpu"):
        devices.start("tpu")


def test_a_missing_gpu_is_an_error_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_find_gpu", lambda _: False)
    with pytest.raises(ModelError, match=r"no GPU.*vidsep\[gpu\]"):
        devices.start("gpu")
    assert devices.start("auto") == "cpu"
    assert devices.names() == ["cpu"]


def test_versions_are_named() -> None:
    assert "keras 3" in devices.backend_version()


def test_frameworks_start_quietly_and_only_when_needed() -> None:
    code = """
import sys
import vidsep.separation.separator
assert not {"keras", "tensorflow", "jax"} & set(sys.modules), "imported too early"
from vidsep.separation import devices
devices.start("cpu")
print("after", file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == "after\n"
