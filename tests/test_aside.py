"""Work aside: everything in order, errors where they are awaited, and no thread that outlives its use."""

import threading
import time
from collections.abc import Iterable, Iterator
from itertools import count

import pytest

from vidsep.aside import PARCEL_ITEMS, PARCELS_AHEAD, aside, none_left, together


@pytest.mark.parametrize("n_items", [0, 1, PARCEL_ITEMS, 10 * PARCEL_ITEMS + 1])
def test_everything_comes_in_order(n_items: int) -> None:
    assert list(aside(range(n_items))) == list(range(n_items))


def test_it_is_made_in_another_thread_which_is_gone_at_the_end() -> None:
    makers = list(aside(threading.current_thread() for _ in range(3)))
    assert threading.main_thread() not in makers
    makers[0].join(timeout=5)
    assert not makers[0].is_alive()


def test_what_is_raised_there_is_raised_here() -> None:
    def broken() -> Iterator[int]:
        yield from range(PARCEL_ITEMS)
        raise KeyError("there")

    listening = aside(broken())
    assert [next(listening) for _ in range(PARCEL_ITEMS)] == list(range(PARCEL_ITEMS))
    with pytest.raises(KeyError, match="there"):
        next(listening)


def test_it_stays_only_a_little_ahead_and_stops_when_nobody_listens_any_more() -> None:
    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(threading.current_thread())
            yield len(made)

    listening = aside(endless())
    assert next(listening) == 1
    time.sleep(0.05)
    assert len(made) <= (PARCELS_AHEAD + 3) * PARCEL_ITEMS
    del listening
    made[0].join(timeout=5)
    assert not made[0].is_alive()


def test_none_is_left_though_somebody_still_holds_what_they_make() -> None:
    makers = set()

    def noted(items: Iterable[int]) -> Iterator[int]:
        for item in items:
            makers.add(threading.current_thread())
            yield item

    with pytest.raises(KeyError), none_left():
        listening = aside(noted(aside(noted(count()), 1)), 1)  # one thread listens to the other
        assert next(listening) == 0
        raise KeyError
    assert len(makers) == 2
    assert not any(maker.is_alive() for maker in makers)
    with pytest.raises(RuntimeError, match="after the end"):
        list(listening)


def test_what_began_before_goes_on() -> None:
    listening = aside(range(3), parcel_items=1, parcels_ahead=1)
    assert next(listening) == 0
    with none_left():
        assert next(listening) == 1
    assert next(listening) == 2


def test_jobs_together_are_done_at_the_same_time() -> None:
    barrier = threading.Barrier(3)  # passed by nobody unless all three are there
    together(*[lambda: barrier.wait(timeout=5)] * 3)


def test_together_all_jobs_are_over_at_the_end() -> None:
    done: list[int] = []

    def slow() -> None:
        time.sleep(0.05)
        done.append(1)

    together(slow, slow)
    assert done == [1, 1]
    together()


@pytest.mark.parametrize("place", [0, 1])
def test_what_a_job_raises_is_raised_when_the_others_are_over(place: int) -> None:
    done: list[int] = []

    def slow() -> None:
        time.sleep(0.05)
        done.append(1)

    def broken() -> None:
        raise KeyError("here")

    jobs = [slow, slow]
    jobs.insert(place, broken)
    with pytest.raises(KeyError, match="here"):
        together(*jobs)
    assert done == [1, 1]
