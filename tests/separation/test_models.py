"""What every model of the table keeps to; its rows are the test's parameters.

Published weights that are not on this machine are stood in for by small ones from a seed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import promises
import pytest
from conftest import scene
from made_weights import make_weights
from promises import piece_of, run

from vidsep.audio import STEM_NAMES
from vidsep.errors import ModelError
from vidsep.separation.models.base import SeparationModel
from vidsep.separation.registry import MODELS
from vidsep.separation.row import ModelRow
from vidsep.separation.runner import Runner
from vidsep.separation.separator import Separator

IN_A_PROCESS = """
import sys
import numpy as np
from promises import piece_of, run
from vidsep.separation.registry import find_model
model = find_model(sys.argv[1]).load()
np.save(sys.argv[2], run(model, piece_of(model)))
"""
NETWORKS = ["band-mixer", "mrx", "spleeter:2stems", "spleeter:4stems-16kHz", "spleeter:5stems"]  # each another one
LIKE_NO_OTHER = "spleeter"  # hears levels and channels as they are, by its nature


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every model has weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIDSEP_MODEL_DIR", str(tmp_path_factory.mktemp("models")))
        for row in MODELS.values():
            if not row.is_here:
                make_weights(row)
        yield


@pytest.fixture(scope="module", params=NETWORKS)
def row(request: pytest.FixtureRequest) -> ModelRow:
    """A row whose stems sum to the sound, if the network has a way to do that."""
    row = MODELS[request.param]
    return row.with_options(residual="all") if "residual" in dict(row.network.options) else row


@pytest.fixture(scope="module")
def model(row: ModelRow, separator: Separator) -> SeparationModel:
    return separator.runner.model if row == separator.row else Runner(row, "cpu").model


@pytest.mark.parametrize("name", MODELS)
def test_the_row_tells_the_truth(name: str) -> None:
    row = MODELS[name]
    header = row.read().header
    assert (row.stems, row.sample_rate) == (tuple(header["stems"]), header["sample_rate"])
    assert row.is_for_video == (set(row.stems) <= set(STEM_NAMES))
    assert row.licence and row.citation
    assert json.loads(json.dumps(row.as_dict()))["name"] == row.name


def test_the_network_has_the_stems_of_its_row(row: ModelRow, model: SeparationModel) -> None:
    assert (row.stems, row.sample_rate) == (model.stems, model.sample_rate)


def test_shape_and_values(model: SeparationModel) -> None:
    promises.shape_and_values_are_right(model)


def test_stems_sum_to_the_sound(row: ModelRow) -> None:
    sound = scene(2, row.sample_rate)
    stems = Separator(row, "cpu").separate(sound, row.sample_rate)
    np.testing.assert_allclose(sum(stems.values()), sound, atol=10 ** (-100 / 20))
    np.testing.assert_allclose(stems.mix(), sound, atol=10 ** (-100 / 20))


def test_each_stem_is_part_of_the_sound(model: SeparationModel) -> None:
    promises.each_stem_is_part_of_the_sound(model)


def test_silence_gives_silence(model: SeparationModel) -> None:
    promises.silence_gives_silence(model)


def test_short_sound_in_its_padding(model: SeparationModel) -> None:
    promises.short_sound_in_its_padding_is_heard(model)


def test_mono_stays_mono(row: ModelRow, model: SeparationModel) -> None:
    if row.network.name == LIKE_NO_OTHER:
        pytest.skip("its left and right are different inputs")
    promises.mono_stays_mono(model)


def test_louder_in_is_louder_out(row: ModelRow) -> None:
    if row.network.name == LIKE_NO_OTHER:
        pytest.skip("what it hears depends on the level")
    sound, separator = scene(2, row.sample_rate), Separator(row, "cpu")
    loud, quiet = (separator.separate(gain * sound, row.sample_rate) for gain in (np.float32(1), np.float32(0.25)))
    for name in row.names:
        np.testing.assert_allclose(quiet[name], 0.25 * loud[name], atol=10 ** (-80 / 20))


@pytest.mark.skipif(find_spec("jax") is None, reason="needs jax")
@pytest.mark.parametrize("name", ["band-mixer", "mrx", "spleeter:2stems"])
def test_backends_agree(name: str, tmp_path: Path) -> None:
    row = MODELS[name]
    command = [sys.executable, "-c", IN_A_PROCESS, name, str(tmp_path / "stems.npy")]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    subprocess.run(command, check=True, timeout=300, env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": paths})
    model = Runner(row, "cpu").model
    assert np.abs(np.load(tmp_path / "stems.npy") - run(model, piece_of(model))).max() < 10 ** (-80 / 20)


def test_weights_that_are_not_the_published_ones_are_refused(row: ModelRow, tmp_path: Path) -> None:
    data = bytearray(row.file.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / row.file.name
    changed.write_bytes(data)
    with pytest.raises(ModelError, match="SHA-256"):
        replace(row, weights=changed).load()
    with pytest.raises(ModelError, match="SHA-256"):
        replace(row, weights=changed).check_weights()


def test_missing_weights_are_named(row: ModelRow, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.safetensors cannot be read.*install"):
        replace(row, weights=tmp_path / "nowhere.safetensors").load()
