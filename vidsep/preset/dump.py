"""A preset as JSON-safe values and as the TOML text that loads as the same preset."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vidsep.preset import schema
from vidsep.preset.schema import Row
from vidsep.preset.sections import PieceSettings, Preset
from vidsep.processors import Processor

COMMENT_COLUMN = 36


def as_dict(preset: Preset) -> dict[str, Any]:
    """All settings in nested tables of plain values; None for what is off."""
    table: dict[str, Any] = {"name": preset.name, "description": preset.description}
    for name in schema.sections():
        table[name] = _fields(getattr(preset, name))
    return table


def to_toml(preset: Preset, *, comments: bool = True) -> str:
    """All settings as a TOML file that `vidsep.preset.load_preset` reads back as an equal preset.

    ``comments`` adds unit and range to every line. Paths of music are absolute.
    """
    return "\n".join(_lines(preset, comments)) + "\n"


def _lines(preset: Preset, comments: bool) -> Iterator[str]:
    table = as_dict(preset)
    yield f"name = {_toml(table['name'])}"
    yield f"description = {_toml(table['description'])}"
    for name, owner in schema.sections().items():
        rows = schema.rows_of(owner)
        lists = [leaf for leaf, row in rows.items() if row.default == () and table[name][leaf]]
        yield f"\n[{name}]"
        yield from _assignments(((leaf, table[name][leaf]) for leaf in rows if leaf not in lists), rows, comments)
        for leaf in lists:
            for entry in table[name][leaf]:
                known = _rows_of_entry(entry)
                yield f"\n[[{name}.{leaf}]]"
                yield from _assignments(entry.items(), known, comments)


def _assignments(items: Iterable[tuple[str, Any]], rows: Mapping[str, Row], comments: bool) -> Iterator[str]:
    for leaf, value in items:
        line = f"{leaf} = {_toml(value)}"
        yield f"{line:<{COMMENT_COLUMN - 2}}  # {rows[leaf].allowed}" if comments and leaf in rows else line


def _rows_of_entry(entry: Mapping[str, Any]) -> Mapping[str, Row]:
    return schema.processor_settings().get(entry["type"], {}) if "type" in entry else schema.piece_settings()


def _plain(value: Any) -> Any:
    if isinstance(value, Processor):
        return {"type": schema.type_of(value), **_fields(value)}
    if isinstance(value, PieceSettings):
        return _fields(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value


def _fields(instance: Any) -> dict[str, Any]:
    return {leaf: _plain(getattr(instance, leaf)) for leaf in schema.rows_of(type(instance))}


def _toml(value: Any) -> str:
    """A value as TOML writes it; basic strings are JSON's, but for DEL and for what UTF-8 cannot hold."""
    if value is None:
        return '"off"'
    if isinstance(value, str):
        encodable = value.encode("utf-8", "replace").decode()
        return json.dumps(encodable, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)
