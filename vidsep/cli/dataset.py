"""``vidsep dataset``: sets of clips to score on."""

from pathlib import Path
from typing import Any

import click

from vidsep.cli.console import Console, output_options

PATH = click.Path(path_type=Path)
RECIPES = ("dnr-v2", "dnr-v3")
SPLITS = ("held-aside", "training", "all")


@click.group()
def dataset() -> None:
    """Sets of clips whose stems are known, to score networks on."""


@dataset.command()
@click.argument("out", type=PATH)
@click.option("--speech", required=True, type=PATH, metavar="DIR", help="Recordings of voices.")
@click.option("--music", required=True, type=PATH, metavar="DIR", help="Recordings of music.")
@click.option("--effects", required=True, type=PATH, metavar="DIR", help="Recordings of everything else.")
@click.option(
    "--background", type=PATH, metavar="DIR", help="Ambiences.  [default: effects that last 20 seconds or longer]"
)
@click.option("--recipe", type=click.Choice(RECIPES), default="dnr-v2", show_default=True, help="Counts and levels.")
@click.option("--clips", default=40, show_default=True, type=click.IntRange(min=1), help="How many to render.")
@click.option("--seconds", default=60.0, show_default=True, type=click.FloatRange(2, 3600), help="Length of a clip.")
@click.option("--channels", "n_channels", default=1, show_default=True, type=click.IntRange(1, 2), help="1 or 2.")
@click.option(
    "--sample-rate", type=click.IntRange(8000, 192_000), help="In hertz.  [default: 44100 for dnr-v2, 48000 for dnr-v3]"
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Another seed, another set.")
@click.option(
    "--split", type=click.Choice(SPLITS), default="held-aside", show_default=True,
    help="Sources that training keeps aside, those it uses, or all.",
)  # fmt: skip
@click.option(
    "--share", default=0.1, show_default=True, type=click.FloatRange(0.01, 0.9), help="Share of sources kept aside."
)
@click.option("--split-seed", default=0, show_default=True, type=click.IntRange(min=0), help="Which ones those are.")
@click.option(
    "--absent", default=0.0, show_default=True, type=click.FloatRange(0, 0.9),
    help="Probability that a stem is missing from a clip; DnR's clips always have all.",
)  # fmt: skip
@click.option("--format", "file_format", type=click.Choice(["wav", "flac"]), default="wav", show_default=True)
@output_options
def build(
    out: Path, speech: Path, music: Path, effects: Path, background: Path | None, console: Console, **options: Any
) -> None:
    """Render a set in the manner of Divide and Remaster into the folder OUT.

    A corpus is a folder of sound files with a MANIFEST.tsv, or with a sub-folder for each speaker, artist or class. The
    set is the same on every run of the same versions; its hash is printed and stands in OUT/manifest.json, beside
    sources and licences.

    \b
    Examples:
      vidsep dataset build testset --speech speech --music music --effects effects
      vidsep dataset build small --speech s --music m --effects e --clips 10 --seconds 20 --channels 2
    """
    from vidsep.dataset.build import Corpora, build_set
    from vidsep.dataset.options import BuildOptions

    built = build_set(out, Corpora(speech, music, effects, background), BuildOptions(**options), console)
    console.say(f"{built.n_clips} clips of {built.seconds:g} s in {built.folder}")
    console.say(f"SHA-256 of the set: {built.sha256}")
    console.result(built.as_dict())
