"""Every command that a page of the documentation shows is one that the command line takes."""

import re
import shlex
from pathlib import Path

import click
import pytest

from vidsep.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(page: Path) -> list[str]:
    """The lines of code blocks that call vidsep, without what stands in for something else."""
    blocks = re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    calls = [part.strip() for line in lines for part in re.split(r"&&|\|\||>|#| {4,}", line)]
    return [call for call in calls if call.startswith("vidsep ") and not re.search(r"[\[|]|\.\.\.", call)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_understood(page: Path) -> None:
    for line in commands(page):
        command: click.Command = cli
        words = shlex.split(line)[1:]
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            with click.Context(command) as context:
                found = command.get_command(context, words[0])
            assert found is not None, line
            command, words = found, words[1:]
        try:
            command.make_context("vidsep", words)
        except click.exceptions.Exit:  # of --help and --version
            pass
        except click.UsageError as error:
            pytest.fail(f"{page.name}: {line}: {error.format_message()}")
