"""A started process ends with the one that started it, even when that one is killed."""

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def leash() -> Callable[[], None] | None:
    """What a new process calls on itself before it begins; None where the system knows no such thing.

    Only Linux does. Elsewhere ffmpeg notices that its pipes are closed, and ends once it has copied the picture.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.PyDLL(None).prctl  # looked up before the fork: nothing but the call is left to do after it

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return tie
