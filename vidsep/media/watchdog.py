"""A guard against waiting for ever: acts when nothing has moved for too long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

LOOK_SECONDS = 0.25


class Watchdog:
    """Calls ``act`` once when somebody has been `waiting` for ``limit_seconds`` and there was no sign of life.

    Signs of life are calls of `alive` and any growth of the file ``growing``. Time spent outside `waiting` does not
    count: then the other side waits for us. Use it as a context manager.
    """

    def __init__(self, limit_seconds: float, act: Callable[[], None], growing: Path | None = None) -> None:
        self.limit_seconds = limit_seconds
        self.barked = False
        self._act = act
        self._growing = growing
        self._waiting = False
        self._last_sign = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watchdog":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def alive(self) -> None:
        """There is a sign of life."""
        self._last_sign = time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The time in here counts."""
        self.alive()
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    def _watch(self) -> None:
        last_look = self._look()
        while not self._over.wait(LOOK_SECONDS):
            look = self._look()
            if look != last_look:
                last_look = look
                self.alive()
            if self._waiting and time.monotonic() - self._last_sign > self.limit_seconds:
                self.barked = True
                self._act()
                return

    def _look(self) -> tuple[int, int]:
        if self._growing is None:
            return 0, 0
        try:
            found = self._growing.stat()
        except OSError:
            return 0, 0
        return found.st_size, found.st_mtime_ns
