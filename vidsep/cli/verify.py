"""``vidsep verify``: whether two files hold the same picture, and what else differs."""

from pathlib import Path

import click

from vidsep.cli.console import Console, output_options

PATH = click.Path(path_type=Path)
DIFFERENT = 1


@click.command()
@click.argument("one", metavar="A", type=PATH)
@click.argument("two", metavar="B", type=PATH)
@click.option(
    "--ignore", multiple=True, metavar="WHAT",
    help="What does not count: a stream such as audio:1, a kind such as audio, chapters or tags.",
)  # fmt: skip
@output_options
def verify(one: Path, two: Path, ignore: tuple[str, ...], console: Console) -> None:
    """Compare the pictures of A and B packet by packet, and every other stream.

    Each stream's packets, times, form (size, channels, colour, rotation, HDR), flags and tags are compared, and so are
    the chapters and the tags of the file. The framing of H.264 and HEVC and the name of the program that wrote a file
    do not count. Ends with 0 when all that counts is the same and with 1 when something differs.

    \b
    Examples:
      vidsep verify clip.mp4 clip.strip-music.mp4 --ignore audio:1
      vidsep verify --json master.mkv copy.mkv
    """
    from vidsep.verifying import verify as verify_files

    result = verify_files(one, two, ignore=ignore, progress=console)
    for line in result.lines():
        console.say(line)
    console.result(result.as_dict())
    if not result.is_same:
        click.get_current_context().exit(DIFFERENT)
