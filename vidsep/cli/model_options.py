"""The options that choose the network, the same for every command that separates."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)
RESIDUALS = ("pass", "all", "music_sfx")

shifts_option = click.option(
    "--shifts", type=click.IntRange(1, 8), metavar="N",
    help="Take the mean of N passes over shifted sound: a little better, N times slower.  [default: 1]",
)  # fmt: skip


def model_options(*names: str) -> Callable[[Command], Command]:
    """Give a command the options of the network; ``names`` are other names for ``--model``."""
    options = [
        click.option(
            *names, "--model", "model", metavar="NAME|PATH",
            help="Network that separates: one of `vidsep models list`, or the path of a model.  [default: built in]",
        ),
        click.option(
            "--weights", type=PATH, metavar="PATH",
            help="Other weights for it: a model file, MRX's .pth, or Spleeter's checkpoint folder.",
        ),
        click.option(
            "--residual", type=click.Choice(RESIDUALS),
            help="For mrx and spleeter: who gets what their stems leave of the sound.  [default: mrx's effects]",
        ),
        shifts_option,
        click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", show_default=True),
        click.option("--no-cache", is_flag=True, help="Neither use nor keep separated stems."),
    ]  # fmt: skip

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
