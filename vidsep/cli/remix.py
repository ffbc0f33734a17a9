"""``vidsep remix``: the main job."""

from pathlib import Path
from typing import Any

import click

from vidsep.cli.console import Console, output_options
from vidsep.cli.model_options import model_options
from vidsep.cli.times import TimeRange
from vidsep.cli.tracks import Track

PATH = click.Path(path_type=Path)


class Setting(click.ParamType):
    """``key=value``."""

    name = "key=value"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        key, equals, text = str(value).partition("=")
        if not equals or not key.strip():
            self.fail(f"{value!r} is not of the form key=value, as in music.gain_db=-6", param, ctx)
        return key.strip(), text.strip()


@click.command()
@click.argument("input_path", metavar="INPUT", type=PATH)
@click.option(
    "-p", "--preset", "presets", multiple=True, metavar="PRESET",
    help="A shipped preset or a TOML file; several combine.  [default: neutral, or replace-music with --music]",
)  # fmt: skip
@click.option("-o", "--output", type=PATH, help="The new file.  [default: INPUT.PRESET.EXT beside the input]")
@click.option(
    "--music", type=PATH, multiple=True, metavar="FILE", help="Replacement music; several play one after another."
)
@click.option("--set", "settings", type=Setting(), multiple=True, help="Change one setting, as in music.gain_db=-6.")
@click.option(
    "--track", type=Track(several=True), multiple=True, metavar="N|all|lang:CODE",
    help="Audio tracks to remix: a number, all, or a language as in lang:eng.  [default: the default track]",
)  # fmt: skip
@click.option("--range", "ranges", type=TimeRange(), multiple=True, help="Remix only this part, as in 0:42-1:10.")
@click.option("--report", type=PATH, metavar="FILE.html", help="Write a page that shows what was done.")
@click.option("--dry-run", is_flag=True, help="Check everything and show the plan, write nothing.")
@click.option("--overwrite", is_flag=True, help="Replace the output if it exists.")
@click.option(
    "--container", metavar="EXT", help="Container of the output, such as mkv or mp4.  [default: the output's]"
)
@click.option(
    "--stems-dir", type=PATH, metavar="DIR",
    help="Take the stems from this folder (dialogue.*, music.*, effects.* of any tool) instead of separating.",
)  # fmt: skip
@model_options()
@output_options
def remix(
    input_path: Path, presets: tuple[str, ...], settings: tuple[tuple[str, str], ...], console: Console, **options: Any
) -> None:
    """Put a new soundtrack under the picture of INPUT.

    The picture is copied bit for bit, and everything else but the remixed audio track with it. Settings win over
    presets, later presets over earlier ones: name a job and a delivery target (see `vidsep presets list`).

    \b
    Examples:
      vidsep remix clip.mp4 -p strip-music
      vidsep remix vlog.mp4 -p replace-music -p youtube --music song.flac
      vidsep remix interview.mov -p clean-dialogue --report interview.html
      vidsep remix film.mkv -p m-and-e --stems-dir film-stems
      vidsep remix clip.mp4 --set music.gain_db=-6 --range 0:42-1:10 -o quieter.mp4
      vidsep remix film.mkv -p duck-music --track lang:eng --track lang:fra --container mp4
    """
    from vidsep import pipeline

    story = pipeline.plan_remix if options.pop("dry_run") else pipeline.remix
    result = story(input_path, preset=presets, settings=dict(settings), progress=console, **options)
    for warning in result.warnings:
        console.warn(warning)
    for line in result.lines():
        console.say(line)
    console.result(result.as_dict())
