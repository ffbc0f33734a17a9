"""Where presets come from: the shipped files, and files of the user's."""

import codecs
import importlib.resources
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidsep.errors import PresetError
from vidsep.preset.schema import LONGEST_PATH, nearest, quoted
from vidsep.preset.sections import NOT_IN_NAMES

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable

    import tomllib
else:
    from importlib.abc import Traversable

    import tomli as tomllib

LARGEST_BYTES = 1 << 20  # hundreds of times a full preset
MOST_DOTS = 100  # in a line: the time for a dotted key grows with the square of its parts
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CHECKOUT_FOLDER = Path(__file__).parents[2] / "presets"


@dataclass(frozen=True)
class PresetFile:
    """A preset file, read but not checked.

    ``label`` names it in errors, ``stem`` is the preset's name unless it gives itself one, paths in it are relative to
    ``folder``, and two that are the same file have the same ``identity``.
    """

    label: str
    stem: str
    folder: Path
    identity: str
    table: Mapping[str, Any]


def preset_names() -> tuple[str, ...]:
    """The names of the shipped presets, in alphabetical order."""
    return tuple(sorted(_shipped()))


def is_path(source: str | Path) -> bool:
    """Whether ``source`` is the path of a preset file, and not the name of a shipped preset."""
    return isinstance(source, Path) or source.endswith(".toml") or "/" in source or "\\" in source


def read(source: str | Path, folder: Path) -> PresetFile:
    """The shipped preset or the file (relative to ``folder``) that ``source`` names.

    Raises `PresetError` if there is none, or if it is not a TOML file of at most `LARGEST_BYTES`.
    """
    if is_path(source):
        return _read_file(str(source), folder)
    shipped = _shipped()
    name = str(source)
    if name not in shipped:
        lists = "`vidsep presets list` shows the shipped ones; a file's name ends in .toml"
        raise PresetError(f"there is no preset {quoted(name)}", nearest(name, shipped) or lists)
    return PresetFile(name, name, Path.cwd(), f"shipped {name}", _parsed(name, shipped[name].read_bytes()))


def _read_file(source: str, folder: Path) -> PresetFile:
    label = quoted(source, LONGEST_PATH)
    try:
        path = (folder / source).absolute()
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise PresetError(f"preset {label} {what}", "give the path of a .toml file")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        return PresetFile(label, _name(path.stem), path.parent, str(path.resolve()), _parsed(label, data))
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise PresetError(f"preset {label} cannot be read: {reason}") from error


def _name(stem: str) -> str:
    """The name of a preset whose file is called ``stem``."""
    return "".join("-" if letter in NOT_IN_NAMES or not letter.isprintable() else letter for letter in stem)


def _parsed(label: str, data: bytes) -> Mapping[str, Any]:
    if len(data) > LARGEST_BYTES:
        raise PresetError(f"preset {label} is larger than {LARGEST_BYTES >> 20} MiB", "a preset is a short TOML file")
    try:
        # Windows PowerShell 5 redirects into UTF-16, `vidsep presets show ... > mine.toml` too.
        text = data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig")
        for number, line in enumerate(text.split("\n"), start=1):
            if line.count(".") > MOST_DOTS:
                raise PresetError(f"preset {label} has more than {MOST_DOTS} dots in line {number}", "break the line")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        message = f"preset {label} is not UTF-8 text (byte {error.start + 1})"
        raise PresetError(message, "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise PresetError(
            f"preset {label} is not TOML: {reason}", "see https://toml.io for how it is written"
        ) from error


def _shipped() -> dict[str, Traversable]:
    """The shipped files by preset name: from the installed package, or beside it in a checkout."""
    try:
        folder: Traversable = importlib.resources.files("vidsep.presets")
    except ModuleNotFoundError:
        folder = CHECKOUT_FOLDER
    try:
        return {entry.name[:-5]: entry for entry in folder.iterdir() if entry.name.endswith(".toml")}
    except OSError as error:
        raise PresetError("the presets that belong to vidsep are missing", "install vidsep again") from error
