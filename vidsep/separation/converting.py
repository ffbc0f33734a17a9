"""Published weights become vidsep's own kind of file, once: by their content, they are known the next time."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidsep.errors import ModelError
from vidsep.separation import store
from vidsep.separation.row import NetworkClass
from vidsep.separation.weights import SUFFIX, Weights, write_weights

CHUNK_BYTES = 1 << 20


def convert(source: Path, network: NetworkClass, about: Mapping[str, Any]) -> Weights:
    """The published weights ``source`` of a network of this class as ours.

    ``about`` goes into the header: licence, citation, where they are from. Raises `ModelError` if they cannot be read.
    """
    if network.convert is None:
        raise ModelError(f"a {network.name} has no published weights to convert", "name another model")
    weights = network.convert(source)
    promise = {name: weights.header["config"].get(name) for name in ("stems", "sample_rate")}
    return Weights(weights.arrays, {**about, **promise, **weights.header})


def converted(source: Path, network: NetworkClass) -> Path:
    """The file that ``source`` was converted to, now or before."""
    target = store.folder() / "converted" / f"{network.name}-{_content_sha256(source)[:32]}{SUFFIX}"
    if not target.is_file():
        write_weights(target, convert(source, network, {"name": source.name}))
    return target


def _content_sha256(source: Path) -> str:
    """A hash of the file, or of the files in the folder and their names."""
    digest = hashlib.sha256()
    files = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else [source]
    try:
        for path in files:
            digest.update(f"{path.name if source.is_dir() else ''}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    digest.update(chunk)
    except OSError as error:
        raise ModelError(f"the weights {source} cannot be read: {error.strerror or error}", "see the path") from error
    return digest.hexdigest()
