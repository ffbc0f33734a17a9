"""``vidsep models``: the networks that can separate."""

import click

from vidsep.cli.console import Console, output_options


@click.group()
def models() -> None:
    """The networks that can separate a soundtrack."""


@models.command("list")
@output_options
def list_models(console: Console) -> None:
    """List the networks, the default one first.

    \b
    Examples:
      vidsep models list
      vidsep models list --json
    """
    from vidsep.separation.registry import DEFAULT_MODEL, MODELS

    for name, row in MODELS.items():
        mark = "(default)" if name == DEFAULT_MODEL else ""
        console.say(f"{name} {mark}\n  {row.description}")
        console.say(f"  stems: {', '.join(row.stems)}; {row.sample_rate} Hz; licence: {row.licence}")
    console.result({"default": DEFAULT_MODEL, "models": [row.as_dict() for row in MODELS.values()]})
