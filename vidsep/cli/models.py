"""``vidsep models``: the networks that can separate, and their weights."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vidsep.cli.console import Console, output_options
from vidsep.cli.models_fetch import convert_model, fetch_models

if TYPE_CHECKING:
    from vidsep.separation.row import ModelRow

PATH = click.Path(path_type=Path)


@click.group()
def models() -> None:
    """The networks that can separate a soundtrack.

    The default one comes with vidsep. The weights of the others are fetched once, or imported from a file.
    """


models.add_command(fetch_models)
models.add_command(convert_model)


@models.command("list")
@output_options
def list_models(console: Console) -> None:
    """List the networks, the default one first.

    \b
    Examples:
      vidsep models list
      vidsep models list --json
    """
    from vidsep.separation.registry import DEFAULT_MODEL, all_models

    rows = sorted(all_models().values(), key=lambda row: row.name != DEFAULT_MODEL)
    for row in rows:
        marks = ["default"] * (row.name == DEFAULT_MODEL) + ["not fetched"] * (not row.is_here)
        console.say(" ".join([row.name, *(f"({mark})" for mark in marks)]))
        console.say(f"  {row.description or row.network.name}")
        console.say(f"  stems: {', '.join(row.stems)}; licence: {row.licence or 'not told'}")
    console.result({"default": DEFAULT_MODEL, "models": [row.as_dict() for row in rows]})


@models.command("show")
@click.argument("name")
@output_options
def show_model(name: str, console: Console) -> None:
    """Show all that is known of the network NAME, or of the model at that path.

    \b
    Examples:
      vidsep models show mrx
      vidsep models show ./my-model --json
    """
    from vidsep.separation.registry import find_model
    from vidsep.separation.weights import read_header

    row = find_model(name)
    header = read_header(row.file) if row.is_here else {}
    for title, text in _facts(row):
        console.say(f"{title:<12} {text}")
    for title in ("training_data", "metrics"):
        for text in _lines(header.get(title)):
            console.say(f"{title.replace('_', ' '):<12} {text}")
    console.result({**row.as_dict(), "header": header})


@models.command("remove")
@click.argument("name")
@output_options
def remove_model(name: str, console: Console) -> None:
    """Delete the fetched or imported weights of NAME.

    \b
    Examples:
      vidsep models remove mrx
    """
    from vidsep.separation import store
    from vidsep.separation.registry import find_model

    row = find_model(name)
    row.check_here()
    n_bytes = store.remove(row.file)
    console.say(f"removed {row.file} ({n_bytes / 1e6:.0f} MB)")
    console.result({"removed": str(row.file), "freed_bytes": n_bytes})


@models.command("import")
@click.argument("name")
@click.argument("source", metavar="FILE", type=PATH)
@click.option("--overwrite", is_flag=True, help="Replace an imported model of that name.")
@output_options
def import_model(name: str, source: Path, overwrite: bool, console: Console) -> None:
    """Keep the model FILE, from `vidsep models export` or `vidsep train`, under NAME.

    \b
    Examples:
      vidsep models import interviews runs/interviews/model.safetensors
      vidsep remix clip.mp4 -p strip-music --model interviews
    """
    from vidsep.separation.importing import import_model as keep

    row = keep(name, source, overwrite=overwrite)
    console.say(f"imported {name}: {', '.join(row.stems)}; {row.file}")
    console.result(row.as_dict())


@models.command("export")
@click.argument("name")
@click.argument("target", metavar="FILE", type=PATH)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@output_options
def export_model(name: str, target: Path, overwrite: bool, console: Console) -> None:
    """Write the network NAME, with its weights and all that is known of it, to FILE.

    FILE ends in .safetensors, or is a folder that gets a model.safetensors. Give its path to --model.

    \b
    Examples:
      vidsep models export band-mixer mine.safetensors
      vidsep models export interviews ./my-model/
    """
    from vidsep.separation.importing import export_model as write

    path = write(name, target, overwrite=overwrite)
    console.say(f"wrote {path}")
    console.result({"name": name, "file": str(path), "n_bytes": path.stat().st_size})


def _facts(row: "ModelRow") -> list[tuple[str, str]]:
    origin = row.origin
    size = f" ({origin.n_bytes / 1e6:.0f} MB)" if origin and origin.n_bytes else ""
    facts = [
        ("name", row.name),
        ("description", row.description),
        ("class", row.network.name),
        ("stems", ", ".join(row.stems)),
        ("sample rate", f"{row.sample_rate} Hz"),
        ("licence", row.licence),
        ("citation", row.citation),
        ("published at", f"{origin.url}{size}" if origin else ""),
        ("sha256", (origin.sha256 if origin else row.sha256) or ""),
        ("weights", str(row.file) if row.is_here else f"not here: vidsep models fetch {row.name}"),
    ]
    return [(title, text) for title, text in facts if text]


def _lines(value: object) -> list[str]:
    if isinstance(value, dict):
        return [f"{name}: {one}" for name, one in value.items()]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
