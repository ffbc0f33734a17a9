"""Ctrl-C and the request to end are noted, and heeded between two steps."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is unknown to Windows


class Stop:
    """Whether somebody has asked a run to end, and by which signal; a second request ends it at once."""

    signal_number: int | None = None

    def __bool__(self) -> bool:
        return self.signal_number is not None


@contextmanager
def heeding(tell: Callable[[str], None]) -> Iterator[Stop]:
    """A `Stop` that signals set as long as the context is open; outside of the main thread they go their usual way."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before: dict[int, object] = {}

    def note(number: int, _: FrameType | None) -> None:
        stop.signal_number = number
        _restore(before)
        tell("stopping after this step; the same command goes on from here later")

    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, note)
    try:
        yield stop
    finally:
        _restore(before)


def _restore(handlers: dict[int, object]) -> None:
    while handlers:
        number, handler = handlers.popitem()
        signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave back before
