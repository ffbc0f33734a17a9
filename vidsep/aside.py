"""Work in threads: one that hands its results over in order, and jobs that are done at the same time.

Python raises Ctrl-C, and whatever else a signal's handler raises, in the main thread and there alone. PyAV swallows
what is raised while it reads from a Python object: the sound would just end. So it reads aside.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from itertools import islice
from queue import Empty, Full, Queue
from typing import TypeAlias, TypeVar

Item = TypeVar("Item")
Parcel: TypeAlias = "list[Item] | BaseException | None"  # None is the end

PARCEL_ITEMS = 64
PARCELS_AHEAD = 4
LOOK_SECONDS = 0.1  # how soon each side notices that the other one is gone
PATIENCE_SECONDS = 2.0  # a thread that reads a file is done with it by then; one that runs a network holds none

_begun: ContextVar["list[tuple[threading.Thread, threading.Event]]"] = ContextVar("_begun")


def aside(
    items: Iterable[Item], parcel_items: int = PARCEL_ITEMS, parcels_ahead: int = PARCELS_AHEAD
) -> Iterator[Item]:
    """``items``, which are made in another thread, a little ahead. What they raise is raised here.

    They are handed over ``parcel_items`` at a time, so that the threads seldom wait for each other. Raises RuntimeError
    when they are asked for after the end of the `none_left` that they began in.
    """
    parcels: Queue[Parcel[Item]] = Queue(parcels_ahead)
    left = threading.Event()
    work = (_work, items, parcel_items, parcels, left)
    thread = threading.Thread(target=copy_context().run, args=work, daemon=True)  # what begins in there counts, too
    _begun.get([]).append((thread, left))
    thread.start()
    try:
        while (parcel := _next(parcels, left)) is not None:
            if isinstance(parcel, BaseException):
                raise parcel
            yield from parcel
    finally:
        left.set()


@contextmanager
def none_left() -> Iterator[None]:
    """A context at whose end the threads that `aside` began in it are over, and the files that they read are closed.

    An iterator that nobody takes more from ends with its last reference; the traceback of an error may hold that one.
    """
    begun: list[tuple[threading.Thread, threading.Event]] = []
    token = _begun.set(begun)
    try:
        yield
    finally:
        _begun.reset(token)
        for _, left in begun:
            left.set()
        while begun:
            thread, left = begun.pop()
            left.set()  # it may have begun just now, in a thread that had not noticed yet
            if thread.is_alive():
                thread.join(PATIENCE_SECONDS)


def together(*jobs: Callable[[], object]) -> None:
    """Do ``jobs`` at the same time and wait for all; numpy and scipy leave the other cores to others while they work.

    What one of them raises is raised here; of several, what the first one of them raises.
    """
    with ThreadPoolExecutor(max(1, len(jobs) - 1)) as pool:
        others = [pool.submit(job) for job in jobs[1:]]
        for job in jobs[:1]:
            job()
        for other in others:
            other.result()


def _next(parcels: "Queue[Parcel[Item]]", left: threading.Event) -> "Parcel[Item]":
    while not left.is_set():
        with suppress(Empty):
            return parcels.get(timeout=LOOK_SECONDS)  # without a limit, Windows would not let Ctrl-C through
    raise RuntimeError("asked for after the end of what it began in")


def _work(items: Iterable[Item], parcel_items: int, parcels: "Queue[Parcel[Item]]", left: threading.Event) -> None:
    try:
        source = iter(items)
        while (parcel := list(islice(source, parcel_items))) and not left.is_set():
            _put(parcels, parcel, left)
        _put(parcels, None, left)
    except BaseException as error:
        _put(parcels, error, left)


def _put(parcels: "Queue[Parcel[Item]]", parcel: "Parcel[Item]", left: threading.Event) -> None:
    while not left.is_set():
        with suppress(Full):
            parcels.put(parcel, timeout=LOOK_SECONDS)
            return
