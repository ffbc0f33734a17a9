"""Folders of recordings to train on, to make test sets from, and to keep some of aside.

A corpus is a folder with a table ``MANIFEST.tsv`` (tab-separated, one line per file), or just a folder of sound files.
Columns of the table: ``file``, ``seconds``; one of ``speaker``, ``artist``, ``class`` or ``source``; and, where known,
``has_vocals``, ``repository``, ``licence`` (or ``license``) and ``attribution``. In a folder without a table each
sub-folder is a source, and so is each file that lies in no sub-folder.
"""

import csv
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidsep.audio import FloatArray
from vidsep.dsp.resample import resample, resampled_length
from vidsep.errors import DatasetError

logger = logging.getLogger(__name__)

MANIFEST = "MANIFEST.tsv"
SUFFIXES = (".aif", ".aiff", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav")  # what libsndfile reads
LOWEST_RATE_HZ = 8000  # below a telephone's rate there is nothing to learn from


@dataclass(frozen=True)
class Recording:
    """One file of a corpus.

    ``source`` is what is kept aside as a whole: a speaker, an artist, or of a class of effects all that comes from one
    collection. ``label`` is the speaker, artist or class itself.
    """

    path: Path
    source: str
    label: str
    seconds: float
    has_vocals: bool = False
    licence: str = ""
    attribution: str = ""


def read_corpus(folder: Path) -> list[Recording]:
    """The recordings of a corpus, by path. Files that are missing or are no sound are left out, with a warning.

    Raises `DatasetError` if there is no such folder, its table is malformed, or no recording is left.
    """
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}", "check the path of the corpus")
    found = _from_table(folder) if (folder / MANIFEST).exists() else _from_files(folder)
    if not found:
        raise DatasetError(
            f"the corpus {folder} holds no recording that can be read",
            f"put sound files ({' '.join(SUFFIXES)}) into it or mend its {MANIFEST}",
        )
    return sorted(found, key=lambda recording: recording.path)


def held_aside(
    recordings: Iterable[Recording], share: float = 0.1, seed: int = 0
) -> tuple[list[Recording], list[Recording]]:
    """``(kept, aside)``: about ``share`` of the sources, whole, and at least one are aside.

    Which ones depends on their names and on ``seed`` alone, not on order or on the machine. Raises `DatasetError` if
    there are fewer than two sources: what is tested on must not have been trained on.
    """
    recordings = list(recordings)
    sources = sorted({recording.source for recording in recordings}, key=lambda name: _rank(name, seed))
    if len(sources) < 2:
        raise DatasetError(
            f"a corpus needs two sources or more, one of them to keep aside; this has {len(sources)}",
            "put the files of each speaker, artist or class into a sub-folder of their own",
        )
    count = min(max(1, round(share * len(sources))), len(sources) - 1)
    aside = set(sources[:count])
    kept = [recording for recording in recordings if recording.source not in aside]
    return kept, [recording for recording in recordings if recording.source in aside]


def load(recording: Recording, sample_rate: int, n_channels: int) -> FloatArray:
    """The sound of a recording, ``(n_samples, n_channels)`` at ``sample_rate`` hertz; peaks may exceed 1.

    One channel is repeated, more than ``n_channels`` are averaged to one and repeated unless there are as many as
    asked for. Raises `DatasetError` if the file is missing, corrupt, empty, or of a rate below 8 kHz.
    """
    import soundfile

    try:
        samples, rate = soundfile.read(recording.path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise DatasetError(f"{recording.path} cannot be read: {error}", "leave it out of the corpus") from error
    if not len(samples) or not np.isfinite(samples).all():
        raise DatasetError(f"{recording.path} holds no sound or numbers that are none", "leave it out of the corpus")
    if rate < LOWEST_RATE_HZ:
        raise DatasetError(f"{recording.path} has a sample rate of only {rate} Hz", "leave it out of the corpus")
    if samples.shape[1] != n_channels:
        samples = np.repeat(samples.mean(axis=1, keepdims=True), n_channels, axis=1)
    length = resampled_length(len(samples), rate, sample_rate)
    return np.concatenate(list(resample([samples], n_channels, rate, sample_rate, length)))


def licences(recordings: Iterable[Recording]) -> list[str]:
    """The licences of the recordings, each once, as a model's card lists them."""
    return sorted({recording.licence or "unknown" for recording in recordings})


def _rank(source: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}/{source}".encode()).hexdigest()


def _from_table(folder: Path) -> list[Recording]:
    table = folder / MANIFEST
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{table} cannot be read: {error}", "write it as tab-separated UTF-8") from error
    recordings = [_from_row(folder, number, row) for number, row in enumerate(rows, start=2)]
    missing = [recording.path for recording in recordings if not recording.path.is_file()]
    _warn("are missing", missing, len(recordings), folder)
    return [recording for recording in recordings if recording.path not in set(missing)]


def _from_row(folder: Path, number: int, row: dict[str, Any]) -> Recording:
    def column(*names: str) -> str:
        return next((str(row[name]).strip() for name in names if row.get(name)), "")

    label, file = column("source", "speaker", "artist", "class"), column("file")
    try:
        seconds = float(column("seconds"))
    except ValueError:
        seconds = 0.0
    if not (label and file and seconds > 0):
        raise DatasetError(
            f"line {number} of {folder / MANIFEST} lacks a file, its seconds, or a speaker, artist, class or source",
            "name the columns in the first line and fill them in each other one",
        )
    source = f"{label}, {column('repository')}" if row.get("class") else label
    has_vocals = column("has_vocals").lower() in ("yes", "true", "1")
    licence = column("licence", "license")
    return Recording(folder / file, source, label, seconds, has_vocals, licence, column("attribution"))


def _from_files(folder: Path) -> list[Recording]:
    import soundfile

    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    recordings, broken = [], []
    for path in paths:
        try:
            seconds = float(soundfile.info(path).duration)
        except (OSError, RuntimeError):
            broken.append(path)
            continue
        label = path.relative_to(folder).parts[0]
        recordings.append(Recording(path, label, label, seconds))
    _warn("cannot be read", broken, len(paths), folder)
    return recordings


def _warn(fault: str, paths: Sequence[Path], n_all: int, folder: Path) -> None:
    if paths:
        logger.warning(
            "%d of the %d files in %s %s and are left out, %s first", len(paths), n_all, folder, fault, paths[0].name
        )
