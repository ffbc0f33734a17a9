"""What every network of the table keeps to; its rows are the test's parameters."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from conftest import scene

from vidsep.audio import STEM_NAMES, FloatArray
from vidsep.errors import ModelError
from vidsep.separation.models.base import SeparationModel, Span
from vidsep.separation.registry import MODELS, ModelRow, find_model
from vidsep.separation.runner import Runner
from vidsep.separation.separator import Separator
from vidsep.separation.weights import read_weights

IN_A_PROCESS = """
import sys
import numpy as np
from vidsep.separation.models.base import Span
from vidsep.separation.registry import MODELS
piece = np.load(sys.argv[2])
np.save(sys.argv[3], MODELS[sys.argv[1]].load().separate(piece[None], [Span(0, len(piece))]))
"""


@pytest.fixture(scope="module", params=list(MODELS))
def row(request: pytest.FixtureRequest) -> ModelRow:
    return MODELS[request.param]


@pytest.fixture(scope="module")
def model(row: ModelRow, separator: Separator) -> SeparationModel:
    return separator.runner.model if row == separator.row else Runner(row, "cpu").model


def piece_of(model: SeparationModel) -> FloatArray:
    return scene(model.cut.n_samples / model.sample_rate + 1, model.sample_rate)[: model.cut.n_samples]


def run(model: SeparationModel, piece: FloatArray, span: Span | None = None) -> FloatArray:
    stems: FloatArray = model.separate(piece[None], [span or Span(0, len(piece))])[0]
    return stems


def test_the_row_tells_the_truth(row: ModelRow, model: SeparationModel) -> None:
    assert (row.stems, row.sample_rate) == (model.stems, model.sample_rate)
    assert set(row.stems) <= set(STEM_NAMES)
    assert row.n_parameters == sum(array.size for array in read_weights(row.weights, row.sha256).arrays.values())
    assert row.licence and row.citation
    assert json.loads(json.dumps(row.as_dict()))["name"] == row.name


def test_shape_and_values(model: SeparationModel) -> None:
    stems = run(model, piece_of(model))
    assert stems.shape == (len(model.stems), model.cut.body, 2)
    assert stems.dtype == np.float32
    assert np.isfinite(stems).all()


def test_stems_sum_to_the_sound(model: SeparationModel) -> None:
    piece, cut = piece_of(model), model.cut
    body = piece[cut.context : cut.context + cut.body]
    assert np.abs(run(model, piece).sum(axis=0) - body).max() < 10 ** (-100 / 20)


def test_each_stem_is_part_of_the_sound(model: SeparationModel) -> None:
    piece = piece_of(model)
    power = np.square(run(model, piece)).mean(axis=(1, 2)) / np.square(piece).mean()
    assert (power < 2).all()
    assert power.max() > 0.1


def test_silence_gives_silence(model: SeparationModel) -> None:
    assert not run(model, np.zeros((model.cut.n_samples, 2), np.float32)).any()


def test_mono_stays_mono(model: SeparationModel) -> None:
    stems = run(model, np.repeat(piece_of(model)[:, :1], 2, axis=1))
    np.testing.assert_allclose(stems[..., 0], stems[..., 1], atol=1e-6)


def test_short_sound_in_its_padding(model: SeparationModel) -> None:
    piece, start, stop = piece_of(model), model.cut.context, model.cut.context + 441
    piece[:start] = piece[stop:] = 0
    stems = run(model, piece, Span(start, stop))
    assert np.isfinite(stems).all()
    assert stems.any()


def test_louder_in_is_louder_out(model: SeparationModel) -> None:
    piece = piece_of(model)
    np.testing.assert_allclose(run(model, 0.25 * piece), 0.25 * run(model, piece), atol=10 ** (-80 / 20))


@pytest.mark.skipif(find_spec("jax") is None, reason="needs jax")
def test_backends_agree(row: ModelRow, model: SeparationModel, tmp_path: Path) -> None:
    piece = piece_of(model)
    np.save(tmp_path / "piece.npy", piece)
    files = [str(tmp_path / "piece.npy"), str(tmp_path / "stems.npy")]
    command = [sys.executable, "-c", IN_A_PROCESS, row.name, *files]
    subprocess.run(command, check=True, timeout=300, env=os.environ | {"KERAS_BACKEND": "jax"})
    judge = np.load(tmp_path / "stems.npy")[0]
    assert np.abs(judge - run(model, piece)).max() < 10 ** (-80 / 20)


def test_weights_that_are_not_the_published_ones_are_refused(row: ModelRow, tmp_path: Path) -> None:
    data = bytearray(row.weights.read_bytes())
    data[len(data) // 2] ^= 1
    changed = tmp_path / row.weights.name
    changed.write_bytes(data)
    changed.with_suffix(".json").write_bytes(row.weights.with_suffix(".json").read_bytes())
    with pytest.raises(ModelError, match="SHA-256"):
        replace(row, weights=changed).load()
    with pytest.raises(ModelError, match="SHA-256"):
        replace(row, weights=changed).check_weights()


def test_missing_weights_are_named(row: ModelRow, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.npz cannot be read.*install"):
        replace(row, weights=tmp_path / "nowhere.npz").load()


def test_weights_hold_no_pickles(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, evil=np.array([{"a": 1}], dtype=object))
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(ModelError, match="hold more than numbers"):
        read_weights(path, hashlib.sha256(path.read_bytes()).hexdigest())


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(ModelError, match="did you mean band-mixer"):
        find_model("bandmixer")
    with pytest.raises(ModelError, match="there is band-mixer"):
        find_model("xyz")
