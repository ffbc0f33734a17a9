"""A TOML file becomes a `TrainingConfig`, or a `TrainingError` that names the setting."""

import dataclasses
import math
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

from vidsep.errors import TrainingError
from vidsep.preset.schema import nearest, quoted
from vidsep.settings import setting_of
from vidsep.training.settings import CorporaSettings, NameOrPath, RunSettings, TrainingConfig

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CORPORA = ("speech", "music", "effects")  # what no run can do without


def read_config(path: Path, data: Path | None = None) -> TrainingConfig:
    """The run that the file describes; paths in it are relative to its folder.

    ``data`` is a folder with the corpora ``speech``, ``music`` and ``effects`` to take instead of the file's.

    Raises `TrainingError` for a file that is not there or no TOML, and for a setting that is unknown or out of range.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TrainingError(f"{path} cannot be read: {reason}", "name a TOML file, see docs/training.md") from error
    return config_from(table, path.absolute().parent, data)


def config_from(table: Mapping[str, Any], folder: Path, data: Path | None = None) -> TrainingConfig:
    """The run that nested tables describe. Raises `TrainingError` as `read_config` does."""
    sections = get_type_hints(TrainingConfig)
    parts = {}
    for name, content in {"run": {}, **table}.items():
        if name not in sections:
            raise TrainingError(
                f"[{quoted(name)}] is not a table of a run",
                nearest(name, sections) or f"the tables are {', '.join(sections)}",
            )
        if not isinstance(content, Mapping):
            raise TrainingError(f"{name} is a table", f"write [{name}] and its settings below")
        parts[name] = _section(name, sections[name], content, folder)
    if data is not None:
        corpora = {name: (data.absolute() / name,) for name in CORPORA}
        parts["corpora"] = replace(parts.get("corpora", CorporaSettings()), **corpora)
    if missing := [name for name in CORPORA if "corpora" not in parts or not getattr(parts["corpora"], name)]:
        raise TrainingError(f"corpora.{missing[0]} names no folder", "name all three, or --data and a folder")
    config = TrainingConfig(**parts)
    _check_together(config)
    return config


def as_table(config: TrainingConfig) -> dict[str, dict[str, Any]]:
    """The run as nested tables of what JSON and TOML can hold."""
    return {name: {key: _plain(value) for key, value in part.items()} for name, part in _parts(config)}


def settings_lines() -> list[str]:
    """All settings with defaults and ranges, as the TOML file that sets none of them."""
    lines = []
    for section, owner in get_type_hints(TrainingConfig).items():
        lines.append(f"[{section}]")
        for field in dataclasses.fields(owner):
            setting = setting_of(field)
            bounds = (
                f", {setting.low:.10g} to {setting.high:.10g} {setting.unit}".rstrip()
                if setting.high < math.inf
                else ""
            )
            options = f", one of {', '.join(setting.choices)}" if setting.choices else ""
            lines.append(f"# {field.name} = {_spelled(field.default)}  # {setting.help}{bounds}{options}")
        lines.append("")
    return lines


def _section(name: str, owner: type[Any], content: Mapping[str, Any], folder: Path) -> Any:
    hints = get_type_hints(owner)
    values: dict[str, Any] = {"folder": folder / RunSettings.folder} if owner is RunSettings else {}
    for key, raw in content.items():
        if key not in hints:
            raise TrainingError(
                f"{name}.{quoted(key)} is not a setting", nearest(key, hints) or "`vidsep train --settings` lists all"
            )
        values[key] = _value(f"{name}.{key}", hints[key], raw, folder)
    try:
        return owner(**values)
    except ValueError as error:
        raise TrainingError(f"{name}.{error}", "see `vidsep train --settings`") from error


def _value(name: str, hint: Any, raw: Any, folder: Path) -> Any:
    if hint is Path:
        return _path(name, raw, folder)
    if hint == tuple[Path, ...]:
        return tuple(_path(name, entry, folder) for entry in (raw if isinstance(raw, list) else [raw]))
    if hint == tuple[str, ...]:
        return tuple(_typed(name, str, entry) for entry in (raw if isinstance(raw, list) else [raw]))
    if hint == tuple[int, ...]:
        if not isinstance(raw, list) or not raw:
            raise TrainingError(f"{name} is a list of whole numbers", "write [1, 2, 4], for example")
        return tuple(_typed(name, int, entry) for entry in raw)
    members = getattr(hint, "__args__", (hint,))
    if type(None) in members and raw == "off":
        return None
    if NameOrPath in members:
        path = _path(name, raw, folder)
        return NameOrPath(str(path) if path.exists() else raw)
    return _typed(name, next(kind for kind in members if kind is not type(None)), raw)


def _path(name: str, raw: Any, folder: Path) -> Path:
    if not isinstance(raw, str) or not raw.strip() or "\0" in raw:
        raise TrainingError(f"{name} is a path in quotes, not {raw!r}")
    return (folder / Path(raw).expanduser()).absolute()


def _typed(name: str, kind: type[Any], raw: Any) -> Any:
    fits = isinstance(raw, (int, float) if kind is float else kind) and not isinstance(raw, bool)
    if not fits:
        words = {int: "a whole number", float: "a number", str: "text in quotes"}
        raise TrainingError(f"{name} is {words[kind]}, not {raw!r}")
    return kind(raw)


def _check_together(config: TrainingConfig) -> None:
    """What single settings cannot show."""
    try:
        config.network.band_mixer()
        config.network.band_mixer(config.n_steps)
    except ValueError as error:
        raise TrainingError(f"the network's sizes do not fit together: {error}") from error
    if config.run.steps is None and config.run.minutes is None:
        raise TrainingError("run.steps and run.minutes are both off", "say how long to train")
    if config.examples.lowest_gain_db > config.examples.highest_gain_db:
        raise TrainingError("examples.lowest_gain_db is above examples.highest_gain_db")
    if not (config.examples.dialogue or config.examples.music or config.examples.effects):
        raise TrainingError("examples without dialogue, music and effects are silent", "set one of them above 0")


def _parts(config: TrainingConfig) -> list[tuple[str, dict[str, Any]]]:
    return [(field.name, vars(getattr(config, field.name))) for field in dataclasses.fields(config)]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if value is None:
        return "off"
    return str(value) if isinstance(value, Path) else value


def _spelled(value: Any) -> str:
    plain = _plain(value)
    if isinstance(plain, str):
        return f'"{plain}"'
    return f"{plain:g}" if isinstance(plain, float) else str(plain)
