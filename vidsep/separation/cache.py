"""Stems kept by content: a soundtrack is separated once, however often it is remixed, renamed or moved.

Each entry is a folder (`vidsep.separation.entry`) whose name holds the hash of the decoded sound and that of the
network's weights. It is written beside its place and renamed when it is complete, so there is never half an entry;
when all entries together are too large, those used longest ago go.
"""

import os
import shutil
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import soundfile

from vidsep.audio import Audio, Stems, StemSource
from vidsep.errors import OutputError, PresetError
from vidsep.held import mark, take_away
from vidsep.separation.assembly import ENOUGH
from vidsep.separation.entry import HEADER, length_seconds, open_entry, write_entry
from vidsep.signals import signals_held

FORMAT = 3  # of the entries, and of how stems are cleared; part of their keys
DEFAULT_LIMIT_GB = 20.0
GIGABYTE = 10**9
LENGTHS_DIFFER_SECONDS = 1.0  # what a file says of its length and what its sound lasts
UNFINISHED = ".part-"
HELD = ".held"  # the suffix of the file beside an unfinished entry that its maker holds
ABANDONED_SECONDS = 24 * 3600.0  # an unfinished entry without one that nobody has written to for so long is nobody's


@dataclass(frozen=True)
class CacheInfo:
    """What the cache holds."""

    folder: Path
    n_entries: int
    n_bytes: int
    limit_bytes: int


def stem_key(sound_sha256: str, model_identity: str) -> str:
    """The name of an entry: of the sound with this hash, separated by this model (`ModelRow.identity`)."""
    return f"v{FORMAT}-{model_identity}-{sound_sha256}"


class StemCache:
    """The entries in ``folder``, by default ``$VIDSEP_CACHE_DIR`` or the user's cache folder.

    ``limit_bytes`` bounds their size, by default ``$VIDSEP_CACHE_LIMIT_GB`` or 20 GB. Processes may share a folder.
    """

    def __init__(self, folder: Path | None = None, limit_bytes: int | None = None) -> None:
        self.folder = folder if folder is not None else _default_folder()
        self.limit_bytes = limit_bytes if limit_bytes is not None else _default_limit()

    def get(self, key: str, mix: Audio) -> StemSource | None:
        """The stems of ``mix`` kept under ``key`` (see `stem_key`), or None. A damaged entry is removed."""
        entry = self.folder / key
        stems = open_entry(entry, mix)
        if stems is None:
            self._remove(entry)
            return None
        with suppress(OSError):
            os.utime(entry / HEADER)  # used just now
        return stems

    def may_have(self, model_identity: str, seconds: float) -> bool:
        """Whether the model's stems of a sound of about this length are here, so that the network may not be needed."""
        entries = (entry for entry in self._entries() if f"-{model_identity}-" in entry.name)
        return any(abs(length_seconds(entry) - seconds) < LENGTHS_DIFFER_SECONDS for entry in entries)

    def put(self, key: str, mix: Audio, stems: Iterable[Stems], kept: Sequence[str] = ENOUGH) -> StemSource:
        """Keep ``stems``, blocks that are together all of ``mix``, and give them back as they were kept.

        ``kept`` are those that the others follow from (see `vidsep.separation.assembly`).

        Raises `OutputError` if they cannot be written; nothing is left of them then, nor when ``stems`` raises.
        """
        self._sweep()
        unfinished = self.folder / f"{UNFINISHED}{os.getpid()}-{uuid.uuid4().hex}"
        try:
            unfinished.mkdir(parents=True)
            with mark(self.folder / f"{unfinished.name}{HELD}"):
                write_entry(unfinished, mix, stems, kept)
                published = self._publish(unfinished, key, mix)
        except (OSError, soundfile.SoundFileError) as error:
            raise OutputError(
                f"cannot keep the stems in {self.folder}: {error}",
                "free some space, set VIDSEP_CACHE_DIR to a folder on a larger disk, or use --no-cache",
            ) from error
        finally:
            with signals_held():
                shutil.rmtree(unfinished, ignore_errors=True)
        self._make_room(key)
        return published

    def info(self) -> CacheInfo:
        """Where the cache is and how full."""
        sizes = [_size(entry) for entry in self._entries()]
        return CacheInfo(self.folder, len(sizes), sum(sizes), self.limit_bytes)

    def clear(self) -> int:
        """Remove all entries; how many bytes that freed."""
        freed = 0
        for entry in self._entries():
            n_bytes = _size(entry)
            self._remove(entry)
            freed += n_bytes - _size(entry)
        self._sweep()
        return freed

    def _publish(self, unfinished: Path, key: str, mix: Audio) -> StemSource:
        """Give the finished entry its name, unless another process was faster: then theirs is as good."""
        entry = self.folder / key
        for _ in range(2):
            with suppress(OSError):  # a folder of that name is there
                unfinished.rename(entry)
            stems = self.get(key, mix)  # removes it if it is damaged
            if stems is not None:
                return stems
        raise OSError(f"{entry} can neither be read nor replaced")

    def _entries(self) -> list[Path]:
        """The complete entries, the one used longest ago first."""
        return [header.parent for header in sorted(self.folder.glob(f"v*/{HEADER}"), key=_changed_at)]

    def _make_room(self, newest: str) -> None:
        """Remove old entries until the rest fits the limit; the newest stays, its maker is about to read it."""
        sizes = {entry: _size(entry) for entry in self._entries()}
        too_much = sum(sizes.values()) - self.limit_bytes
        for entry, n_bytes in sizes.items():
            if too_much > 0 and entry.name != newest:
                self._remove(entry)
                too_much -= n_bytes

    def _remove(self, entry: Path) -> None:
        """Take an entry away at once, then delete it; one that is being read stays where the system insists on it."""
        doomed = self.folder / f"{UNFINISHED}{uuid.uuid4().hex}"
        with signals_held(), suppress(OSError):
            entry.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)

    def _sweep(self) -> None:
        """Delete what killed processes left unfinished."""
        for held in self.folder.glob(f"{UNFINISHED}*{HELD}"):
            if take_away(held):
                shutil.rmtree(held.with_suffix(""), ignore_errors=True)
        for folder in self.folder.glob(f"{UNFINISHED}*"):
            if folder.suffix == HELD or folder.with_name(f"{folder.name}{HELD}").exists():
                continue
            newest = max([_changed_at(folder), *map(_changed_at, folder.glob("*"))])
            if time.time() - newest > ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone since it was listed
        return 0.0


def _size(entry: Path) -> int:
    total = 0
    for file in entry.glob("*"):
        with suppress(OSError):
            total += file.stat().st_size
    return total


def _default_folder() -> Path:
    folder = os.environ.get("VIDSEP_CACHE_DIR")
    return Path(folder) if folder else Path(platformdirs.user_cache_dir("vidsep", appauthor=False)) / "stems"


def _default_limit() -> int:
    text = os.environ.get("VIDSEP_CACHE_LIMIT_GB") or str(DEFAULT_LIMIT_GB)
    try:
        limit_gb = float(text)
    except ValueError:
        limit_gb = -1.0
    if not limit_gb >= 0 or limit_gb == float("inf"):
        raise PresetError(f"VIDSEP_CACHE_LIMIT_GB is {text!r}", "give it a number of gigabytes, such as 20")
    return round(limit_gb * GIGABYTE)
