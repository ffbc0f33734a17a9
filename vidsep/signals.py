"""Signals that must wait: while a process is started, while something is made that must be tidied up, and while it is.

A Ctrl-C or a request to end is raised wherever the program is. Between making a file and the ``try`` that removes it,
it would leave the file; in the midst of removing, the rest. Around a fork it would be lost: Python drops what is raised
in the hooks that its library runs there.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def signals_held() -> Iterator[Callable[[], None]]:
    """Hold the signals that end a program until the function that is given is called, or the context is left.

    What came meanwhile is raised then. Only Python's own handlers, which run in the main thread, are held.
    """
    came: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in ENDING}
    for number in [number for number, handler in before.items() if not callable(handler)]:
        del before[number]  # ignored, or the system's: the system sees to it, and a child inherits it

    def let_go() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        before.clear()
        while came:
            signal.raise_signal(came.pop())

    try:
        for number in before:
            signal.signal(number, lambda number, _: came.append(number))
        yield let_go
    finally:
        let_go()
