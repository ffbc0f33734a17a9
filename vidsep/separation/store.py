"""The folder where models lie that do not travel with vidsep: fetched ones and imported ones, a file each."""

import os
import re
from pathlib import Path

import platformdirs

from vidsep.errors import ModelError, OutputError
from vidsep.separation.weights import SUFFIX

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def folder() -> Path:
    """``$VIDSEP_MODEL_DIR``, or ``models`` in the user's data folder."""
    chosen = os.environ.get("VIDSEP_MODEL_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("vidsep", appauthor=False)) / "models"


def path_of(name: str) -> Path:
    """The file of the model called ``name``, whether it is there or not.

    >>> path_of("spleeter:2stems").name
    'spleeter-2stems.safetensors'
    """
    return folder() / f"{name.replace(':', '-')}{SUFFIX}"


def names() -> list[str]:
    """The names of all files of models that are there; a colon of the table's names is a dash in them."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder().glob(f"*{SUFFIX}") if path.name[0] != ".")


def check_name(name: str) -> None:
    """Raise `ModelError` unless ``name`` can be that of a file on every system."""
    if not NAME.fullmatch(name) or name.endswith("."):
        raise ModelError(
            f"{name!r} cannot be the name of a model", "use letters, digits, dots, dashes and underscores, up to 64"
        )


def remove(path: Path) -> int:
    """Delete the file of a model; how many bytes that freed.

    Raises `ModelError` if it is not one of the folder's, `OutputError` if it cannot be deleted.
    """
    if folder() not in path.parents:
        raise ModelError(f"{path} is not in the model folder", "only fetched and imported models can be removed")
    try:
        n_bytes = path.stat().st_size
        path.unlink()
    except OSError as error:
        raise OutputError(f"cannot remove {path}: {error.strerror or error}", "is it in use or read-only?") from error
    return n_bytes
