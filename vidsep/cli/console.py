"""What all commands share: output options, JSON, progress bars, errors in one line."""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from vidsep.errors import INTERRUPTED_EXIT_CODE, VidsepError
from vidsep.progress import Advance

# Names and titles come from files: what moves a terminal's cursor, colours its text or turns it round is shown and not
# sent. Line ends and tabs of our own tables pass.
UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Console:
    """How this run talks: ``quiet``, ``verbose`` or in ``json``."""

    quiet: bool
    verbose: bool
    json: bool

    def say(self, line: str) -> None:
        """A line for a person, on stdout; silent with -q and --json."""
        if not (self.quiet or self.json):
            click.echo(plain(line))

    def warn(self, line: str) -> None:
        """A warning for a person, on stderr whatever the mode but -q."""
        if not self.quiet:
            click.echo(plain(f"warning: {line}"), err=True)

    def result(self, document: Mapping[str, object]) -> None:
        """The one JSON object of a --json run; nothing otherwise."""
        if self.json:
            _show(document)

    @contextmanager
    def stage(self, name: str, total_seconds: float) -> Iterator[Advance]:
        """`vidsep.progress.Progress`: a bar with the time left, on stderr when that is a terminal."""
        from tqdm import tqdm

        hidden = self.quiet or not sys.stderr.isatty()
        total = round(max(0.0, total_seconds), 3)
        layout = "{desc:<12} {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s [{elapsed}<{remaining}]"
        with tqdm(total=total, desc=name, disable=hidden, bar_format=layout, leave=False) as bar:

            def advance(seconds: float) -> None:
                bar.update(min(seconds, total - bar.n))

            yield advance

    @contextmanager
    def transfer(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """A bar for bytes on their way: called with how many are there and how many there will be, 0 if unknown."""
        from tqdm import tqdm

        hidden = self.quiet or not sys.stderr.isatty()
        with tqdm(desc=name, unit="B", unit_scale=True, disable=hidden, leave=False) as bar:

            def arrived(n_bytes: int, total_bytes: int) -> None:
                bar.total = total_bytes or None
                bar.update(n_bytes - bar.n)

            yield arrived


def output_options(command: Command) -> Command:
    """Give a command ``-q``, ``-v`` and ``--json``, and a `Console` as its argument ``console``."""

    def wrapper(*args: Any, quiet: bool, verbose: bool, as_json: bool, **kwargs: Any) -> Any:
        ctx = click.get_current_context()
        ctx.find_root().obj = console = Console(quiet, verbose, as_json)
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
        level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.WARNING
        logging.getLogger("vidsep").setLevel(level)
        return command(*args, console=console, **kwargs)

    wrapper.__name__, wrapper.__doc__ = command.__name__, command.__doc__
    wrapper.__click_params__ = list(getattr(command, "__click_params__", []))  # type: ignore[attr-defined]
    options = [
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
        click.option("-v", "--verbose", is_flag=True, help="Tell every step; show the traceback of a fault."),
        click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object on stdout."),
    ]
    for option in reversed(options):
        wrapper = option(wrapper)
    return wrapper  # type: ignore[return-value]


def show_as_json(message: str, next_step: str, exit_code: int) -> None:
    """The one JSON object of a --json run that failed."""
    _show({"error": {"message": message, "next_step": next_step, "exit_code": exit_code}})


def _show(document: Mapping[str, object]) -> None:
    click.echo(plain(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)))


def plain(text: str) -> str:
    """``text`` with what a terminal would obey written as JSON and Python write it.

    >>> plain("a title" + chr(27) + "[2J")
    'a title\\\\u001b[2J'
    """
    return UNSHOWABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


class Failure(click.ClickException):
    """An error at the edge: one line on stderr, a JSON object on stdout in --json runs, an exit code."""

    def __init__(self, message: str, next_step: str, exit_code: int, cause: BaseException) -> None:
        super().__init__(f"{message}; {next_step}" if next_step else message)
        self.document = {"message": message, "next_step": next_step, "exit_code": exit_code}
        self.exit_code: int = exit_code  # type: ignore[misc]  # click reads it from the instance
        self.cause = cause
        context = click.get_current_context(silent=True)  # gone when the error is shown
        self.console = context.find_root().obj if context else None

    def show(self, file: Any = None) -> None:
        if isinstance(self.console, Console):
            if self.console.verbose:
                logging.getLogger(__name__).error("traceback", exc_info=self.cause)
            self.console.result({"error": self.document})
        click.echo(plain(f"vidsep: error: {self.message}"), err=True)


def as_click_error(error: BaseException) -> click.ClickException:
    """What the edge makes of an exception."""
    if isinstance(error, VidsepError):
        return Failure(error.message, error.next_step, error.exit_code, error)
    if isinstance(error, KeyboardInterrupt):
        return Failure(
            "interrupted", "nothing was left behind; run it again to start over", INTERRUPTED_EXIT_CODE, error
        )
    detail = " ".join(str(error).split())
    return Failure(
        f"unexpected fault: {type(error).__name__}: {detail}", "run it with -v and report what it shows", 1, error
    )
