"""``vidsep models fetch`` and ``convert``: published weights become vidsep's."""

from pathlib import Path

import click

from vidsep.cli.console import Console, output_options

PATH = click.Path(path_type=Path)


@click.command("fetch")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--from", "offline", type=PATH, metavar="DIR",
    help="Take the published files from this folder instead of the network.  [default: $VIDSEP_OFFLINE_DIR]",
)  # fmt: skip
@output_options
def fetch_models(names: tuple[str, ...], offline: Path | None, console: Console) -> None:
    """Fetch the published weights of the networks NAME, check them, and convert them to vidsep's own file.

    What was cut off is gone on with the next time. They are kept in $VIDSEP_MODEL_DIR, by default in your data folder.
    Proxies are those of HTTPS_PROXY and NO_PROXY.

    \b
    Examples:
      vidsep models fetch mrx
      vidsep models fetch spleeter:2stems spleeter:4stems
      vidsep models fetch mrx --from /media/stick
    """
    from vidsep.separation.fetching import fetch
    from vidsep.separation.registry import find_model

    rows = [find_model(name) for name in names]
    for row in rows:
        with console.transfer(row.name) as arrived:
            path = fetch(row, offline, arrived)
        console.say(f"{row.name}: {path}")
    console.result({"models": [row.as_dict() for row in rows]})


@click.command("convert")
@click.argument("source", type=PATH)
@click.argument("target", metavar="FILE", type=PATH)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@output_options
def convert_model(source: Path, target: Path, overwrite: bool, console: Console) -> None:
    """Convert published weights that you have, MRX's .pth or Spleeter's folder, to a model FILE.

    Not needed before `--weights`, which converts by itself; but FILE is all that another machine needs.

    \b
    Examples:
      vidsep models convert checkpoints/default_mrx_pre_trained_weights.pth mrx.safetensors
      vidsep models convert pretrained_models/4stems ./four-stems/
    """
    from vidsep.separation.importing import export_model

    path = export_model(source, target, overwrite=overwrite)
    console.say(f"wrote {path}")
    console.result({"source": str(source), "file": str(path), "n_bytes": path.stat().st_size})
