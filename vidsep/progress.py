"""How long work tells how far it has come; the command line draws bars, the library is silent."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeAlias

Advance: TypeAlias = Callable[[float], None]
"""Called with the seconds of sound done since the last call."""


def ignore(seconds: float) -> None:
    """An `Advance` for callers who do not look."""


class Progress(Protocol):
    """Opens one stage after the other."""

    def stage(self, name: str, total_seconds: float) -> AbstractContextManager[Advance]:
        """A stage called ``name`` of ``total_seconds`` of sound, open until the context ends."""
        ...


class Silent:
    """A `Progress` that shows nothing."""

    @contextmanager
    def stage(self, name: str, total_seconds: float) -> Iterator[Advance]:
        yield ignore
