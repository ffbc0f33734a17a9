"""Ctrl-C at a moment of one's choice."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def interrupted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[None]:
    """Press it once, when the function of that name has just done its work."""
    function, presses = getattr(owner, name), [signal.SIGINT]

    def then_press(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        if presses:
            signal.raise_signal(presses.pop())
        return result

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, then_press)
        yield
    assert not presses
