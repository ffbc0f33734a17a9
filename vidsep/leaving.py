"""The end of a process that waits for no thread: all is tidied up, and they work for nobody any more.

One that loads the network takes seconds, and Python must not be taken apart under one that runs it.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

_first: list[Callable[[], object]] = []


@contextmanager
def first(task: Callable[[], object]) -> Iterator[None]:
    """A context in which `leave` does ``task`` before the process ends."""
    _first.append(task)
    try:
        yield
    finally:
        _first.remove(task)


def leave(code: int) -> NoReturn:
    """End the process with this exit code, at once."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # nobody reads it, or it is closed, or there is none
            stream.flush()
    for task in _first[::-1]:  # a copy: another thread may take its own away
        with suppress(Exception):
            task()
    os._exit(code)
