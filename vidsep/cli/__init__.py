"""The command line: parse, call one story of the library, print what came of it.

A command is one file with one click command; to add one, write ``cli/<name>.py`` and a line in `COMMANDS`.
Commands import what they run inside their functions, so that ``vidsep --help`` answers at once.
"""

import importlib
import signal
import sys
from types import FrameType

import click

from vidsep import __version__
from vidsep.cli.console import as_click_error, show_as_json
from vidsep.leaving import leave

COMMANDS = (
    "remix",
    "separate",
    "verify",
    "probe",
    "loudness",
    "presets",
    "models",
    "train",
    "cache",
    "evaluate",
    "dataset",
    "doctor",
)
WANTS_JSON = "vidsep.json"
# How long a thread that others wait for may keep Python to itself; with its usual 5 ms, decoders and encoders wait so
# long for their next packet. A remix with its stems in the cache takes 5 % less time.
SWITCH_SECONDS = 0.0005

EPILOG = """\b
Exit codes:
  0    done
  1    an unexpected fault; `doctor` found a problem, or `verify` a difference
  2    wrong use of the command line
  3    the input cannot be read
  4    a preset or a setting is wrong
  5    the network or its weights are missing or damaged
  6    the output cannot be written
  7    the written file is not what was promised; it was removed
  8    recordings to train or to score on are missing, broken or too few
  9    training cannot begin or go on
  130  interrupted (Ctrl-C)
  129, 143  asked to end (SIGHUP, SIGTERM)
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when asked for, and whose errors become exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"vidsep.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - a programmer's mistake, never a user's
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[WANTS_JSON] = "--json" in args  # wrong use is found before the command has read its options
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if ctx.meta[WANTS_JSON]:
                show_as_json(error.format_message(), f"see {(error.ctx or ctx).command_path} --help", error.exit_code)
            raise
        except (click.exceptions.Exit, click.Abort, click.ClickException, BrokenPipeError):
            raise  # click knows what to do with them
        except (Exception, KeyboardInterrupt) as error:
            raise as_click_error(error) from error


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vidsep")
def cli() -> None:
    """Another soundtrack under the same picture.

    Takes the sound out of a video, separates it into dialogue, music and effects, mixes it again as a preset says, and
    puts it back without touching the picture.

    \b
    Examples:
      vidsep remix clip.mp4 -p strip-music
      vidsep remix vlog.mp4 -p replace-music --music song.flac
      vidsep separate interview.mov -o stems
    """


def exit_on_terminate(number: int, _: FrameType | None) -> None:
    """Leave as on Ctrl-C when asked to end, so that what was begun is cleaned up."""
    sys.exit(128 + number)


def main() -> None:
    """Entry point of the ``vidsep`` command."""
    sys.setswitchinterval(SWITCH_SECONDS)
    signal.signal(signal.SIGTERM, exit_on_terminate)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # nohup has it ignored
        signal.signal(signal.SIGHUP, exit_on_terminate)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a file name that the console cannot show is no fault
    try:
        cli()
    except SystemExit as end:
        if end.code:
            leave(end.code if isinstance(end.code, int) else 1)
