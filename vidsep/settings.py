"""Settings: dataclass fields that know their unit, range, default and meaning.

Processors and presets are frozen dataclasses made of these fields, and this is the one place where a setting is
described: the check of presets, ``--set``, ``vidsep presets show`` and the documentation all read it from here.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """What is known of one setting besides its default."""

    help: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    optional: bool = False  # may be switched off: None in Python, "off" in TOML and on the command line


def number(
    default: float | None,
    unit: str,
    low: float,
    high: float,
    help: str,
) -> Any:
    """A number of ``unit`` from ``low`` to ``high``; a default of None makes it one that can be off."""
    return _field(default, Setting(help, unit, low, high, optional=default is None))


def choice(default: str, choices: Sequence[str], help: str) -> Any:
    """One of a few words."""
    return _field(default, Setting(help, choices=tuple(choices)))


def several(default: Sequence[str], choices: Sequence[str], help: str) -> Any:
    """A list of a few words: at least one of them, none twice; a tuple in Python."""
    return _field(tuple(default), Setting(help, choices=tuple(choices)))


def text(default: str, help: str) -> Any:
    """Free text."""
    return _field(default, Setting(help))


def flag(default: bool, help: str) -> Any:
    """Yes or no."""
    return _field(default, Setting(help))


def setting_of(field: "dataclasses.Field[Any]") -> Setting:
    """The `Setting` behind a dataclass field made here."""
    setting = field.metadata["setting"]
    assert isinstance(setting, Setting)  # noqa: S101 - a programmer's mistake, never a user's
    return setting


def check_ranges(instance: Any) -> None:
    """Raise ValueError unless every setting of a dataclass instance is in range.

    Processors call it from ``__post_init__``; preset.py turns the ValueError into a `PresetError`.
    """
    for field in dataclasses.fields(instance):
        if "setting" in field.metadata:
            check_value(field.name, getattr(instance, field.name), setting_of(field))


def check_value(name: str, value: Any, setting: Setting) -> None:
    """Raise ValueError, with ``name`` in it, unless ``value`` is one that the setting can have."""
    if value is None and setting.optional:
        return
    if setting.choices:
        _check_words(name, value if isinstance(value, tuple) else (value,), setting)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if not setting.low <= value <= setting.high:  # also catches NaN
        measure = f"{value:g} {setting.unit}".rstrip()
        raise ValueError(f"{name} is {measure}, its range is {setting.low:g} to {setting.high:g}")


def _check_words(name: str, words: tuple[Any, ...], setting: Setting) -> None:
    for word in words:
        if word not in setting.choices:
            raise ValueError(f"{name} is one of {', '.join(setting.choices)}, not {word!r}")
    if len(set(words)) != max(1, len(words)):
        raise ValueError(f"{name} names at least one of {', '.join(setting.choices)}, and none twice")


def _field(default: Any, setting: Setting) -> Any:
    metadata: Mapping[str, Setting] = {"setting": setting}
    return dataclasses.field(default=default, metadata=metadata)
