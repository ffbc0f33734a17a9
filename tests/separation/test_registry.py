"""Models by their names, by their paths, from other packages; imported and exported."""

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import scene
from halves import HALVES, Halves, model_at
from reading import files_below

from vidsep.audio import STEM_NAMES
from vidsep.errors import ModelError, OutputError
from vidsep.separation import networks, registry, store
from vidsep.separation.importing import export_model, import_model
from vidsep.separation.registry import MODELS, all_models, find_model
from vidsep.separation.row import ModelRow, NetworkClass
from vidsep.separation.separator import Separator
from vidsep.separation.weights import read_header, read_weights


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The class of networks is known, and the model folder is the test's own."""
    monkeypatch.setitem(networks.NETWORKS, "halves", HALVES)
    monkeypatch.setenv("VIDSEP_MODEL_DIR", str(tmp_path / "models"))
    yield
    registry._of_other_packages.cache_clear()


def test_every_row_of_the_table_says_whose_it_is() -> None:
    assert len(MODELS) == 11
    for name, row in MODELS.items():
        assert row.name == name
        assert row.licence == "MIT" and row.citation and row.description
        assert re.fullmatch("[0-9a-f]{64}", (row.origin.sha256 if row.origin else row.sha256) or "")
    files = {row.file for row in MODELS.values()}
    assert len(files) == 1 + 4 + 3  # the variants of Spleeter share theirs


@pytest.mark.parametrize("name", ["2stems", "4stems", "5stems"])
def test_the_rows_of_spleeter_have_its_stems(name: str) -> None:
    row = MODELS[f"spleeter:{name}"]
    assert len(row.stems) == int(name[0])
    assert row.names == row.stems and not row.is_for_video
    assert MODELS[f"spleeter:{name}-16kHz"].origin == row.origin


def test_mrx_says_its_stems_in_our_words() -> None:
    assert MODELS["mrx"].stems == ("music", "dialogue", "effects")
    assert MODELS["mrx"].names == STEM_NAMES


@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_path_is_a_model(tmp_path: Path, where: str) -> None:
    file = model_at(tmp_path / "my-model" / "model.safetensors", licence="CC0", description="Mine")
    row = find_model(file if where == "file" else file.parent)
    assert (row.file, row.stems, row.licence, row.description) == (file, STEM_NAMES, "CC0", "Mine")
    stems = Separator(str(row.file), "cpu").separate(scene(1), 44100)
    np.testing.assert_allclose(stems.dialogue, 0.5 * scene(1), atol=1e-6)
    np.testing.assert_allclose(stems.mix(), scene(1), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nothing", "there is no model called"),
        ("empty folder", "is not a model"),
        ("text", "is not a model"),
        ("text.safetensors", "is not a model"),
        ("another class", "class 'dreams', which is not known"),
    ],
)
def test_what_is_no_model_is_an_error(tmp_path: Path, kind: str, words: str) -> None:
    path = tmp_path / kind
    if "folder" in kind:
        path.mkdir()
    elif "text" in kind:
        path.write_text("a model, really")
    elif kind == "another class":
        path = model_at(tmp_path / "x.safetensors", **{"class": "dreams"})
    with pytest.raises(ModelError, match=words):
        find_model(path)


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000, "../..", "C:\\", "spleeter:3stems"])
def test_no_name_is_more_than_an_error(name: str) -> None:
    with pytest.raises(ModelError):
        find_model(name)


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(ModelError, match="did you mean spleeter:2stems"):
        find_model("spleeter:2stem")
    with pytest.raises(ModelError, match="there is band-mixer"):
        find_model("xyz")


def test_weights_take_the_place_of_the_row_s(tmp_path: Path) -> None:
    mine, others = model_at(tmp_path / "a.safetensors"), model_at(tmp_path / "b.safetensors", "vocals", "drums")
    row = find_model(mine, weights=model_at(tmp_path / "c.safetensors", config={"wide": True}))
    assert row.file == tmp_path / "c.safetensors" and row.identity != find_model(mine).identity
    assert find_model(None, weights=others).stems == ("vocals", "drums")
    with pytest.raises(ModelError, match=r"not for .*the stems vocals, drums"):
        find_model(mine, weights=others)
    with pytest.raises(ModelError, match="not for band-mixer"):
        find_model("band-mixer", weights=mine)
    with pytest.raises(ModelError, match="no such file"):
        find_model("band-mixer", weights=tmp_path / "none.pth")


def test_the_residual_mode_is_part_of_what_a_model_is(tmp_path: Path) -> None:
    mine = model_at(tmp_path / "a.safetensors")
    rows = [find_model(mine, residual=mode) for mode in (None, "pass", "all")]
    assert len({row.identity for row in rows}) == 3
    assert [row.read().header["config"] for row in rows] == [{}, {"residual": "pass"}, {"residual": "all"}]
    with pytest.raises(ModelError, match="no residual 'some'; it has pass, all"):
        find_model(mine, residual="some")
    with pytest.raises(ModelError, match="no residual"):
        find_model("band-mixer", residual="all")


def test_with_the_residual_passed_by_the_stems_are_just_the_network_s(tmp_path: Path) -> None:
    mine = model_at(tmp_path / "a.safetensors")
    for mode, share in ((None, 0.25), ("all", 0.25), ("pass", 0.125)):
        row = find_model(mine, residual=mode)
        effects = Separator(row, "cpu").separate(scene(1), 44100).effects
        np.testing.assert_allclose(effects, share * scene(1), atol=1e-6)
        assert bool(row.warnings) == (mode == "pass")


def test_the_stems_of_a_song_are_a_mapping_and_can_be_remixed(tmp_path: Path) -> None:
    song = scene(2)
    separator = Separator(model_at(tmp_path / "a.safetensors", "vocals", "drums", "other"), "cpu")
    stems = separator.separate(song, 44100)
    assert list(stems) == ["vocals", "drums", "other"] and len(stems) == 3
    np.testing.assert_allclose(stems["drums"], 0.25 * song, atol=1e-6)
    np.testing.assert_array_equal(stems.dialogue, stems["vocals"])
    np.testing.assert_allclose(stems.music, 0.5 * song, atol=1e-6)
    assert not stems.effects.any()
    np.testing.assert_allclose(stems[1000:2000]["other"], stems["other"][1000:2000])
    assert "made for songs" in separator.row.warnings[0]


def test_the_three_stems_are_a_mapping_too(tmp_path: Path) -> None:
    stems = Separator(model_at(tmp_path / "a.safetensors"), "cpu").separate(scene(0.5), 44100)
    assert dict(stems).keys() == set(STEM_NAMES)
    assert stems["music"] is stems.music
    with pytest.raises(KeyError):
        stems["vocals"]


def test_a_model_goes_out_and_comes_back_under_a_name(tmp_path: Path) -> None:
    exported = export_model(model_at(tmp_path / "a.safetensors", licence="CC0"), tmp_path / "mine")
    assert exported == tmp_path / "mine" / "model.safetensors"
    row = import_model("mine-1.0", exported)
    assert row == find_model("mine-1.0") == all_models()["mine-1.0"]
    assert (row.name, row.licence, row.file.parent) == ("mine-1.0", "CC0", tmp_path / "models")
    assert read_header(row.file)["name"] == "mine-1.0"
    np.testing.assert_array_equal(read_weights(row.file).arrays["a"], 1)


def test_the_built_in_model_can_be_exported(tmp_path: Path) -> None:
    export_model("band-mixer", tmp_path / "x.safetensors")
    row, built_in = find_model(tmp_path / "x.safetensors"), find_model()
    assert (row.network, row.stems, row.licence) == (built_in.network, built_in.stems, "MIT")
    assert read_weights(row.file).arrays.keys() == read_weights(built_in.file).arrays.keys()


@pytest.mark.parametrize(
    "name", ["band-mixer", "mrx", "MRX", "spleeter-2stems", "a/b", "..", "", "a:b", "-x", "x" * 65, "x."]
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError):
        import_model(name, model_at(tmp_path / "a.safetensors"))
    assert files_below(tmp_path) == {"a.safetensors"}


def test_what_exists_is_replaced_only_on_demand(tmp_path: Path) -> None:
    one, other = model_at(tmp_path / "a.safetensors"), model_at(tmp_path / "b.safetensors", "vocals", "drums")
    import_model("x", one)
    with pytest.raises(OutputError, match="--overwrite"):
        import_model("x", other)
    with pytest.raises(OutputError, match="--overwrite"):
        export_model(other, one)
    assert find_model("x").stems == find_model(one).stems == STEM_NAMES
    assert import_model("x", other, overwrite=True).stems == ("vocals", "drums")


def test_what_is_no_model_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(model_at(tmp_path / "a.safetensors").read_bytes()[:-1] + b"x")
    for source in ("bad.safetensors", "none.safetensors"):
        with pytest.raises(ModelError):
            import_model("x", tmp_path / source)
    assert not store.path_of("x").exists()


def with_entry_points(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    points = [importlib.metadata.EntryPoint(name, value, registry.ENTRY_POINTS) for name, value in values.items()]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: points)
    registry._of_other_packages.cache_clear()


OTHERS = [
    ModelRow("silence", "Gives nothing", NetworkClass("nothing", Halves), STEM_NAMES, 44100, "CC0", "none", sha256=v)
    for v in ("1", "2")
]
ONE = ModelRow("band-mixer", "An impostor", HALVES, STEM_NAMES, 44100, "CC0", "none")


def test_other_packages_add_models(monkeypatch: pytest.MonkeyPatch) -> None:
    with_entry_points(monkeypatch, several="test_registry:OTHERS", one="test_registry:ONE")
    assert find_model("silence") == OTHERS[1] == all_models()["silence"]
    assert OTHERS[0].identity != OTHERS[1].identity
    assert find_model("silence").is_here
    assert find_model("band-mixer").description != "An impostor"
    with pytest.raises(ModelError, match="no weights to export"):
        export_model("silence", Path("x.safetensors"))


def test_a_package_that_is_broken_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_entry_points(monkeypatch, gone="no_such_module:ROW", odd="test_registry:STEM_NAMES")
    assert set(all_models()) == set(MODELS)
    assert "no_such_module" in caplog.text
