"""Spleeter beside what Deezer's own graphs make of the same weights, and facts of its own."""

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from conftest import scene

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation.models.base import Span
from vidsep.separation.models.spleeter import Spleeter, load_spleeter
from vidsep.separation.models.spleeter_checkpoint import read_spleeter_checkpoint
from vidsep.separation.models.spleeter_config import SpleeterConfig, header_of, shapes_of
from vidsep.separation.pieces import joined, pieces
from vidsep.separation.separator import Separator
from vidsep.separation.weights import Weights

Tensors = dict[str, npt.NDArray[np.float32]]


def golden_tensors(shared: Path, n_stems: int) -> Tensors:
    """The seeded variables, as the README beside the golden outputs describes them."""
    rows = json.loads((shared / "golden" / "spleeter_index" / f"{n_stems}stems.tensors.json").read_text())
    return {row["name"]: golden_tensor(row["name"], row["shape"]) for row in rows if row["name"] != "global_step"}


def golden_tensor(name: str, shape: list[int]) -> npt.NDArray[np.float32]:
    rng = np.random.default_rng([11, zlib.crc32(name.encode())])
    kind = name.rpartition("/")[2]
    if kind == "gamma":
        values = 1 + 0.1 * rng.standard_normal(shape)
    elif kind == "moving_variance":
        values = 0.5 + rng.random(shape)
    elif kind == "kernel":
        n_in = shape[3] if "transpose" in name else shape[2]
        values = rng.standard_normal(shape) * np.sqrt(2 / (shape[0] * shape[1] * n_in))
    else:
        values = 0.1 * rng.standard_normal(shape)
    return np.asarray(values, np.float32)


def golden_mixture(n_samples: int) -> FloatArray:
    t, rng = np.arange(n_samples) / 44100, np.random.default_rng(11)
    tremolo = 1 + 0.5 * np.sin(2 * np.pi * 3 * t)
    channels = [
        0.3 * np.sin(2 * np.pi * (200 + 90 * c) * t) * tremolo + 0.05 * rng.standard_normal(n_samples) for c in (0, 1)
    ]
    return np.stack(channels, axis=1).astype(np.float32)


def save_checkpoint(folder: Path, tensors: dict[str, Any]) -> Path:
    """A checkpoint as TensorFlow 1 wrote it."""
    import tensorflow as tf

    folder.mkdir(exist_ok=True)
    names, values = list(tensors), [tf.constant(value) for value in tensors.values()]
    tf.raw_ops.SaveV2(
        prefix=str(folder / "model"), tensor_names=names, shape_and_slices=[""] * len(names), tensors=values
    )
    return folder


@pytest.mark.parametrize("n_stems", [2, 4, 5])
def test_the_stems_are_those_of_deezer(
    n_stems: int, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDSEP_MODEL_DIR", str(tmp_path / "models"))
    tensors = {**golden_tensors(shared, n_stems), "global_step": np.int64(7)}
    folder = save_checkpoint(tmp_path / "checkpoint", tensors)
    with np.load(shared / "golden" / f"spleeter_{n_stems}stems.npz") as judges:
        mixture = golden_mixture(len(judges["vocals"]))
        stems = Separator(f"spleeter:{n_stems}stems", "cpu", weights=folder, residual="pass").separate(mixture, 44100)
        assert len(judges) == n_stems
        for name in judges:
            judge = judges[name].astype(np.float32)
            error_db = 10 * np.log10(np.square(stems[name] - judge).sum() / np.square(judge).sum())
            assert error_db < -70, name  # float16, in which they are stored, is good for -74


SMALL = SpleeterConfig(
    ("vocals", "accompaniment"), "leaky_relu", is_softmax=False, n_bins=128, n_fft=512, hop=128, n_frames=64,
    filters=(4, 4, 8, 8, 8, 8),
)  # fmt: skip


def small(**changes: Any) -> Spleeter:
    """A small network from a seed."""
    config, rng = replace(SMALL, **changes), np.random.default_rng(2)
    arrays = {}
    for name, shape in shapes_of(config).items():
        values = rng.standard_normal(shape) / np.sqrt(np.prod(shape[:-1]) if name.endswith("kernel") else 100)
        arrays[name] = (values + name.endswith("scale")).astype(np.float32)
    return Spleeter(config, Weights(arrays, header_of(config)))


def separated(model: Spleeter, sound: FloatArray) -> FloatArray:
    """All of ``sound`` through the model, ``(n_stems, n_samples, 2)``."""
    cuts = list(pieces([sound], len(sound), 2, model.cut))
    known = model.study([(piece.samples, piece.span) for piece in cuts])
    parts = []
    for piece in cuts:
        made = model.separate_knowing(known, piece.samples[None], [piece.span]) if model.studies else None
        stems = model.separate(piece.samples[None], [piece.span]) if made is None else made
        parts.append(stems[0].transpose(1, 0, 2).reshape(stems.shape[2], -1))
    return np.stack(np.split(np.concatenate(list(joined(parts, len(sound), model.cut))), len(model.stems), axis=1))


SOUND = scene(0.7)


@pytest.mark.parametrize("wiener", [False, True])
def test_with_the_residual_the_stems_sum_to_the_sound(wiener: bool) -> None:
    made = separated(small(residual="all", wiener=wiener), SOUND)
    np.testing.assert_allclose(made.sum(axis=0), SOUND, atol=1e-6)


def test_without_it_nothing_is_heard_above_the_highest_bin() -> None:
    made = separated(small(), SOUND).sum(axis=0)
    spectrum = np.abs(np.fft.rfft(made[2000:20000, 0] * np.hanning(18000)))
    sounds, silent = spectrum[: len(spectrum) // 2 - 100], spectrum[len(spectrum) // 2 + 100 :]
    assert silent.max() < 1e-3 * sounds.max()


def test_the_masks_sum_to_one_where_they_are_extended_by_their_mean() -> None:
    made = separated(small(mask_extension="average"), SOUND).sum(axis=0)
    inner = slice(SMALL.n_fft, -SMALL.n_fft)
    np.testing.assert_allclose(made[inner], SOUND[inner], atol=1e-4)


def test_more_bins_are_heard_with_the_same_weights() -> None:
    narrow, wide = small(), small(n_bins=192)
    assert shapes_of(narrow.config) == shapes_of(wide.config)
    assert np.square(separated(wide, SOUND).sum(axis=0)).sum() > np.square(separated(narrow, SOUND).sum(axis=0)).sum()


def test_wiener_filtering_is_norberts(monkeypatch: pytest.MonkeyPatch) -> None:
    norbert = pytest.importorskip("norbert")
    model = small(wiener=True)
    cuts = list(pieces([SOUND], len(SOUND), 2, model.cut))
    mixes, estimates = zip(*(model._estimated(piece.samples) for piece in cuts), strict=True)
    mix, estimate = np.concatenate(mixes, axis=1), np.concatenate(estimates, axis=2)
    judge = norbert.wiener(estimate.transpose(2, 3, 1, 0), mix.transpose(1, 2, 0).astype(np.complex64))
    made = separated(model, SOUND)
    monkeypatch.setattr("vidsep.separation.models.spleeter.filtered", Judged(judge, SMALL.n_frames))
    np.testing.assert_allclose(made, separated(model, SOUND), atol=1e-5)


class Judged:
    """Stands for our filter and gives norbert's spectra, segment by segment."""

    def __init__(self, spectra: Any, n_frames: int) -> None:
        self.spectra, self.n_frames, self.n_given = spectra.transpose(3, 2, 0, 1), n_frames, 0

    def __call__(self, *_: Any) -> Any:
        first = self.n_given
        self.n_given += self.n_frames
        return self.spectra[:, :, first : first + self.n_frames]


def test_silence_and_a_short_sound() -> None:
    model = small(wiener=True)
    assert not separated(model, np.zeros((1000, 2), np.float32)).any()
    assert np.isfinite(separated(model, SOUND[:10])).all()
    assert model.separate(np.zeros((1, model.cut.n_samples, 2), np.float32), [Span(0, 9)]).shape[1] == 2


def test_what_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds 0 checkpoints"):
        read_spleeter_checkpoint(tmp_path)
    (tmp_path / "model.index").write_bytes(b"no index")
    with pytest.raises(ModelError, match="cannot be read"):
        read_spleeter_checkpoint(tmp_path)
    folder = save_checkpoint(tmp_path / "other", {"conv2d/kernel": np.zeros((5, 5, 2, 16), np.float32)})
    with pytest.raises(ModelError, match="is no checkpoint of Spleeter: it has 1 convolutions"):
        read_spleeter_checkpoint(folder)


@pytest.mark.parametrize(
    "change", [{"wiener": True, "depth": 3}, {"residual": "music_sfx"}, {"mask_extension": "ones"}, {"n_bins": 1000}]
)
def test_a_header_that_describes_no_spleeter_is_an_error(change: dict[str, Any]) -> None:
    header = header_of(SMALL)
    with pytest.raises(ModelError, match="the header of the weights is not a Spleeter's"):
        load_spleeter(Weights({}, {**header, "config": {**header["config"], **change}}))
