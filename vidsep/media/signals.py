"""Signals that come while a process is started.

Around a fork Python runs hooks of its library, and drops what a signal's handler raises in them: a Ctrl-C or a request
to end would be lost. So they wait until the process is there.
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

    def let_go() -> None:
        while before:
            signal.signal(*before.popitem())
        while came:
            signal.raise_signal(came.pop())

    for number in [number for number, handler in before.items() if not callable(handler)]:
        del before[number]  # ignored, or the system's: the system sees to it, and a child inherits it
    for number in before:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield let_go
    finally:
        let_go()
