"""Published weights come here once, from the network or from an offline folder, and become vidsep's own file."""

import hashlib
import io
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from reading import files_below
from serving import serving

from vidsep.audio import FloatArray
from vidsep.errors import ModelError
from vidsep.separation import store
from vidsep.separation.fetching import fetch
from vidsep.separation.models.base import Cut, SeparationModel, Span
from vidsep.separation.row import ModelRow, NetworkClass, Origin
from vidsep.separation.weights import Weights, read_header, read_weights

STEMS = ("dialogue", "music", "effects")
VALUES = np.arange(5, dtype="<f4")


class Shares(SeparationModel):
    """Each stem is a share of the sound that its weights tell."""

    stems, sample_rate, cut = STEMS, 44100, Cut(body=4096, context=0, grid=1)

    def __init__(self, weights: Weights) -> None:
        self.weights = weights

    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        return np.stack([pieces * value for value in self.weights.arrays["values"][:3]], axis=1)


def published(path: Path) -> Weights:
    """What the authors publish is a file of numbers, alone or in a folder."""
    values = np.fromfile(path / "values.bin" if path.is_dir() else path, dtype="<f4")
    if not len(values):
        raise ModelError("it is empty", "get it again")
    return Weights({"values": values}, {"class": "shares", "config": {"stems": list(STEMS), "sample_rate": 44100}})


NETWORK = NetworkClass("shares", Shares, published, lambda path: path.suffix == ".bin")


def row_of(url: str, content: bytes) -> ModelRow:
    origin = Origin(url, hashlib.sha256(content).hexdigest())
    return ModelRow("shares:one", "", NETWORK, STEMS, 44100, "MIT", "nobody, 2026", origin=origin)


@pytest.fixture(autouse=True)
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIDSEP_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.delenv("VIDSEP_OFFLINE_DIR", raising=False)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.delenv("http_proxy", raising=False)
    return tmp_path / "models"


def archive() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        info = tarfile.TarInfo("./values.bin")
        info.size = VALUES.nbytes
        tar.addfile(info, io.BytesIO(VALUES.tobytes()))
    return file.getvalue()


def check_here(row: ModelRow, model_folder: Path) -> None:
    assert row.is_here
    np.testing.assert_array_equal(read_weights(row.file).arrays["values"], VALUES)
    assert files_below(model_folder) == {"shares-one.safetensors"}


def test_of_two_who_fetch_at_once_one_waits_for_the_other(model_folder: Path) -> None:
    with serving(VALUES.tobytes(), pause_seconds=0.5) as server:
        row = row_of(f"{server.url}/values.bin", VALUES.tobytes())
        with ThreadPoolExecutor() as pool:
            for path in [pool.submit(fetch, row), pool.submit(fetch, row)]:
                assert path.result() == row.file
    assert server.ranges == [""]
    check_here(row, model_folder)


def test_a_file_is_downloaded_converted_and_known_by_its_header(model_folder: Path) -> None:
    with serving(VALUES.tobytes()) as server:
        row = row_of(server.url, VALUES.tobytes())
        assert not row.is_here
        assert fetch(row) == row.file
        fetch(row)
        assert len(server.paths) == 1  # the second time it is here
    check_here(row, model_folder)
    header = read_header(row.file)
    assert (header["name"], header["licence"], header["citation"]) == ("shares:one", "MIT", "nobody, 2026")
    assert header["origin"] == {"url": server.url, "sha256": hashlib.sha256(VALUES.tobytes()).hexdigest()}
    assert row.load().separate(np.ones((1, 4096, 2), np.float32), [Span(0, 4096)])[0, 2, 0, 0] == 2


def test_an_archive_is_unpacked_on_the_way(model_folder: Path) -> None:
    content = archive()
    with serving(content) as server:
        row = row_of(server.url.replace("weights.bin", "shares.tar.gz"), content)
        fetch(row)
    check_here(row, model_folder)


def test_variants_share_the_file(model_folder: Path) -> None:
    with serving(VALUES.tobytes()) as server:
        row = row_of(server.url, VALUES.tobytes())
        wide = row.variant("wide", "", width=3)
        fetch(wide)
    check_here(row, model_folder)
    assert wide.file == row.file and wide.identity != row.identity
    assert wide.read().header["config"]["width"] == 3


def test_weights_that_are_damaged_are_fetched_again(model_folder: Path) -> None:
    with serving(VALUES.tobytes()) as server:
        row = row_of(server.url, VALUES.tobytes())
        fetch(row)
        row.file.write_bytes(row.file.read_bytes()[:-4] + b"oops")
        with pytest.raises(ModelError, match="damaged"):
            row.load()
        fetch(row)
    check_here(row, model_folder)


def test_a_file_that_cannot_be_converted_is_not_taken(model_folder: Path) -> None:
    with serving(b"") as server, pytest.raises(ModelError, match="it is empty"):
        fetch(row_of(server.url, b""))
    assert not list(model_folder.glob("*.safetensors"))


def test_weights_of_another_model_are_not_taken(model_folder: Path) -> None:
    with serving(VALUES.tobytes()) as server:
        row = replace(row_of(server.url, VALUES.tobytes()), stems=("vocals", "drums", "bass"))
        with pytest.raises(ModelError, match="not for shares:one"):
            fetch(row)
    assert not list(model_folder.glob("*.safetensors"))


@pytest.mark.parametrize("told_by", ["argument", "environment", "file"])
def test_an_offline_folder_takes_the_place_of_the_network(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch, told_by: str
) -> None:
    row = row_of("http://127.0.0.1:9/files/shares.bin", VALUES.tobytes())
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "shares.bin").write_bytes(VALUES.tobytes())
    if told_by == "environment":
        monkeypatch.setenv("VIDSEP_OFFLINE_DIR", str(stick))
    fetch(row, {"argument": stick, "environment": None, "file": stick / "shares.bin"}[told_by])
    check_here(row, model_folder)
    assert files_below(stick) == {"shares.bin"}


def test_an_offline_folder_may_hold_what_was_converted_elsewhere(
    tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(VALUES.tobytes()) as server:
        row = row_of(server.url, VALUES.tobytes())
        fetch(row)
    monkeypatch.setenv("VIDSEP_MODEL_DIR", str(tmp_path / "other"))
    fetch(row, model_folder)
    check_here(row, tmp_path / "other")


def test_an_offline_folder_is_checked_like_the_network(tmp_path: Path, model_folder: Path) -> None:
    row = row_of("http://127.0.0.1:9/files/shares.bin", VALUES.tobytes())
    with pytest.raises(ModelError, match=r"holds no weights of shares:one; put shares\.bin"):
        fetch(row, tmp_path)
    (tmp_path / "shares.bin").write_bytes(b"1234")
    with pytest.raises(ModelError, match="not the published file"):
        fetch(row, tmp_path)
    assert (tmp_path / "shares.bin").read_bytes() == b"1234"
    assert not list(model_folder.glob("*"))


def test_what_came_with_a_package_cannot_be_fetched(tmp_path: Path) -> None:
    row = replace(row_of("", b""), origin=None, weights=tmp_path / "no.safetensors")
    with pytest.raises(ModelError, match="nowhere to fetch"):
        fetch(row)


def test_a_model_that_is_needed_and_not_here_says_how_to_get_it(model_folder: Path) -> None:
    row = row_of("http://127.0.0.1:9/x", b"")
    for use in (row.load, row.check_weights, row.check_here, lambda: row.identity):
        with pytest.raises(ModelError, match="vidsep models fetch shares:one"):
            use()
    assert not model_folder.exists()


def test_only_what_is_in_the_model_folder_is_removed(tmp_path: Path) -> None:
    with serving(VALUES.tobytes()) as server:
        row = row_of(server.url, VALUES.tobytes())
        fetch(row)
    n_bytes = row.file.stat().st_size
    assert store.remove(row.file) == n_bytes
    assert not row.is_here
    (tmp_path / "mine.safetensors").write_text("")
    with pytest.raises(ModelError, match="not in the model folder"):
        store.remove(tmp_path / "mine.safetensors")
