"""One file holds a model: what is written comes back bit for bit, and nothing that is not right is read."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import safetensors.numpy
from reading import files_below

from vidsep.errors import ModelError, OutputError
from vidsep.separation import weights as module
from vidsep.separation.weights import Weights, fingerprint, read_header, read_weights, write_weights

HEADER: dict[str, Any] = {
    "class": "band-mixer",
    "config": {"width": 3, "dilations": [1, 2]},
    "sample_rate": 44100,
    "stems": ["dialogue", "music", "effects"],
    "licence": "MIT",
    "training_data": ["speech: é 音"],
    "metrics": {"si_sdr_db": 7.25},
}
ARRAYS: dict[str, npt.NDArray[Any]] = {
    "one.kernel": np.arange(6, dtype=np.float16).reshape(2, 3),
    "one.bias": np.array([-0.0, np.inf, 1e-7], np.float32),
    "count": np.array(3, np.int64),
    "empty": np.zeros((0, 4), np.float32),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sound model file."""
    path = tmp_path / "model.safetensors"
    write_weights(path, Weights(ARRAYS, HEADER))
    return path


def test_what_is_written_comes_back(path: Path) -> None:
    made = read_weights(path)
    assert made.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (made.arrays[name].dtype, made.arrays[name].shape) == (array.dtype, array.shape)
        assert made.arrays[name].tobytes() == array.tobytes()
    assert HEADER.items() <= made.header.items()
    assert read_header(path) == made.header


def test_any_reader_of_safetensors_reads_it(path: Path) -> None:
    with safetensors.safe_open(path, framework="np") as file:
        assert set(file.keys()) == set(ARRAYS)
        assert json.loads(file.metadata()["vidsep"])["licence"] == "MIT"


def test_the_same_weights_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    shuffled = Weights(dict(reversed(ARRAYS.items())), dict(reversed(HEADER.items())))
    write_weights(tmp_path / "again.safetensors", shuffled)
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_arrays_that_lie_scattered_in_memory_are_written_as_they_look(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T[::2]
    write_weights(tmp_path / "x.safetensors", Weights({"a": array}, HEADER))
    np.testing.assert_array_equal(read_weights(tmp_path / "x.safetensors").arrays["a"], array)


def test_what_was_read_can_be_written_again(path: Path) -> None:
    before = path.read_bytes()
    write_weights(path, read_weights(path))
    assert path.read_bytes() == before


def test_the_hash_of_the_file_is_checked_where_it_is_known(path: Path) -> None:
    read_weights(path, hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(ModelError, match="not the published ones"):
        read_weights(path, "0" * 64)


def test_each_byte_counts(path: Path) -> None:
    """However a byte is changed, the weights are refused, or it was one of the header's that says nothing."""
    sound = path.read_bytes()
    start = 8 + int.from_bytes(sound[:8], "little")
    for place in range(start, len(sound)):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        with pytest.raises(ModelError, match="damaged"):
            read_weights(path)


def test_the_fingerprint_is_that_of_arrays_and_header(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    prints = {fingerprint(path)}
    for arrays, header in (
        (ARRAYS, {**HEADER, "config": {}}),
        ({**ARRAYS, "count": np.array(4, np.int64)}, HEADER),
        ({**ARRAYS, "empty": np.zeros((4, 0), np.float32)}, HEADER),
    ):
        write_weights(other, Weights(arrays, header))
        prints.add(fingerprint(other))
    assert len(prints) == 4


@pytest.mark.parametrize("n_bytes", [0, 1, 8, 9, 100, -40, -1])
def test_a_file_that_was_cut_off_is_refused(path: Path, n_bytes: int) -> None:
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises(ModelError):
        read_weights(path)


def raw(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


OURS = {"vidsep": json.dumps({**HEADER, "format": 1, "sha256": hashlib.sha256(b"").hexdigest()})}
HOSTILE = {
    "a header longer than the file": (1 << 62).to_bytes(8, "little") + b"{}",
    "a header longer than any": raw(b" " * (17 << 20) + b"{}"),
    "a header that is no JSON": raw(b"\x80\x04\x95pickle"),
    "a list for a header": raw([]),
    "no metadata": raw({}),
    "metadata that are no text": raw({"__metadata__": {"vidsep": {"class": "x"}}}),
    "metadata of another": raw({"__metadata__": {"format": "pt"}}),
    "a header within that is a list": raw({"__metadata__": {"vidsep": "[]"}}),
    "nesting without end": raw({"__metadata__": {"vidsep": "[" * 100_000}}),
    "nesting without end outside": raw(b"[" * 100_000),
    "arrays that are not there": raw(
        {"__metadata__": OURS, "a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}
    ),
    "a shape that overflows": raw(
        {"__metadata__": OURS, "a": {"dtype": "F32", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 0]}}
    ),
    "a shape that does not fit": raw(
        {"__metadata__": OURS, "a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 4]}}, b"1234"
    ),
    "a type that is not known": raw(
        {"__metadata__": OURS, "a": {"dtype": "OBJECT", "shape": [1], "data_offsets": [0, 4]}}, b"1234"
    ),
    "arrays that overlap": raw(
        {"__metadata__": OURS}
        | {name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for name in ("a", "b")}, b"1234"
    ),
    "more than the arrays": raw({"__metadata__": OURS}, b"hidden"),
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00cos\nsystem\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused(path: Path, kind: str) -> None:
    path.write_bytes(HOSTILE[kind])
    with pytest.raises(ModelError):
        read_weights(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class", None),
        ("class", 3),
        ("config", "x"),
        ("sample_rate", "44100"),
        ("sample_rate", 0),
        ("sample_rate", 44100.0),
        ("stems", []),
        ("stems", "music"),
        ("stems", ["../../music"]),
        ("stems", [3]),
    ],
)
def test_a_header_without_what_vidsep_reads_is_neither_written_nor_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    wrong = Weights(ARRAYS, {**HEADER, name: value})
    with pytest.raises(ModelError, match=f"no usable {name}"):
        write_weights(path, wrong)
    monkeypatch.setattr(module, "check_header", lambda *_: None)
    write_weights(path, wrong)
    monkeypatch.undo()
    with pytest.raises(ModelError, match=f"no usable {name}"):
        read_weights(path)


def test_a_file_of_a_later_vidsep_is_told_from_a_damaged_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORMAT", 2)
    write_weights(path, Weights(ARRAYS, HEADER))
    monkeypatch.undo()
    with pytest.raises(ModelError, match=r"of format 2.*newer"):
        read_weights(path)


def test_a_metric_that_json_does_not_know_is_an_error(path: Path) -> None:
    with pytest.raises(ModelError, match="JSON"):
        write_weights(path, Weights(ARRAYS, {**HEADER, "metrics": {"si_sdr_db": float("inf")}}))


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_what_is_not_there_is_an_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else tmp_path / "no.safetensors"
    for read in (read_weights, read_header, fingerprint):
        with pytest.raises(ModelError, match="cannot be read"):
            read(path)


def test_a_write_that_fails_leaves_what_was_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_weights(path, Weights({"a": np.zeros(3, np.float32)}, HEADER))
    assert path.read_bytes() == before
    assert files_below(path.parent) == {path.name}


def test_the_built_in_weights_are_those_that_were_trained() -> None:
    """Not a bit was changed when they were put into this file: the hash is of the arrays as they were before."""
    from vidsep.separation.registry import MODELS

    arrays = read_weights(MODELS["band-mixer"].file).arrays
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode() + arrays[name].tobytes())
    assert digest.hexdigest() == "9a1befde3f8a124f4c64e884ec741d354fbcb559888f9c69e7be2f48b4d79ef7"
