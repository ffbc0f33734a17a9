"""Values that somebody wrote become values of settings, or a `PresetError` that names the setting.

Two spellings come in: typed values, from TOML or Python, and text, from ``--set`` on the command line.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from vidsep.errors import PresetError
from vidsep.preset import schema
from vidsep.preset.schema import Row, nearest, quoted
from vidsep.preset.sections import PieceSettings
from vidsep.processors import PROCESSORS, Processor
from vidsep.settings import check_value

LONGEST_TEXT = 2000  # characters of a description
MOST_ENTRIES = 1000  # processors of a stem, pieces of music
YES, NO = ("true", "yes", "on"), ("false", "no", "off")

T = TypeVar("T")
Values: TypeAlias = dict[str, Any]
"""What somebody set: values by dotted names."""


def values_of(table: Mapping[Any, Any], folder: Path, *, spelled: bool = False) -> Values:
    """The values that ``table`` sets, checked one by one.

    Tables may be nested or have dotted names. Paths are relative to ``folder``. With ``spelled``, text stands for
    values of any type. Raises `PresetError` for a name that is no setting and a value that its setting cannot have.
    """
    values: Values = {}
    for name, raw in table.items():
        if isinstance(raw, Mapping) and name in schema.sections():
            entries = {f"{name}.{leaf}": value for leaf, value in raw.items()}
        else:
            entries = {str(name): raw}
        for dotted, value in entries.items():
            row = _row(dotted, schema.settings())
            typed = _parsed(row, value) if spelled and isinstance(value, str) else value
            values[dotted] = _value(row, typed, folder)
    return values


def _row(name: str, known: Mapping[str, Row], owner: str = "") -> Row:
    """The row of a name, or the error that names the nearest one."""
    if name in known:
        return known[name]
    if not owner and name in schema.sections():
        raise PresetError(f"{name} is a table of settings, not one", f"write {name}.{_first_leaf(name)}, for example")
    names = known if owner else [*known, *schema.sections(), "extends"]
    lists = "`vidsep presets show --settings` lists them all"
    raise PresetError(f"{quoted(name)} is not a setting{owner}", nearest(name, names) or lists)


def _first_leaf(section: str) -> str:
    return next(iter(schema.rows_of(schema.sections()[section])))


def _parsed(row: Row, text: str) -> Any:
    """What ``text`` spells, as TOML would have it."""
    text = text.strip()
    if row.type in (str, Path):
        return text
    if row.type is bool:
        return True if text.lower() in YES else False if text.lower() in NO else text
    if text.lower() == "off":
        return [] if row.default == () else "off"
    if row.setting.choices:
        return [word.strip() for word in text.split(",")]
    try:
        return float(text)
    except ValueError:
        return text


def _value(row: Row, raw: Any, folder: Path) -> Any:
    """``raw`` as a value of the setting."""
    if row.setting.optional and (raw is None or (isinstance(raw, str) and raw == "off")):
        return None
    if row.type is float:
        value: Any = _number(row, raw)
    elif row.type is str:
        value = _text(row, raw)
    elif row.type is Path:
        value = _path(row, raw, folder)
    elif row.type is bool:
        value = _flag(row, raw)
    elif row.setting.choices:
        value = _words(row, raw)
    else:
        value = _entries(row, raw, folder)
    _named(lambda: check_value(row.name, value, row.setting))
    return value


def _number(row: Row, raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, float | int):
        raise _refusal(row, raw)
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise _refusal(row, raw)
    return value


def _flag(row: Row, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _refusal(row, raw)
    return raw


def _text(row: Row, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _refusal(row, raw)
    if row.setting.choices:
        if raw not in row.setting.choices:
            message = f"{row.name} is {row.allowed}, not {_shown(raw)}"
            raise PresetError(message, nearest(raw, row.setting.choices))
        return raw
    line = " ".join(raw.split())
    if len(line) > LONGEST_TEXT:
        raise PresetError(f"{row.name} has {len(line)} characters, {LONGEST_TEXT} are allowed")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in line):
        raise PresetError(f"{row.name} has characters that cannot be shown", "write plain text")
    return line


def _path(row: Row, raw: Any, folder: Path) -> Path:
    if not isinstance(raw, str | Path) or not str(raw).strip() or "\0" in str(raw):
        raise _refusal(row, raw)
    return (folder / raw).absolute()


def _words(row: Row, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise _refusal(row, raw)
    for word in raw:
        if not isinstance(word, str) or word not in row.setting.choices:
            known = nearest(word, row.setting.choices) if isinstance(word, str) else ""
            raise PresetError(f"{row.name} is {row.allowed}, not {_shown(word)}", known)
    return tuple(raw)


def _entries(row: Row, raw: Any, folder: Path) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        raise _refusal(row, raw)
    if len(raw) > MOST_ENTRIES:
        raise PresetError(f"{row.name} has {len(raw)} entries, {MOST_ENTRIES} are allowed")
    one = _piece if row.name == "replacement.pieces" else _processor
    return tuple(
        entry if isinstance(entry, PieceSettings | Processor) else one(f"{row.name}[{number}]", entry, folder)
        for number, entry in enumerate(raw, start=1)
    )


def _processor(name: str, raw: Any, folder: Path) -> Processor:
    if not isinstance(raw, Mapping):
        raise PresetError(f"{name} is {_shown(raw)}", 'write a table such as { type = "high_pass", frequency_hz = 80 }')
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in PROCESSORS:
        message = f"{name}.type is one of {', '.join(PROCESSORS)}, not {_shown(kind)}"
        raise PresetError(message, nearest(kind, PROCESSORS) if isinstance(kind, str) else "")
    known = schema.processor_settings()[kind]
    settings = _settings(name, f" of {kind}", known, [item for item in raw.items() if item[0] != "type"], folder)
    return _named(lambda: PROCESSORS[kind](**settings), f"{name}.")


def _piece(name: str, raw: Any, folder: Path) -> PieceSettings:
    if not isinstance(raw, Mapping) or "file" not in raw:
        raise PresetError(f"{name} names no file", 'write a table such as { file = "song.flac", start_seconds = 0 }')
    settings = _settings(name, " of a piece", schema.piece_settings(), raw.items(), folder)
    return _named(lambda: PieceSettings(**settings), f"{name}.")


def _settings(
    name: str, owner: str, known: Mapping[str, Row], items: Iterable[tuple[Any, Any]], folder: Path
) -> dict[str, Any]:
    """The settings of one table in a list."""
    try:
        return {str(leaf): _value(_row(str(leaf), known, owner), raw, folder) for leaf, raw in items}
    except PresetError as fault:
        raise PresetError(f"{name}.{fault.message}", fault.next_step) from fault


def _named(make: Callable[[], T], prefix: str = "") -> T:
    """What ``make`` gives; its ValueError says which setting is wrong."""
    try:
        return make()
    except ValueError as error:
        raise PresetError(f"{prefix}{error}") from error


def _refusal(row: Row, raw: Any) -> PresetError:
    return PresetError(f"{row.name} is {row.allowed}, not {_shown(raw)}")


def _shown(raw: Any) -> str:
    """A value that somebody wrote, fit for one line of an error."""
    if raw is None:
        return "left out"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**15 else "a number that large"
    if isinstance(raw, float):
        return repr(raw)
    if isinstance(raw, str):
        return repr(raw if len(raw) <= schema.LONGEST_NAME else raw[: schema.LONGEST_NAME] + "...")
    if isinstance(raw, Mapping):
        return "a table"
    return "a list" if isinstance(raw, list) else f"a value of type {type(raw).__name__}"
