"""The folder for work files of one run."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from vidsep.aside import none_left
from vidsep.errors import OutputError
from vidsep.held import mark, take_away
from vidsep.signals import signals_held

PREFIX = "vidsep-"
MARK = "held"  # the file in it that its run holds
ABANDONED_SECONDS = 24 * 3600.0  # a folder without one that nobody has written to for so long is a killed run's


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for work files that is gone at the end. Raises `OutputError` where none can be made.

    The folders of runs that were killed are removed on the way.
    """
    with ExitStack() as stack, signals_held() as let_go:
        try:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True))
            stack.enter_context(mark(Path(name) / MARK))
            stack.enter_context(none_left())  # over before the files that they read are removed: Windows insists
        except OSError as error:
            message = f"cannot make a work folder: {error.strerror or error}"
            raise OutputError(message, "set TMPDIR to a folder") from error
        try:
            let_go()
            _sweep(Path(name).parent)
            yield Path(name)
        finally:
            with signals_held():
                stack.close()


def _sweep(parent: Path) -> None:
    """Remove the work folders that killed runs left."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_dir() and not folder.is_symlink() and _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    if (folder / MARK).exists():
        return take_away(folder / MARK)
    newest = max(path.stat().st_mtime for path in (folder, *folder.glob("*")))
    return time.time() - newest > ABANDONED_SECONDS
