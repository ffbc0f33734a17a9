"""The folder for work files of one run."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vidsep.errors import OutputError

PREFIX = "vidsep-"
ABANDONED_SECONDS = 24 * 3600.0  # a folder that nobody has written to for so long is a killed run's


@contextmanager
def work_folder() -> Iterator[Path]:
    """A folder for work files that is gone at the end. Raises `OutputError` where none can be made."""
    try:
        folder = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
    except OSError as error:
        raise OutputError(f"cannot make a work folder: {error.strerror or error}", "set TMPDIR to a folder") from error
    with folder as name:
        _sweep(Path(name).parent)
        yield Path(name)


def _sweep(parent: Path) -> None:
    """Remove the work folders that killed runs left."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            newest = max(path.stat().st_mtime for path in (folder, *folder.glob("*")))
            if folder.is_dir() and not folder.is_symlink() and time.time() - newest > ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
