"""``vidsep probe``: what is in a file."""

from pathlib import Path

import click

from vidsep.cli.console import Console, output_options


@click.command()
@click.argument("input_path", metavar="INPUT", type=click.Path(path_type=Path))
@output_options
def probe(input_path: Path, console: Console) -> None:
    """Show the streams of INPUT: picture, sound, subtitles, chapters.

    Audio tracks are numbered as `vidsep remix --track` counts them.

    \b
    Examples:
      vidsep probe clip.mkv
      vidsep probe --json clip.mkv
    """
    from vidsep.media.info import described
    from vidsep.media.probe import probe as probe_file

    info = probe_file(input_path)
    console.say(f"{info.path}: {info.format_names[0]}, {info.duration_seconds:.2f} s, {info.size_bytes} bytes")
    for stream in info.streams:
        kind = f"audio track {info.audio.index(stream) + 1}" if stream in info.audio else stream.kind
        console.say(f"  {kind}: {described(stream)}")
    if info.n_chapters:
        console.say(f"  {info.n_chapters} chapters")
    console.result(info.as_dict())
