"""The folder for work files of one run."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from vidsep.aside import none_left
from vidsep.errors import OutputError
from vidsep.held import Hold, take_away
from vidsep.signals import signals_held

PREFIX = "vidsep-"
MARK = ".vidsep-held"  # the file in it that its run holds
ABANDONED_SECONDS = 24 * 3600.0  # an empty folder that has stood for so long is of a run that was killed at once


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for work files that is gone at the end. Raises `OutputError` where none can be made.

    The folders of runs that were killed are removed on the way.
    """
    with ExitStack() as stack, signals_held() as let_go:
        try:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            stack.callback(_remove, folder)
            stack.callback(Hold(folder / MARK).release)
        except OSError as error:
            message = f"cannot make a work folder: {error.strerror or error}"
            raise OutputError(message, "set TMPDIR to a folder") from error
        stack.enter_context(none_left())  # over before the files that they read are removed: Windows insists
        try:
            let_go()
            _sweep(folder.parent)
            yield folder
        finally:
            with signals_held():
                stack.close()


def _remove(folder: Path) -> None:
    """Remove the folder, its mark last: one without a mark is empty, and one that cannot be emptied keeps it."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != MARK:
                with suppress(OSError):
                    path.unlink()
        if {path.name for path in folder.iterdir()} <= {MARK}:
            (folder / MARK).unlink(missing_ok=True)
            folder.rmdir()


def _sweep(parent: Path) -> None:
    """Remove the work folders that killed runs left; what others named so has no mark and stays."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink():
                continue
            if take_away(folder / MARK):
                _remove(folder)
            elif time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                folder.rmdir()  # which takes none that holds anything
