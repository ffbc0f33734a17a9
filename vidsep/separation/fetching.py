"""Brings the weights of a model here: found in an offline folder or downloaded, checked, unpacked, converted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from vidsep.errors import ModelError
from vidsep.separation import store
from vidsep.separation.archives import unpack
from vidsep.separation.converting import convert
from vidsep.separation.download import Arrived, check_hash, download, nobody, writable
from vidsep.separation.row import ModelRow, Origin
from vidsep.separation.weights import Weights, read_weights, write_weights
from vidsep.work import work_folder


def fetch(row: ModelRow, offline: Path | None = None, arrived: Arrived = nobody) -> Path:
    """The file with the weights of ``row``, fetched if they are not here or damaged.

    ``offline``, by default ``$VIDSEP_OFFLINE_DIR``, is a folder that holds the published file or a model file of ours
    (or is that file); then nothing is downloaded. Raises `ModelError` if the weights cannot be had or are not the
    published ones, `OutputError` if they cannot be written.
    """
    if row.is_here and _is_sound(row):
        return row.file
    if row.origin is None or row.weights is not None:
        raise ModelError(f"there is nowhere to fetch {row.name} from", "it came with the package or the file it is in")
    chosen = offline or (Path(os.environ["VIDSEP_OFFLINE_DIR"]) if os.environ.get("VIDSEP_OFFLINE_DIR") else None)
    if chosen is not None:
        _take(row, row.origin, chosen)
    else:
        with _alone(row.origin) as folder:
            if not (row.is_here and _is_sound(row)):
                downloaded = download(row.origin, folder, arrived)
                _keep(row, row.origin, downloaded)
                downloaded.unlink()
    row.check_weights()
    return row.file


@contextmanager
def _alone(origin: Origin) -> Iterator[Path]:
    """A folder for the download of this file; another process that wants it waits here until this one has it."""
    folder = store.folder() / f".{origin.sha256[:16]}"
    with writable(store.folder()):
        folder.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(folder.with_suffix(".lock"))
        held.acquire()
    try:
        yield folder
    finally:
        with suppress(OSError):  # it is not there, or there is something to go on with
            folder.rmdir()
        held.release()
        with suppress(OSError):  # on Windows, when another one has it now
            folder.with_suffix(".lock").unlink(missing_ok=True)


def _is_sound(row: ModelRow) -> bool:
    try:
        row.check_weights()
    except ModelError:
        return False
    return True


def _take(row: ModelRow, origin: Origin, offline: Path) -> None:
    """Get the weights from what lies at ``offline``."""
    candidates = [offline] if offline.is_file() else [offline / row.file.name, offline / origin.file_name]
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        raise ModelError(
            f"the offline folder {offline} holds no weights of {row.name}",
            f"put {origin.file_name} (from {origin.url}) or {row.file.name} there",
        )
    if path.suffix == row.file.suffix:
        _write(row, read_weights(path), path)
    else:
        check_hash(path, origin)
        _keep(row, origin, path)


def _keep(row: ModelRow, origin: Origin, published: Path) -> None:
    """Convert the published file to the place of the row's weights."""
    about = {
        "name": row.shares or row.name,
        "licence": row.licence,
        "citation": row.citation,
        "origin": {"url": origin.url, "sha256": origin.sha256},
    }
    if not published.name.endswith((".tar.gz", ".tgz", ".tar")):
        _write(row, convert(published, row.network, about), published)
        return
    with work_folder() as folder:
        unpack(published, folder)
        _write(row, convert(folder, row.network, about), published)


def _write(row: ModelRow, weights: Weights, source: Path) -> None:
    row.check_header(weights.header, source)
    write_weights(row.file, weights)
