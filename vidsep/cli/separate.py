"""``vidsep separate``: stems as sound files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from vidsep.cli.console import Console, Failure, as_click_error, output_options, plain
from vidsep.cli.model_options import model_options
from vidsep.cli.times import Time
from vidsep.cli.tracks import Track
from vidsep.errors import VidsepError

PATH = click.Path(path_type=Path)
CODECS = ("wav", "flac", "mp3", "ogg", "m4a", "wma")
SAMPLE_FORMATS = ("s16", "s24", "f32")


class Bitrate(click.ParamType):
    """A bit rate in kbit/s, with or without the ``k`` that ffmpeg's users type."""

    name = "kbps"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        digits = str(value).lower().removesuffix("k")
        if not (digits.isascii() and digits.isdigit() and 8 <= int(digits) <= 1024):
            self.fail(f"{value!r} is not a bit rate; write 192 or 192k, between 8 and 1024", param, ctx)
        return int(digits)


def stem_names(text: str | None, known: Sequence[str]) -> tuple[str, ...]:
    """The stems in a list with commas. Raises `click.BadParameter` for one that is not ``known``."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(","))) if text else ()
    for name in names:
        if name not in known:
            hint = f"{name!r} is not a stem of this model; its stems are {', '.join(known)}"
            raise click.BadParameter(hint, param_hint="--stems")
    return names


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PATH)
@click.option(
    "-o", "--output", "--output_path", "folder", required=True, type=PATH, metavar="DIR", help="Folder for the stems."
)
@click.option("-c", "--codec", type=click.Choice(CODECS), default="wav", show_default=True)
@click.option(
    "--sample-format", type=click.Choice(SAMPLE_FORMATS), help="Of wav and flac.  [default: f32 for wav, s24 for flac]"
)
@click.option(
    "-b",
    "--bitrate",
    "bitrate_kbps",
    type=Bitrate(),
    help="Of mp3, ogg, m4a and wma, such as 192k.  [default: 192k for stereo]",
)
@click.option(
    "-f", "--filename-format", "--filename_format", "filename_format", default="{filename}/{stem}.{codec}",
    show_default=True, help="Also {foldername} and {instrument}; may hold folders.",
)  # fmt: skip
@click.option("-s", "--offset", type=Time(), default=0.0, help="Where to start.  [default: the beginning]")
@click.option("-d", "--duration", type=Time(), help="How much to separate.  [default: to the end]")
@click.option("--stems", metavar="NAME,NAME", help="Which of the model's stems to write.  [default: all]")
@click.option(
    "--track", type=Track(), metavar="N|lang:CODE",
    help="Audio track to separate: a number, or a language as in lang:eng.  [default: the default track]",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace stems that exist.")
@model_options("-p", "--params_filename")
@click.option(
    "--mask-extension", type=click.Choice(["zeros", "average"]),
    help="For spleeter: what it makes of the sound above 11 or 16 kHz.  [default: zeros]",
)  # fmt: skip
@click.option("--wiener", "--mwf", is_flag=True, help="For spleeter: multichannel Wiener filtering; slower.")
@output_options
def separate(inputs: tuple[Path, ...], console: Console, **options: Any) -> None:
    """Write the dialogue, the music and the effects of each INPUT, video or sound, as files.

    With a model for songs (spleeter:2stems...) they are its stems: vocals, accompaniment, drums, bass...

    A file that cannot be separated does not stop the others; the exit code is then that of the first error.

    \b
    Examples:
      vidsep separate interview.mov -o stems
      vidsep separate *.mp4 -o stems --codec flac --sample-format s24 --stems dialogue
      vidsep separate song.mp3 -o out -p spleeter:4stems -c mp3 -b 256k -f "{filename}_{stem}.{codec}"
    """
    from vidsep import pipeline
    from vidsep.outputs.naming import check_sources
    from vidsep.separation.registry import find_model
    from vidsep.separation.separator import Separator

    check_sources(options["filename_format"], inputs)
    chosen = {name: options.pop(name) or None for name in ("residual", "mask_extension", "wiener", "shifts")}
    row = find_model(options.pop("model"), options.pop("weights"), **chosen)
    options["stems"] = stem_names(options["stems"], row.names)
    row.check_here()
    separator = Separator(row, options.pop("device"))
    done: list[dict[str, object]] = []
    failures: list[Failure] = []
    for path in inputs:
        try:
            result = pipeline.separate(path, separator=separator, progress=console, **options)
        except VidsepError as error:
            failure = as_click_error(error)
            assert isinstance(failure, Failure)  # noqa: S101 - what a VidsepError becomes
            failures.append(failure)
            if len(inputs) > 1:
                click.echo(plain(f"vidsep: error: {path}: {failure.message}"), err=True)
            continue
        done.append(result.as_dict())
        for warning in result.warnings:
            console.warn(warning)
        for line in result.lines():
            console.say(line)
    if failures and len(inputs) == 1:
        raise failures[0]
    console.result({"files": done, "errors": [failure.document for failure in failures]})
    if failures:
        click.get_current_context().exit(failures[0].exit_code)
