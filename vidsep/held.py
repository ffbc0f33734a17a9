"""Files that belong to a living process: what a killed run left is told from what a run at work needs.

Whoever makes a file holds it. The system lets go of it when the process ends, however it ends; no clock and no process
number is asked, which may jump and be used again.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vidsep.signals import signals_held

NEW_SECONDS = 10.0  # its maker may be about to hold it
UNSURE_SECONDS = 24 * 3600.0  # where the system does not tell, nobody needs a file for so long without writing to it


class Hold:
    """Holds the file at ``path``, which is made if it is not there, until it is let go of. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        with suppress(OSError):  # a file system without locks
            _lock(self._file.fileno())

    def release(self) -> None:
        """Let go of it."""
        self._file.close()


@contextmanager
def mark(path: Path) -> Iterator[None]:
    """A file at ``path`` that is held and then removed. Raises OSError where none can be made."""
    with signals_held() as let_go:
        hold = Hold(path)
        try:
            let_go()
            yield
        finally:
            with signals_held(), suppress(OSError):
                hold.release()
                path.unlink(missing_ok=True)


def take_away(path: Path) -> bool:
    """Remove the file at ``path`` unless a living process holds it; whether it was removed."""
    try:
        age_seconds = abs(time.time() - path.stat().st_mtime)
        if age_seconds < NEW_SECONDS or _is_held(path, age_seconds):
            return False
        path.unlink()  # Windows removes no file that a process has open
    except OSError:
        return False
    return True


def _is_held(path: Path, age_seconds: float) -> bool:
    with path.open("rb+") as file:
        try:
            _lock(file.fileno())
        except BlockingIOError:
            return True
        except OSError:
            return age_seconds < UNSURE_SECONDS
    return False


def _lock(handle: int) -> None:
    """Lock an open file. Raises BlockingIOError if another process has done so. On Windows having it open suffices."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
