"""``vidsep loudness``: how loud a file is, as the standards measure it."""

from pathlib import Path

import click

from vidsep.cli.console import Console, output_options
from vidsep.cli.tracks import Track


@click.command()
@click.argument("input_path", metavar="INPUT", type=click.Path(path_type=Path))
@click.option(
    "--track", type=Track(), metavar="N|lang:CODE",
    help="Audio track to measure: a number, or a language as in lang:eng.  [default: the default track]",
)  # fmt: skip
@output_options
def loudness(input_path: Path, track: int | str | None, console: Console) -> None:
    """Measure the loudness of INPUT, a video or a sound file.

    Integrated loudness after ITU-R BS.1770-4, momentary and short-term maximum after EBU Tech 3341, loudness range
    after EBU Tech 3342, true peak with fourfold oversampling.

    \b
    Examples:
      vidsep loudness clip.mp4
      vidsep loudness --track 2 --json film.mkv
    """
    from vidsep.pipeline import measure_loudness

    result = measure_loudness(input_path, track=track, progress=console)
    console.say(f"integrated          {result.integrated_lufs:7.1f} LUFS")
    console.say(f"momentary maximum   {result.max_momentary_lufs:7.1f} LUFS")
    console.say(f"short-term maximum  {result.max_short_term_lufs:7.1f} LUFS")
    console.say(f"loudness range      {result.lra_lu:7.1f} LU")
    console.say(f"true peak           {result.true_peak_dbtp:7.1f} dBTP")
    console.result(result.as_dict())
