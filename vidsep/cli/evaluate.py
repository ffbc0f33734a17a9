"""``vidsep evaluate``: how well networks separate clips whose stems are known."""

from pathlib import Path

import click

from vidsep.cli.console import Console, output_options
from vidsep.cli.model_options import shifts_option

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=PATH, required=False)
@click.option("--musdb", type=PATH, metavar="DIR", help="Score on songs instead: a folder in MUSDB18-HQ's layout.")
@click.option(
    "--model", "models", multiple=True, metavar="NAME",
    help="Network to score (see `vidsep models list`) or the path of one; may be given several times.",
)  # fmt: skip
@click.option("--device", type=click.Choice(["auto", "cpu", "gpu"]), default="auto", show_default=True)
@shifts_option
@click.option("-o", "--output", type=PATH, metavar="DIR", help="Folder for tables, plot and the scores of each clip.")
@click.option("--limit", type=click.IntRange(min=1), help="Score the first clips only.  [default: all]")
@click.option("--solo", is_flag=True, help="Also separate each stem alone: is it kept, are the others silent?")
@click.option("--overwrite", is_flag=True, help="Replace scores that exist.")
@output_options
def evaluate(
    folder: Path | None, musdb: Path | None, models: tuple[str, ...], device: str, shifts: int | None,
    output: Path | None, limit: int | None, solo: bool, overwrite: bool, console: Console,
) -> None:  # fmt: skip
    """Score networks on the clips in FOLDER, or on the songs of --musdb.

    FOLDER is in the layout of Divide and Remaster 2 or 3, or made by `vidsep dataset build`. Measured are SI-SDR,
    SNR and SDR of dialogue, music and effects, beside the mixture as it is and an ideal ratio mask. Songs are scored
    as Spleeter does it, with museval (pip install "vidsep[evaluate]").

    \b
    Examples:
      vidsep evaluate testset
      vidsep evaluate dnr_v2/tt --model band-mixer --model ./my-model --output scores
      vidsep evaluate --musdb musdb18hq/test --model spleeter:4stems --json
    """
    if (folder is None) == (musdb is None):
        raise click.UsageError("give either a FOLDER of clips or --musdb DIR")
    if musdb is not None and solo:
        raise click.UsageError("--solo is for clips of dialogue, music and effects")
    from vidsep.evaluation.output import Result, check_output, write_output
    from vidsep.separation.registry import DEFAULT_MODEL
    from vidsep.separation.separator import Separator

    if output is not None:
        check_output(output, overwrite=overwrite)
    separators = {name: Separator(name, device, shifts=shifts) for name in models or (DEFAULT_MODEL,)}
    result: Result
    if folder is not None:
        from vidsep.evaluation.evaluate import evaluate as score_clips

        result = score_clips(folder, separators, limit=limit, solo=solo, progress=console)
    elif musdb is not None:
        from vidsep.evaluation.songs import evaluate_songs

        result = evaluate_songs(musdb, separators, limit=limit, progress=console)
    if output is not None:
        write_output(output, result)  # first: whoever reads the tables may stop reading
    for line in result.lines():
        console.say(line)
    if output is not None:
        console.say(f"\nwritten to {output}")
    console.result(result.as_dict())
