"""The edge: one line for every error, the documented exit code, one JSON object, help at once."""

import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import vidsep.media.probe
from vidsep import errors
from vidsep.cli import COMMANDS, EPILOG, cli
from vidsep.cli.console import Console
from vidsep.errors import VidsepError

HEAVY = ("numpy", "scipy", "tensorflow", "keras", "av", "soundfile", "moviepy", "PIL", "tqdm")


def every_error() -> list[type[VidsepError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, VidsepError)]


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def probe(_: Path) -> None:
        raise error

    monkeypatch.setattr(vidsep.media.probe, "probe", probe)


@pytest.mark.parametrize("kind", every_error())
def test_an_error_is_one_line_and_its_exit_code(monkeypatch: pytest.MonkeyPatch, kind: type[VidsepError]) -> None:
    fail_with(monkeypatch, kind("it is\nbroken", "mend it"))
    result = CliRunner().invoke(cli, ["probe", "x.mp4"])
    assert (result.exit_code, result.stdout) == (kind.exit_code, "")
    assert result.stderr == "vidsep: error: it is broken; mend it\n"


@pytest.mark.parametrize("kind", every_error())
def test_every_exit_code_is_documented_in_the_help(kind: type[VidsepError]) -> None:
    assert f"\n  {kind.exit_code} " in EPILOG


def test_json_runs_print_one_object_when_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, errors.MediaError("it is broken", "mend it"))
    result = CliRunner().invoke(cli, ["probe", "--json", "x.mp4"])
    assert json.loads(result.stdout) == {"error": {"message": "it is broken", "next_step": "mend it", "exit_code": 3}}


def test_ctrl_c_is_exit_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, KeyboardInterrupt())
    assert CliRunner().invoke(cli, ["probe", "x.mp4"]).exit_code == errors.INTERRUPTED_EXIT_CODE


def test_an_unexpected_fault_shows_its_traceback_only_with_v(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ZeroDivisionError("oops"))
    result = CliRunner().invoke(cli, ["probe", "x.mp4"])
    assert result.exit_code == 1
    assert "ZeroDivisionError: oops" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [["--nonsense"], ["nonsense"], ["remix"], ["remix", "a", "--track", "0"]])
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def commands(command: click.Command, words: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [words]
    context = click.Context(command)
    inner = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [path for name, child in inner if child for path in commands(child, (*words, name))]


@pytest.mark.parametrize("words", commands(cli, ()), ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    assert f"vidsep {' '.join(words)}" in result.stdout.split("Example", 1)[1]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, vidsep.cli\n"
        f"vidsep.cli.cli(['--help'], standalone_mode=False)\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


def test_importing_the_library_imports_nothing_heavy() -> None:
    code = "import sys, vidsep; sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'scipy', 'av')))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


class Terminal(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "shown"), [(Terminal(), False, True), (Terminal(), True, False), (io.StringIO(), False, False)]
)
def test_progress_with_the_time_left_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet: bool, shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with Console(quiet=quiet, verbose=False, json=False).stage("separating", 4.0) as advance:
        advance(1.0)
        time.sleep(0.15)  # tqdm draws ten times a second
        advance(1.0)
    bars = [line for line in stream.getvalue().split("\r") if line.strip()]
    assert bool(bars) is shown
    assert not shown or re.search(r"separating +50%.*2/4 s \[00:00<00:0\d\]", bars[-1])
