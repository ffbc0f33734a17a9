"""Weights as data: one safetensors file with a header of ours, checked, read without running anything in it.

The header says what network the arrays belong to: ``class`` and ``config`` build it, ``stems`` and ``sample_rate`` are
its promise, the rest (``licence``, ``citation``, ``training_data``, ``metrics``...) is for people. It travels as JSON
in the file's metadata, together with the hash of the arrays, so that a damaged file is noticed wherever it came from.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from vidsep.errors import ModelError, OutputError

REINSTALL = "install vidsep again (pip install --force-reinstall vidsep)"
FETCH_AGAIN = "fetch, export or copy it again"
FORMAT = 1  # of the header
SUFFIX = ".safetensors"
MODEL_FILE = f"model{SUFFIX}"  # its name in a folder that is a model
METADATA_KEY = "vidsep"
PREFIX_BYTES = 8  # the length of what follows, little-endian, as safetensors begins
MOST_HEADER_BYTES = 16 << 20  # a thousand arrays take 0.1 MB
MOST_FILE_BYTES = 4 << 30  # ten times the largest model there is a row for


@dataclass(frozen=True)
class Weights:
    """Arrays by the path of the variable they fill, and the header that says what network they belong to."""

    arrays: Mapping[str, npt.NDArray[Any]]
    header: Mapping[str, Any]


def write_weights(path: Path, weights: Weights) -> None:
    """Write a model's one file to ``path``, which appears when it is complete; what was there is replaced.

    The header needs ``class``, ``config``, ``sample_rate`` and ``stems``. The same weights give the same bytes.
    Raises `ModelError` if the header lacks something and `OutputError` if the file cannot be written.
    """
    arrays = {name: np.asarray(array, order="C") for name, array in weights.arrays.items()}
    bare = safetensors.numpy.save(arrays)
    header = {**weights.header, "format": FORMAT, "sha256": _sha256(memoryview(bare)[_header_end(bare) :])}
    check_header(header, path)
    try:
        text = json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the header of {path} holds what JSON does not know: {error}", "leave it out") from error
    _write(path, safetensors.numpy.save(arrays, {METADATA_KEY: text}))


def read_weights(path: Path, sha256: str | None = None) -> Weights:
    """The weights in the file at ``path``; ``sha256`` is what the whole file must hash to, where that is known.

    Raises `ModelError` if the file is missing, damaged, not a model of vidsep's or not the one that was meant.
    """
    try:
        _check_size(path)
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if sha256 is not None and _sha256(data) != sha256:
        raise ModelError(f"the weights {path} are damaged or not the published ones: wrong SHA-256", FETCH_AGAIN)
    header = _header_of(data[: _header_end(data)], path)
    try:
        arrays = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the weights {path} are damaged: {error}", FETCH_AGAIN) from error
    if _sha256(memoryview(data)[_header_end(data) :]) != header["sha256"]:
        raise ModelError(f"the weights {path} are damaged: wrong SHA-256 of the arrays", FETCH_AGAIN)
    return Weights(arrays, header)


def read_header(path: Path) -> dict[str, Any]:
    """The header of the weights at ``path``, without reading them. Raises `ModelError` if it cannot be read."""
    return _header_of(_header_block(path), path)


def fingerprint(path: Path) -> str:
    """SHA-256 of all that says what the weights at ``path`` are; the hash of the arrays is a part of that."""
    block = _header_block(path)
    _header_of(block, path)
    return _sha256(block)


def check_header(header: Mapping[str, Any], path: Path) -> None:
    """Raise `ModelError` unless ``header`` has the fields that vidsep reads, each of its type."""
    stems = header.get("stems")
    rate = header.get("sample_rate")
    right = {
        "class": isinstance(header.get("class"), str),
        "config": isinstance(header.get("config"), Mapping),
        "sample_rate": isinstance(rate, int) and 8000 <= rate <= 384000,
        "stems": isinstance(stems, list | tuple) and bool(stems) and all(_is_name(stem) for stem in stems),
        "sha256": isinstance(header.get("sha256"), str),
    }
    if header.get("format") != FORMAT:
        raise ModelError(
            f"the header of {path} is of format {header.get('format')!r}, this vidsep reads {FORMAT}",
            "install the vidsep that wrote it or a newer one",
        )
    if wrong := [name for name, is_right in right.items() if not is_right]:
        raise ModelError(f"the header of {path} has no usable {' and no '.join(wrong)}", FETCH_AGAIN)


def fill(network: Any, weights: Weights) -> None:
    """Put ``weights`` into the variables of a Keras model of the same names and shapes.

    Raises `ModelError` if a variable has no array, another shape, or an array has no variable.
    """
    variables = {variable.path.replace("/", "."): variable for variable in network.variables}
    if odd := variables.keys() ^ weights.arrays.keys():
        raise ModelError(f"the weights do not fit the network: {sorted(odd)[0]} is only in one of them", REINSTALL)
    for name, variable in variables.items():
        array = weights.arrays[name]
        if array.shape != tuple(variable.shape):
            raise ModelError(
                f"the weights do not fit the network: {name} has the shape {array.shape}, not {tuple(variable.shape)}",
                REINSTALL,
            )
        variable.assign(array.astype(np.float32))


def _header_block(path: Path) -> bytes:
    try:
        _check_size(path)
        with path.open("rb") as file:
            prefix = file.read(PREFIX_BYTES)
            return prefix + file.read(int.from_bytes(prefix, "little"))
    except OSError as error:
        raise _unreadable(path, error) from error


def _check_size(path: Path) -> None:
    """Refuse what cannot be a model before it fills the memory."""
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(PREFIX_BYTES), "little")
    if not 2 <= length <= min(n_bytes - PREFIX_BYTES, MOST_HEADER_BYTES) or n_bytes > MOST_FILE_BYTES:
        raise ModelError(f"{path} is not a model: no safetensors file, or cut off", "see `vidsep models list`")


def _header_of(block: bytes, path: Path) -> dict[str, Any]:
    try:
        metadata = json.loads(block[PREFIX_BYTES:])["__metadata__"]
        header = json.loads(metadata[METADATA_KEY])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(
            f"{path} is a safetensors file without vidsep's header", "export a model with `vidsep models export`"
        ) from error
    if not isinstance(header, dict):
        raise ModelError(f"the header of {path} is damaged", FETCH_AGAIN)
    check_header(header, path)
    return header


def _header_end(data: bytes) -> int:
    return PREFIX_BYTES + int.from_bytes(data[:PREFIX_BYTES], "little")


def _write(path: Path, data: bytes) -> None:
    unfinished = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise OutputError(
            f"cannot write the weights {path}: {error.strerror or error}", "choose another place or free some space"
        ) from error
    finally:
        with suppress(OSError):  # it is gone, or never was
            unfinished.unlink()


def _sha256(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_name(stem: object) -> bool:
    return isinstance(stem, str) and stem.isidentifier()


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError(f"the weights {path} cannot be read: {error.strerror or error}", FETCH_AGAIN)
