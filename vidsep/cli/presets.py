"""``vidsep presets``: what presets there are, what they say, whether a file is one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from vidsep.cli.console import Console, output_options
from vidsep.cli.remix import Setting

if TYPE_CHECKING:
    from vidsep.preset.schema import Row


@click.group()
def presets() -> None:
    """Shipped presets, and files of your own.

    A preset is a TOML file that says what happens to each stem, to the music, to the loudness, and what is written. The
    whole list of settings is shown by `vidsep presets show --settings`.
    """


@presets.command("list")
@output_options
def list_presets(console: Console) -> None:
    """List the shipped presets: jobs first, then delivery targets to combine them with.

    \b
    Examples:
      vidsep presets list
      vidsep presets list --json
    """
    from vidsep.preset import load_preset, preset_names

    loaded = sorted(map(load_preset, preset_names()), key=lambda preset: (preset.kind, preset.name))
    for preset in loaded:
        console.say(f"{preset.name:<15} {preset.kind:<7} {preset.description}")
    rows = [
        {
            "name": preset.name,
            "kind": preset.kind,
            "description": preset.description,
            "target_lufs": preset.loudness.target_lufs,
            "true_peak_dbtp": preset.loudness.true_peak_dbtp,
            "source": preset.loudness.source,
            "official": preset.loudness.official,
        }
        for preset in loaded
    ]
    console.result({"presets": rows})


@presets.command()
@click.argument("sources", metavar="[NAME_OR_FILE]...", nargs=-1)
@click.option("--set", "settings", type=Setting(), multiple=True, help="Change one setting, as in music.gain_db=-6.")
@click.option("--settings", "list_settings", is_flag=True, help="List every setting with its range and default.")
@output_options
def show(
    sources: tuple[str, ...], settings: tuple[tuple[str, str], ...], list_settings: bool, console: Console
) -> None:
    """Show what presets say together, as a TOML file: the start for one of your own.

    Several combine as in `vidsep remix`: later ones win.

    \b
    Examples:
      vidsep presets show replace-music youtube
      vidsep presets show clean-dialogue --set music.floor_db=-12 > mine.toml
      vidsep presets show --settings
    """
    if list_settings:
        _show_settings(console)
        return
    from vidsep.preset import as_dict, load_preset, to_toml

    if not sources and not settings:
        raise click.UsageError("name a preset or a file, or use --settings")
    preset = load_preset(*sources, settings=dict(settings))
    console.say(to_toml(preset).rstrip())
    console.result(as_dict(preset))


@presets.command()
@click.argument("sources", metavar="NAME_OR_FILE...", nargs=-1, required=True)
@output_options
def check(sources: tuple[str, ...], console: Console) -> None:
    """Check preset files: every name, type and range, and that the music they name is there.

    \b
    Examples:
      vidsep presets check mine.toml
      vidsep presets check presets/*.toml
    """
    from vidsep.preset import check_files, load_preset

    for source in sources:
        check_files(load_preset(source))
        console.say(f"{source}: OK")
    console.result({"ok": True, "checked": list(sources)})


def _show_settings(console: Console) -> None:
    from vidsep.preset import schema

    groups = {"": schema.settings(), "replacement.pieces": schema.piece_settings()}
    groups |= {f"processors, type {name}": rows for name, rows in schema.processor_settings().items()}
    for title, rows in groups.items():
        if title:
            console.say(f"\n[[{title}]]")
        for row in rows.values():
            console.say(f"{row.name:<32} {row.allowed}  [default: {row.spelled_default}]\n{'':<32} {row.setting.help}")
    console.result({"settings": {title or "preset": _documents(rows) for title, rows in groups.items()}})


def _documents(rows: Mapping[str, "Row"]) -> list[dict[str, Any]]:
    return [row.as_dict() for row in rows.values()]
