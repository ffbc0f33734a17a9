"""A run's state in one file that appears when it is complete: killed at any time, the one before is still there."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from vidsep.errors import OutputError, TrainingError

FILE = "checkpoint.safetensors"
UNFINISHED = ".checkpoint.part"
METADATA_KEY = "vidsep-run"


@dataclass(frozen=True)
class Standing:
    """How far a run has come: ``steps`` done in ``minutes``.

    ``attempt`` counts the returns to a checkpoint: examples depend on it, so that a second try is another one.
    """

    steps: int = 0
    minutes: float = 0.0
    attempt: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """What a run goes on from: the values of all variables, and the description of the run that they belong to."""

    values: Sequence[npt.NDArray[Any]]
    standing: Standing
    description: Mapping[str, Any]


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Put the checkpoint into the folder in place of the one there. Raises `OutputError`; the old one then stays."""
    arrays = {f"{number:05d}": np.array(value, order="C") for number, value in enumerate(checkpoint.values)}
    header = {"standing": asdict(checkpoint.standing), "description": checkpoint.description}
    unfinished = folder / UNFINISHED
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(safetensors.numpy.save(arrays, {METADATA_KEY: json.dumps(header)}))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / FILE)
    except OSError as error:
        raise OutputError(
            f"cannot write a checkpoint into {folder}: {error.strerror or error}",
            "free some space and run it again: it goes on from the checkpoint before",
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def find(folder: Path) -> Checkpoint | None:
    """The checkpoint in the folder; None if there is none. Raises `TrainingError` if it is damaged."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            header = json.loads(file.metadata()[METADATA_KEY])
            values = [file.get_tensor(name) for name in sorted(file.keys())]
        return Checkpoint(values, Standing(**header["standing"]), header["description"])
    except (OSError, safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"the checkpoint {path} cannot be read: {error}", "remove it to start over, or choose another run.folder"
        ) from error
