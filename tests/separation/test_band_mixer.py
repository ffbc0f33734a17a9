"""The built-in network against its reference, and that cutting changes nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import scene

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation import devices
from vidsep.separation.models import band_mixer
from vidsep.separation.models.band_config import BandMixerConfig, band_edges, groups_of_bands
from vidsep.separation.models.base import Span
from vidsep.separation.pieces import pieces
from vidsep.separation.registry import MODELS
from vidsep.separation.weights import Weights, read_weights

ROW = MODELS["band-mixer"]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(ROW.file, ROW.sha256)


SMALL = BandMixerConfig(
    sample_rate=8000, stems=("dialogue", "music", "effects"), n_fft=256, hop=64, patch=2, n_bands=8, n_groups=2,
    width=8, hidden=8, dilations=(1, 2, 4), level_seconds=0.5, steps=64,
)  # fmt: skip


def small_network(steps: int) -> band_mixer.BandMixer:
    """A small network of random weights, the same for any ``steps``."""
    devices.start("cpu")
    import keras

    keras.utils.set_random_seed(0)
    config = replace(SMALL, steps=steps)
    made = band_mixer.build(config, band_mixer.cut_for(config))
    weights = {variable.path.replace("/", "."): np.asarray(variable) for variable in made.variables}
    return band_mixer.BandMixer(config, Weights(weights, {}))


@pytest.fixture(scope="module")
def cutting() -> band_mixer.BandMixer:
    """A network that hears less than a second at once."""
    return small_network(SMALL.steps)


@pytest.fixture(scope="module")
def whole() -> band_mixer.BandMixer:
    """The same network, hearing six seconds at once."""
    return small_network(424)


def stems_of(model: band_mixer.BandMixer, sound: FloatArray) -> FloatArray:
    cuts = pieces([sound], len(sound), 2, model.cut)
    return np.concatenate(
        [model.separate(piece.samples[None], [piece.span])[0, :, : piece.n_body] for piece in cuts], axis=1
    )


def test_reproduces_the_reference(shared: Path, weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network of the built-in one's sizes with the weights that came with the reference."""
    devices.start("cpu")
    from keras import ops

    check = np.load(shared / "model_v0" / "check.npz")
    sound = check["mixture"].astype(np.float32)
    rms = float(np.sqrt(np.square(sound).mean()))

    def level_of_the_piece(_: Any, presence: Any, config: BandMixerConfig) -> Any:
        return ops.ones_like(presence[:, : config.steps]) * rms

    monkeypatch.setattr(band_mixer, "local_level", level_of_the_piece)
    config = {**weights.header["config"], "highest_hz": None}
    with np.load(shared / "model_v0" / "weights.npz") as arrays:
        model = band_mixer.load_band_mixer(Weights(dict(arrays), {"config": config}))
    model.network.jit_compile = False  # takes less time for a single run
    stems = stems_of(model, sound)
    assert np.abs(stems - check["stems"].astype(np.float32)).max() < 1e-3


@pytest.mark.parametrize("n_samples", [1, 80, 257, 6144, 6145, 40_001])
def test_pieces_give_what_the_whole_gives(
    whole: band_mixer.BandMixer, cutting: band_mixer.BandMixer, n_samples: int
) -> None:
    sound = scene(6, 8000)[500 : 500 + n_samples]
    together, cut = stems_of(whole, sound), stems_of(cutting, sound)
    assert len(sound) <= whole.cut.body
    assert together.shape == cut.shape == (3, n_samples, 2)
    assert np.abs(together - cut).max() < 10 ** (-100 / 20)


def test_an_earlier_start_on_the_grid_changes_nothing_later(cutting: band_mixer.BandMixer) -> None:
    sound, skipped = scene(6, 8000), 5 * cutting.cut.grid
    late, all_of_it = stems_of(cutting, sound[skipped:]), stems_of(cutting, sound)[:, skipped:]
    settled = cutting.cut.context
    assert np.abs(late - all_of_it)[:, settled:].max() < 10 ** (-100 / 20)


def test_a_batch_is_its_pieces(cutting: band_mixer.BandMixer) -> None:
    sound = scene(6, 8000)
    batch = np.stack([sound[: cutting.cut.n_samples], sound[-cutting.cut.n_samples :, ::-1]])
    spans = [Span(0, cutting.cut.n_samples), Span(2000, cutting.cut.n_samples)]
    batch[1, :2000] = 0
    together = cutting.separate(batch, spans)
    for i in range(2):
        np.testing.assert_allclose(together[i], cutting.separate(batch[i : i + 1], spans[i : i + 1])[0], atol=1e-6)


def test_the_level_is_the_rms_around_a_place(weights: Weights) -> None:
    devices.start("cpu")
    config = band_mixer.config_from(weights.header["config"])
    cut = band_mixer.cut_for(config)
    sound = np.full((1, cut.n_samples, 2), 0.1, np.float32)
    half = cut.n_samples // 2
    sound[:, half:] = 0.001
    presence = band_mixer.presence_of(Span(0, cut.n_samples), config, cut)[None]
    level = np.asarray(band_mixer.local_level(sound, presence, config))[0]
    assert level.shape == (config.steps,)
    assert level[0] == pytest.approx(0.1, rel=1e-3)
    assert level[-1] == pytest.approx(0.001, rel=1e-3)
    assert (np.diff(level) <= 1e-7).all()


def test_the_level_of_a_clip_is_not_diluted_by_its_padding(weights: Weights) -> None:
    devices.start("cpu")
    config = band_mixer.config_from(weights.header["config"])
    cut = band_mixer.cut_for(config)
    span = Span(cut.context, cut.context + 20_000)
    sound = np.zeros((1, cut.n_samples, 2), np.float32)
    sound[:, span.start : span.stop] = 0.1
    level = np.asarray(band_mixer.local_level(sound, band_mixer.presence_of(span, config, cut)[None], config))[0]
    heard = level[config.reach + config.lead : config.reach + config.lead + 20]
    np.testing.assert_allclose(heard, 0.1, rtol=1e-3)


def test_bands_cover_each_bin_once(weights: Weights) -> None:
    config = band_mixer.config_from(weights.header["config"])
    edges = band_edges(config)
    assert edges[0] == 0
    assert edges[-1] == config.n_bins
    assert (np.diff(edges) >= 2).all()
    bins = np.concatenate([np.arange(*band) for group in groups_of_bands(config) for band in group.bands])
    np.testing.assert_array_equal(bins, np.arange(config.n_bins))


def test_weights_of_another_network_are_refused(weights: Weights) -> None:
    devices.start("cpu")
    header = {"config": {**weights.header["config"], "width": 64}}
    with pytest.raises(ModelError, match="do not fit"):
        band_mixer.load_band_mixer(Weights(weights.arrays, header))
    with pytest.raises(ModelError, match=r"do not fit.*nf\.g"):
        band_mixer.load_band_mixer(Weights({k: v for k, v in weights.arrays.items() if k != "nf.g"}, weights.header))
    with pytest.raises(ModelError, match="header"):
        band_mixer.load_band_mixer(Weights(weights.arrays, {"config": {"width": 80}}))


def test_in_training_it_is_the_same_network(cutting: band_mixer.BandMixer) -> None:
    shapes = [tensor.shape[1:] for tensor in cutting.network.inputs]
    pieces = scene(6, 8000)[None, : cutting.cut.n_samples]
    inputs = [pieces, *(np.ones((1, *shape), np.float32) for shape in shapes[1:])]
    usual, training = (np.asarray(cutting.network(inputs, training=training)) for training in (False, True))
    assert np.abs(usual).max() > 0.01
    np.testing.assert_allclose(training, usual, atol=1e-6)
