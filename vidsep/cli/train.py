"""``vidsep train``: a network of one's own."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vidsep.cli.console import Console, output_options
from vidsep.errors import INTERRUPTED_EXIT_CODE

if TYPE_CHECKING:
    from vidsep.training.fit import Status, TrainingResult

PATH = click.Path(path_type=Path)


def show_settings(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print all settings and leave."""
    if wanted:
        from vidsep.training.config import settings_lines

        click.echo("\n".join(settings_lines()))
        ctx.exit()


@click.command()
@click.argument("config", metavar="CONFIG.toml", type=PATH)
@click.option(
    "--data", type=PATH, metavar="DIR", help="Folder that holds speech, music and effects, before those of [corpora]."
)
@click.option("-o", "--output", "folder", type=PATH, metavar="DIR", help="Folder of the run, before run.folder.")
@click.option("--minutes", type=click.FloatRange(0.01, 1e6), help="How long in all, before run.minutes and run.steps.")
@click.option(
    "--settings", is_flag=True, is_eager=True, expose_value=False, callback=show_settings,
    help="Print every setting of CONFIG.toml with its default, range and meaning.",
)  # fmt: skip
@output_options
def train(config: Path, data: Path | None, folder: Path | None, minutes: float | None, console: Console) -> None:
    """Train a network on recordings of your own.

    CONFIG.toml names folders of speech, music and effects; all else has defaults. Mixtures are made while training
    runs. Ctrl-C saves and ends; the same command goes on from the last checkpoint, also after a crash. The folder of
    the run holds model.safetensors, which works at any time, tables and a picture of the curves.

    KERAS_BACKEND=jax trains with JAX, otherwise TensorFlow does; a GPU is used where there is one.

    \b
    Examples:
      vidsep train my-run.toml
      vidsep train docs/small-run.toml --data recordings
      vidsep train my-run.toml --minutes 60 -o ~/runs/second
      vidsep remix clip.mp4 -p strip-music --model ~/runs/second
    """
    from vidsep.training.config import read_config
    from vidsep.training.fit import train as train_network

    wanted = read_config(config, data)
    if folder is not None:
        wanted = replace(wanted, run=replace(wanted.run, folder=folder.absolute()))
    if minutes is not None:
        wanted = replace(wanted, run=replace(wanted.run, minutes=minutes, steps=None))
    with Bar(console).open() as bar:
        result = train_network(wanted, console, bar.tell, bar.note)
    show(result, console)
    if result.stopped_by is not None:
        click.get_current_context().exit(
            INTERRUPTED_EXIT_CODE if result.stopped_by == signal.SIGINT else 128 + result.stopped_by
        )


def show(result: "TrainingResult", console: Console) -> None:
    """What came of it."""
    how = "stopped" if result.stopped_by is not None else "trained"
    console.say(f"{how} at step {result.steps} after {result.minutes:.1f} minutes")
    console.say(f"model       {result.model}")
    console.say(f"curves      {result.folder / 'curves.png'}")
    console.result(result.as_dict())


class Bar:
    """Progress of a run on stderr: a bar on a terminal, lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def open(self) -> Iterator["Bar"]:
        from tqdm import tqdm

        hidden = self.console.quiet or not sys.stderr.isatty()
        layout = "training     {percentage:5.1f}%|{bar}| [{elapsed}<{remaining}]{postfix}"
        with tqdm(total=1.0, disable=hidden, bar_format=layout, leave=False) as self.bar:
            yield self

    def tell(self, status: "Status") -> None:
        pace = f"step {status.steps}, loss {status.loss:.4f}, {status.audio_seconds_per_second:.1f} s of sound/s"
        self.bar.set_postfix_str(pace, refresh=False)
        self.bar.update(max(0.0, status.share_done - self.bar.n))

    def note(self, line: str) -> None:
        if not self.console.quiet:
            self.bar.write(line, file=sys.stderr)
