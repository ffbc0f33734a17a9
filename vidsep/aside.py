"""Work in threads: one that hands its results over in order, and jobs that are done at the same time.

Python raises Ctrl-C, and whatever else a signal's handler raises, in the main thread and there alone. PyAV swallows
what is raised while it reads from a Python object: the sound would just end. So it reads aside.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from queue import Empty, Full, Queue
from typing import TypeAlias, TypeVar

Item = TypeVar("Item")
Parcel: TypeAlias = "list[Item] | BaseException | None"  # None is the end

PARCEL_ITEMS = 64
PARCELS_AHEAD = 4
LOOK_SECONDS = 0.1  # how soon each side notices that the other one is gone


def aside(
    items: Iterable[Item], parcel_items: int = PARCEL_ITEMS, parcels_ahead: int = PARCELS_AHEAD
) -> Iterator[Item]:
    """``items``, which are made in another thread, a little ahead. What they raise is raised here.

    They are handed over ``parcel_items`` at a time, so that the threads seldom wait for each other.
    """
    parcels: Queue[Parcel[Item]] = Queue(parcels_ahead)
    left = threading.Event()
    threading.Thread(target=_work, args=(items, parcel_items, parcels, left), daemon=True).start()
    try:
        while (parcel := _next(parcels)) is not None:
            if isinstance(parcel, BaseException):
                raise parcel
            yield from parcel
    finally:
        left.set()


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


def _next(parcels: "Queue[Parcel[Item]]") -> "Parcel[Item]":
    while True:
        with suppress(Empty):
            return parcels.get(timeout=LOOK_SECONDS)  # without a limit, Windows would not let Ctrl-C through


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
