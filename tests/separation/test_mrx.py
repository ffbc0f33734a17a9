"""MRX beside what MERL's own code makes of the same weights, and facts of its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import scene

from vidsep.audio import Audio, FloatArray
from vidsep.errors import ModelError
from vidsep.separation.models import mrx
from vidsep.separation.models.base import Span
from vidsep.separation.models.mrx import Lstms, Mrx, frames_inside, load_mrx, mirrored
from vidsep.separation.models.mrx_checkpoint import read_mrx_checkpoint
from vidsep.separation.models.mrx_config import MrxConfig, header_of, shapes_of
from vidsep.separation.passage import input_gain
from vidsep.separation.pieces import joined, pieces
from vidsep.separation.separator import Separator
from vidsep.separation.weights import Weights

SMALL = MrxConfig(hidden=8, n_layers=2)
GOLDEN_STEMS = ("music", "dialogue", "effects")


@pytest.fixture(scope="module")
def golden(shared: Path) -> dict[str, FloatArray]:
    with np.load(shared / "golden" / "mrx_tiny.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def checkpoint(shared: Path) -> Path:
    return shared / "golden" / "mrx_tiny.pth"


def small_weights() -> Weights:
    """Weights from a seed whose stems are of about the level of the sound."""
    rng = np.random.default_rng(5)
    arrays = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes_of(SMALL).items()}
    for name, array in arrays.items():
        arrays[name] = array / np.sqrt(array.shape[-2] if name.endswith("kernel") else 10).astype(np.float32)
    return Weights(arrays, header_of(SMALL))


def relative_db(made: FloatArray, judge: FloatArray) -> float:
    return float(10 * np.log10(np.square(made - judge).sum() / np.square(judge).sum()))


def separated(model: Mrx, sound: FloatArray) -> FloatArray:
    """All of ``sound`` through the model alone, ``(n_stems, n_samples, 2)``."""
    stems = (
        model.separate(piece.samples[None], [piece.span])[0].transpose(1, 0, 2).reshape(-1, 2 * len(model.stems))
        for piece in pieces([sound], len(sound), 2, model.cut)
    )
    made = np.concatenate(list(joined(stems, len(sound), model.cut)))
    return np.stack(np.split(made, len(model.stems), axis=1))


@pytest.fixture(scope="module")
def tiny(checkpoint: Path) -> Mrx:
    return load_mrx(read_mrx_checkpoint(checkpoint))


def test_the_network_is_that_of_merl(tiny: Mrx, golden: dict[str, FloatArray]) -> None:
    made = separated(tiny, golden["mixture"].T).swapaxes(1, 2)
    assert np.abs(made - golden["network"]).max() < 1e-4
    assert relative_db(made, golden["network"]) < -120


@pytest.mark.parametrize("residual", ["pass", "all", "music_sfx"])
def test_the_level_and_the_residual_are_those_of_merl(
    residual: str, tiny: Mrx, golden: dict[str, FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny, "config", replace(tiny.config, residual=residual))
    sound = golden["mixture"].T
    gain = input_gain(Audio(sound, 44100), tiny.input_lufs)
    made = separated(tiny, sound * gain).swapaxes(1, 2) / gain
    assert relative_db(made, golden[f"soundtrack_{residual}"]) < -70


def test_the_way_of_a_soundtrack_is_that_of_merl(
    checkpoint: Path, golden: dict[str, FloatArray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDSEP_MODEL_DIR", str(tmp_path))
    separator, sound = Separator("mrx", "cpu", weights=checkpoint, residual="pass"), golden["mixture"].T
    stems, quiet = separator.separate(sound, 44100), separator.separate(0.03 * sound, 44100)
    made = np.stack([stems[name].T for name in GOLDEN_STEMS])
    assert np.abs(made - golden["soundtrack_pass"]).max() < 1e-4
    assert relative_db(made, golden["soundtrack_pass"]) < -70
    np.testing.assert_allclose(quiet.music, 0.03 * stems.music, atol=1e-5)


@pytest.fixture(scope="module")
def short_pieces() -> Iterator[Mrx]:
    """A small network that hears a second at a time, with a second of context."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mrx, "SLICE_HOPS", 86)
        patch.setattr(mrx, "BODY_HOPS", 2 * 86 - mrx.FADE_HOPS)
        patch.setattr(mrx, "CONTEXT_HOPS", 172)
        patch.setattr(mrx, "SEQUENCE_HOPS", 172)
        yield load_mrx(small_weights())


def test_pieces_make_what_the_whole_makes(short_pieces: Mrx, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = scene(3.3)
    cut = separated(short_pieces, sound)
    monkeypatch.setattr(mrx, "BODY_HOPS", 8 * 86 - mrx.FADE_HOPS)
    whole = separated(load_mrx(small_weights()), sound)
    assert np.abs(whole).max() > 0.01
    assert relative_db(cut, whole) < -60


def test_channels_are_heard_one_by_one(short_pieces: Mrx) -> None:
    sound = scene(1)
    both, swapped = separated(short_pieces, sound), separated(short_pieces, sound[:, ::-1])
    left = separated(short_pieces, np.repeat(sound[:, :1], 2, axis=1))
    np.testing.assert_allclose(swapped, both[..., ::-1], atol=1e-6)
    np.testing.assert_allclose(left, both[..., [0, 0]], atol=1e-6)


def test_all_directions_at_once_as_on_a_gpu_are_what_each_is_alone(short_pieces: Mrx) -> None:
    heard = np.random.default_rng(0).standard_normal((2, 100, SMALL.hidden)).astype(np.float32)
    together = Lstms(SMALL, small_weights(), "gpu")
    together.place = "cpu"
    np.testing.assert_allclose(together(heard), short_pieces.lstms(heard), atol=1e-5)


@pytest.mark.parametrize(("residual", "lacking"), [("all", ()), ("music_sfx", ("dialogue",))])
def test_residuals_go_where_they_should(
    residual: str, lacking: tuple[str, ...], short_pieces: Mrx, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, plain = scene(1.5), separated(short_pieces, scene(1.5))
    monkeypatch.setattr(short_pieces, "config", replace(SMALL, residual=residual))
    made = separated(short_pieces, sound)
    np.testing.assert_allclose(made.sum(axis=0), sound, atol=1e-5)
    for stem, before, after in zip(SMALL.stems, plain, made, strict=True):
        assert np.allclose(before, after, atol=1e-6) == (stem in lacking)


def test_the_sound_goes_on_in_a_mirror_at_its_ends() -> None:
    sound = np.arange(1, 7, dtype=np.float32)[None]
    piece = np.pad(sound, ((0, 0), (4, 5)))
    expected = [[0, 0, 3, 2, 1, 2, 3, 4, 5, 6, 5, 4, 0, 0, 0]]
    np.testing.assert_array_equal(mirrored(piece, Span(4, 10), 2), expected)


def test_frames_stand_a_hop_apart_from_the_first_sample_to_behind_the_last() -> None:
    start, n_samples = 172 * 256, 100_000
    inside = frames_inside(Span(start, start + 1000), n_samples, SMALL)
    middles = [frame * SMALL.hop + SMALL.reach for frame in inside]
    assert middles == [start, start + 256, start + 512, start + 768]
    assert len(frames_inside(Span(start, start + 1024), n_samples, SMALL)) == 5
    assert frames_inside(Span(0, n_samples), n_samples, SMALL).start == 0


def test_weights_that_do_not_fit_are_an_error() -> None:
    weights = small_weights()
    with pytest.raises(ModelError, match=r"no lstm0\.kernel of the shape"):
        load_mrx(Weights({**weights.arrays, "lstm0.kernel": np.zeros((1, 1, 1))}, weights.header))
    for config, message in (
        ({"depth": 3}, "depth"),
        ({"residual": "some"}, "residual mode 'some'"),
        ({"hidden": 7}, "even"),
    ):
        with pytest.raises(ModelError, match=message):
            load_mrx(Weights(weights.arrays, {"config": config}))
