"""All settings by their dotted names, as the dataclasses of presets and processors declare them."""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from vidsep.preset.sections import PieceSettings, Preset
from vidsep.processors import PROCESSORS, Processor
from vidsep.settings import Setting, setting_of

LONGEST_NAME = 80  # characters of a setting's name or value that an error repeats
LONGEST_PATH = 1000


@dataclass(frozen=True)
class Row:
    """One setting: its name (``music.gain_db``), what is known of it, its type and its default."""

    name: str
    setting: Setting
    type: Any
    default: Any

    @property
    def allowed(self) -> str:
        """What it can be, for people: ``-60 to 24 dB or off``."""
        if self.setting.choices:
            words = ", ".join(self.setting.choices)
            return f"some of {words}" if self.type is not str else f"one of {words}"
        if self.type is bool:
            return "true or false"
        if self.type is float:
            measure = f"{self.setting.low:g} to {self.setting.high:g} {self.setting.unit}".rstrip()
            return f"{measure} or off" if self.setting.optional else measure
        if self.type is Path:
            return "a path"
        return "text" if self.type is str else "a list of tables"

    @property
    def spelled_default(self) -> str:
        """Its default as ``--set`` would spell it; empty where there is none."""
        if self.default is dataclasses.MISSING:
            return ""
        if isinstance(self.default, tuple):
            return ",".join(self.default) or "none"
        if isinstance(self.default, bool):
            return str(self.default).lower()
        if isinstance(self.default, str):
            return self.default
        return "off" if self.default is None else f"{self.default:g}"

    def as_dict(self) -> dict[str, Any]:
        """What is known of the setting, JSON-safe."""
        bounds = (self.setting.low, self.setting.high) if self.type is float else (None, None)
        return {
            "name": self.name,
            "allowed": self.allowed,
            "unit": self.setting.unit,
            "low": bounds[0],
            "high": bounds[1],
            "choices": list(self.setting.choices),
            "optional": self.setting.optional,
            "default": self.spelled_default,
            "help": self.setting.help,
        }


def rows_of(owner: type[Any], prefix: str = "") -> Mapping[str, Row]:
    """The settings of a dataclass by field name; ``prefix`` goes before the names in the rows."""
    hints = get_type_hints(owner)
    return {
        field.name: Row(prefix + field.name, setting_of(field), _without_none(hints[field.name]), field.default)
        for field in dataclasses.fields(owner)
        if "setting" in field.metadata
    }


@cache
def sections() -> Mapping[str, type[Any]]:
    """The tables of a preset file and their dataclasses, in the order in which they are written."""
    return {name: kind for name, kind in get_type_hints(Preset).items() if name not in rows_of(Preset)}


@cache
def settings() -> Mapping[str, Row]:
    """Every setting of a preset by its dotted name."""
    rows = dict(rows_of(Preset))
    for name, owner in sections().items():
        rows |= {row.name: row for row in rows_of(owner, f"{name}.").values()}
    return rows


@cache
def processor_settings() -> Mapping[str, Mapping[str, Row]]:
    """The settings of each type of processor."""
    return {name: rows_of(owner) for name, owner in PROCESSORS.items()}


@cache
def piece_settings() -> Mapping[str, Row]:
    """The settings of a piece of replacement music."""
    return rows_of(PieceSettings)


def type_of(processor: Processor) -> str:
    """The name under which presets know a processor; its class's name where they do not."""
    kind = type(processor)
    return next((name for name, owner in PROCESSORS.items() if owner is kind), kind.__name__)


def nearest(name: str, known: Iterable[str]) -> str:
    """``did you mean ...?`` with the known name that is most like ``name``; empty where none is."""
    known = [candidate for candidate in known if candidate != name]
    matches = difflib.get_close_matches(name[:LONGEST_NAME], known, n=1, cutoff=0.6)
    ends = [candidate for candidate in known if candidate.rpartition(".")[2] == name.rpartition(".")[2]]
    found = matches or ends[:1]
    return f"did you mean {found[0]}?" if found else ""


def quoted(name: str, longest: int = LONGEST_NAME) -> str:
    """A name that somebody wrote, fit for one line of an error, cut after ``longest`` characters."""
    short = name if len(name) <= longest else name[:longest] + "..."
    return short if short.isprintable() and short else repr(short)


def _without_none(hint: Any) -> Any:
    """``float`` for ``float | None``."""
    members = [member for member in getattr(hint, "__args__", ()) if member is not type(None)]
    return members[0] if type(None) in getattr(hint, "__args__", ()) else hint
