"""A signal that comes while a process is started is not lost, and comes when it is there."""

import os
import signal
import threading

import pytest

from vidsep.signals import signals_held


def test_a_signal_waits_until_it_is_let_go() -> None:
    handler = signal.getsignal(signal.SIGINT)
    seen = []
    with pytest.raises(KeyboardInterrupt), signals_held() as let_go:
        signal.raise_signal(signal.SIGINT)
        seen.append("held")
        let_go()
        seen.append("let go")
    assert seen == ["held"]
    assert signal.getsignal(signal.SIGINT) is handler


def test_it_comes_at_the_end_at_the_latest() -> None:
    with pytest.raises(KeyboardInterrupt), signals_held():
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_what_a_hook_around_a_fork_would_drop_is_raised() -> None:
    """Python ignores what is raised in such a hook: the very fault that this is for."""
    once = [signal.SIGINT]

    def interrupt() -> None:
        if once:
            signal.raise_signal(once.pop())

    os.register_at_fork(before=interrupt)
    with pytest.raises(KeyboardInterrupt), signals_held() as let_go:
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        let_go()
    assert not once


def test_other_threads_hold_nothing() -> None:
    def hold() -> None:
        with signals_held():
            assert signal.getsignal(signal.SIGINT) is handler

    handler = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
