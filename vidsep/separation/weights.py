"""Weights as data: checked against their SHA-256, read without running anything that they contain."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vidsep.errors import ModelError

REINSTALL = "install vidsep again (pip install --force-reinstall vidsep)"


@dataclass(frozen=True)
class Weights:
    """Arrays by the path of the variable they fill, and the header that says what network they belong to."""

    arrays: Mapping[str, npt.NDArray[Any]]
    header: Mapping[str, Any]


def read_weights(path: Path, sha256: str) -> Weights:
    """The weights in the ``.npz`` file at ``path`` with the ``.json`` header that lies beside it.

    Raises `ModelError` if a file is missing or the weights are not those that ``sha256`` was taken of.
    """
    try:
        data = path.read_bytes()
        header = json.loads(read_header(path))
    except (OSError, ValueError) as error:
        raise ModelError(f"the weights {path} cannot be read: {error}", REINSTALL) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(f"the weights {path} are damaged or not the published ones: wrong SHA-256", REINSTALL)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return Weights(dict(arrays), header)
    except ValueError as error:
        raise ModelError(f"the weights {path} hold more than numbers: {error}", REINSTALL) from error


def read_header(path: Path) -> bytes:
    """The header of the weights at ``path``, as JSON. Raises `ModelError` if it cannot be read."""
    try:
        return path.with_suffix(".json").read_bytes()
    except OSError as error:
        raise ModelError(f"the header of the weights {path} cannot be read: {error}", REINSTALL) from error


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
