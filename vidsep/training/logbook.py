"""What a run leaves for people to look at: two tables, TensorBoard's events, a picture of the curves.

TensorBoard's file is written where the package ``tensorboard`` is installed: ``pip install "vidsep[train]"``.
"""

import csv
import importlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidsep.audio import STEM_NAMES
from vidsep.errors import OutputError
from vidsep.outputs.lines import Curve, Panel, lines_png

logger = logging.getLogger(__name__)

TRAINING, VALIDATION = "training.csv", "validation.csv"
EVENTS = "tensorboard"  # a folder
PICTURE = "curves.png"


class Logbook:
    """Rows of numbers by step, in the run's folder; rows from after ``steps``, of a run that was killed, go."""

    def __init__(self, folder: Path, steps: int) -> None:
        self.folder = folder
        self._events = _event_writer(folder / EVENTS)
        for name in (TRAINING, VALIDATION):
            self.forget(name, steps)

    def forget(self, name: str, steps: int) -> None:
        """Leave out the rows of the table that are from after ``steps``."""
        rows = [row for row in read_rows(self.folder / name) if row["step"] <= steps]
        _write(self.folder / name, rows)

    def add(self, name: str, row: Mapping[str, float]) -> None:
        """A row for one of the tables, with its ``step``; new columns are filled in for the rows before."""
        path = self.folder / name
        try:
            with path.open(encoding="utf-8", newline="") as file:
                columns = next(csv.reader(file), [])
            if set(row) <= set(columns):
                with path.open("a", encoding="utf-8", newline="") as file:
                    csv.DictWriter(file, columns, restval="").writerow({key: f"{row[key]:.6g}" for key in row})
            else:
                _write(path, [*read_rows(path), dict(row)])
        except OSError as error:
            raise _unwritable(path, error) from error
        if self._events is not None:
            kind = name.removesuffix(".csv")
            for key, value in row.items():
                if key != "step":
                    _add_event(self._events, f"{kind}/{key}", value, int(row["step"]))

    def draw(self) -> None:
        """Draw the curves so far."""
        training, validation = (read_rows(self.folder / name) for name in (TRAINING, VALIDATION))
        if not training:
            return
        try:
            (self.folder / PICTURE).write_bytes(lines_png(_panels(training, validation), "step"))
        except OSError as error:
            raise _unwritable(self.folder / PICTURE, error) from error
        if self._events is not None:
            self._events.flush()

    def close(self) -> None:
        """Let go of TensorBoard's file."""
        if self._events is not None:
            self._events.close()


def read_rows(path: Path) -> list[dict[str, float]]:
    """The rows of a table, without the cells that are empty; none if there is no table. A row cut off is left out."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_numbers(cells) for cells in csv.DictReader(file)]
    return [row for row in rows if "step" in row]


def _numbers(cells: Mapping[str, str]) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in cells.items() if value}
    except (TypeError, ValueError):
        return {}


def _write(path: Path, rows: list[dict[str, float]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            if columns:
                writer.writeheader()
            writer.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in rows)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {path}: {error.strerror or error}", "free some space or choose another folder")


def _event_writer(folder: Path) -> Any:
    try:
        module = importlib.import_module("tensorboard.summary.writer.event_file_writer")
    except ImportError:
        logger.info('no TensorBoard log: pip install "vidsep[train]" brings it')
        return None
    return module.EventFileWriter(str(folder))


def _add_event(writer: Any, tag: str, value: float, step: int) -> None:
    import time

    events = importlib.import_module("tensorboard.compat.proto.event_pb2")
    summaries = importlib.import_module("tensorboard.compat.proto.summary_pb2")
    entry = summaries.Summary.Value(tag=tag, simple_value=value)
    writer.add_event(events.Event(wall_time=time.time(), step=step, summary=summaries.Summary(value=[entry])))


def _panels(training: list[dict[str, float]], validation: list[dict[str, float]]) -> list[Panel]:
    """Loss, gain of the stems and speed over steps."""
    gains = [Curve(stem, _points(validation, f"{stem}_gain_db"), dots=True) for stem in STEM_NAMES]
    losses = [Curve("training", _points(training, "loss")), Curve("kept aside", _points(validation, "loss"), dots=True)]
    pace = Curve("", _points(training, "audio_seconds_per_second"))
    return [
        Panel("loss", [curve for curve in losses if curve.points]),
        Panel("SI-SDR over the mixture, dB, of recordings kept aside", [curve for curve in gains if curve.points]),
        Panel("seconds of sound per second", [pace], height=120),
    ]


def _points(rows: list[dict[str, float]], name: str) -> list[tuple[float, float]]:
    return [(row["step"], row[name]) for row in rows if name in row]
