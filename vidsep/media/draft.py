"""A file that gets its name only when it is whole."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vidsep.errors import OutputError
from vidsep.held import Hold, take_away
from vidsep.signals import signals_held

MARK = ".vidsep-part"  # what names the files of runs that were killed
LONGEST_NAME_BYTES = 200  # most file systems take 255; ffmpeg needs the suffix


class Draft:
    """A file being written beside its final place; `commit` moves it there."""

    def __init__(self, path: Path, output: Path, overwrite: bool, hold: Hold) -> None:
        self.path = path
        self.output = output
        self._overwrite = overwrite
        self._hold = hold

    def write(self, content: bytes) -> None:
        """Make this all that the file holds. Raises `OutputError`."""
        try:
            self.path.write_bytes(content)
        except OSError as error:
            raise _failed(self.output, error) from error

    def commit(self) -> Path:
        """Make sure that the bytes are on the disk and give the file its name. Raises `OutputError`."""
        try:
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
            self._hold.release()
            if self._overwrite:
                self.path.replace(self.output)
            else:
                _rename(self.path, self.output)
            _sync_folder(self.output.parent)
        except FileExistsError as error:
            raise _exists(self.output) from error
        except OSError as error:
            raise _failed(self.output, error) from error
        return self.output


@contextmanager
def draft(output: Path, source: Path | None = None, overwrite: bool = False) -> Iterator[Draft]:
    """A `Draft` of ``output``; its file is gone at the end of the context unless it was committed.

    Raises `OutputError` when ``output`` is the file ``source`` that it is made of, exists although ``overwrite`` is
    False, or cannot be written.
    """
    output = output.absolute()
    _refuse(output, source, overwrite)
    path = output.parent / f".{_short(output.stem)}.{secrets.token_hex(4)}{MARK}{output.suffix}"
    with signals_held() as let_go:
        try:
            path.open("xb").close()
            hold = Hold(path)
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            raise _failed(output, error) from error
        try:
            let_go()
            for left in output.parent.glob(f".*{MARK}*"):
                take_away(left)
            yield Draft(path, output, overwrite, hold)
        finally:
            with signals_held(), suppress(OSError):
                hold.release()
                path.unlink(missing_ok=True)


def _refuse(output: Path, source: Path | None, overwrite: bool) -> None:
    try:
        if source is not None and output.exists() and output.samefile(source):
            raise OutputError(f"{output} is the input, which is never written to", "choose another name")
        if output.is_dir():
            raise OutputError(f"{output} is a folder", "name a file in it")
        if output.exists() and not output.is_file():
            raise OutputError(f"{output} is no regular file", "choose another name")
        if output.exists() and not overwrite:
            raise _exists(output)
        if not output.parent.is_dir():
            raise OutputError(f"the folder {output.parent} does not exist", "create it first")
    except (OSError, ValueError) as error:
        raise _failed(output, error) from error


def _exists(output: Path) -> OutputError:
    return OutputError(f"{output} exists", "choose another name or allow overwriting")


def _failed(output: Path, error: OSError | ValueError) -> OutputError:
    reason = getattr(error, "strerror", None) or str(error)
    return OutputError(f"cannot write {str(output)[-200:]}: {reason}", "choose another folder or name")


def _short(stem: str) -> str:
    return stem.encode("utf-8", "surrogateescape")[:LONGEST_NAME_BYTES].decode("utf-8", "ignore")


def _rename(path: Path, name: Path) -> None:
    """Give the file a name that no file has, even if two runs want it at once. Raises FileExistsError."""
    if os.name == "nt":
        path.rename(name)
        return
    try:
        name.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError as error:  # a file system without links
        if name.exists():
            raise FileExistsError from error
        path.replace(name)
    else:
        path.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere folders cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
