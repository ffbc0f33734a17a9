"""An evaluation as files: ``scores.json``, ``scores.md``, ``scores.csv`` with a line a clip, ``scores.png``."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from vidsep.errors import OutputError

FILES = ("scores.json", "scores.md", "scores.csv", "scores.png")


class Result(Protocol):
    """What can be written and shown."""

    def lines(self) -> Iterator[str]:
        """Tables for a person, in Markdown."""
        ...

    def as_dict(self) -> dict[str, object]:
        """The summary for JSON."""
        ...

    def records(self) -> Sequence[Mapping[str, object]]:
        """Each single score, all with the same columns."""
        ...

    def picture(self) -> bytes | None:
        """A PNG, where there is something to draw."""
        ...


def check_output(folder: Path, *, overwrite: bool = False) -> None:
    """Raise `OutputError` where scores cannot be written; worth a call before hours of work."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is no folder", "choose another name")
    there = [name for name in FILES if (folder / name).exists()]
    if there and not overwrite:
        raise OutputError(f"{folder / there[0]} exists", "choose another folder or use --overwrite")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_output(folder: Path, result: Result) -> None:
    """Write the files of `FILES` into ``folder``, replacing those that exist. Raises `OutputError` if that fails."""
    document = json.dumps(result.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    contents = {
        "scores.json": document.encode(),
        "scores.md": "".join(f"{line}\n" for line in result.lines()).encode(),
        "scores.csv": _csv(result.records()),
        "scores.png": result.picture(),
    }
    try:
        for name, content in contents.items():
            if content is not None:
                (folder / name).write_bytes(content)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _csv(records: Sequence[Mapping[str, object]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(records[0]))
    writer.writeheader()
    for record in records:
        writer.writerow({key: f"{value:.4f}" if isinstance(value, float) else value for key, value in record.items()})
    return file.getvalue().encode()


def _unwritable(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"the scores cannot be written to {folder}: {error.strerror or error}", "choose another folder")
