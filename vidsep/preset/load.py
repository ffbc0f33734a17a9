"""From names, files and settings to one `Preset`: each is checked by itself, and later ones win over earlier ones."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vidsep.errors import PresetError
from vidsep.preset import schema
from vidsep.preset.files import PresetFile, read
from vidsep.preset.schema import quoted
from vidsep.preset.sections import PieceSettings, Preset
from vidsep.preset.values import Values, values_of

DEFAULT_PRESET = "neutral"
SOURCED = "loudness.target_lufs"
SOURCE = ("loudness.source", "loudness.official")


def load_preset(*sources: str | Path | Preset, settings: Mapping[str, object] | None = None) -> Preset:
    """The preset that ``sources`` make together.

    A source is the name of a shipped preset (``"youtube"``), the path of a TOML file (it ends in ``.toml`` or has a
    slash) or a `Preset`. What a later one sets wins over an earlier one, down to the single setting; lists are replaced
    as a whole. ``settings`` win over all: dotted names (``"music.gain_db"``) or nested tables, with values of the
    setting's type or their spelling (``"-6"``, ``"off"``, ``"mix,original"``). Without sources: ``neutral``.

    Raises `PresetError` for a preset that does not exist, a name that is no setting, a value out of range.

    >>> load_preset("youtube", settings={"music.gain_db": "-6"}).music.gain_db
    -6.0
    """
    values: Values = {}
    names, descriptions = [], []
    for source in sources or (DEFAULT_PRESET,):
        layer = values_of_preset(source) if isinstance(source, Preset) else _file_values(source)
        names.append(layer.pop("name", ""))
        descriptions.append(layer.pop("description", ""))
        values = merged(values, layer)
    values["name"] = " + ".join(filter(None, names))
    values["description"] = " ".join(filter(None, descriptions))
    values = merged(values, values_of(settings or {}, Path.cwd(), spelled=True))
    return _built(values)


def with_music(preset: Preset, files: Sequence[str | Path]) -> Preset:
    """The preset with more pieces of music, which play in their turn after those it has."""
    pieces = tuple(PieceSettings(Path(file).absolute()) for file in files)
    replacement = dataclasses.replace(preset.replacement, pieces=(*preset.replacement.pieces, *pieces))
    return dataclasses.replace(preset, replacement=replacement)


def check_music(preset: Preset) -> None:
    """Raise `PresetError` if the preset needs a piece of music and has none."""
    if preset.replacement.required and not preset.replacement.pieces:
        raise PresetError(f"preset {preset.name} needs music to play instead", "name a file with --music")


def check_files(preset: Preset) -> None:
    """Raise `PresetError` if a piece of music that the preset names is not there."""
    for piece in preset.replacement.pieces:
        if not piece.file.is_file():
            message = f"preset {preset.name}: there is no music file {quoted(str(piece.file), schema.LONGEST_PATH)}"
            raise PresetError(message, "check its name")


def merged(below: Values, above: Values) -> Values:
    """Both layers as one; a new loudness target does not keep the source of the old one."""
    kept = below
    if SOURCED in above:
        kept = {name: value for name, value in below.items() if name not in SOURCE}
    return {**kept, **above}


def values_of_preset(preset: Preset) -> Values:
    """All that a preset says, by dotted names."""
    values: Values = {"name": preset.name, "description": preset.description}
    for section, owner in schema.sections().items():
        for leaf, row in schema.rows_of(owner, f"{section}.").items():
            values[row.name] = getattr(getattr(preset, section), leaf)
    return values


def _file_values(source: str | Path) -> Values:
    """What a preset file sets, together with the presets it extends."""
    layers: list[Values] = []
    seen: dict[str, str] = {}
    folder = Path.cwd()
    base: str | Path | None = source
    while base is not None:
        file = _read(base, folder, list(seen.values()))
        if file.identity in seen:
            way = " > ".join([*seen.values(), file.label])
            raise PresetError(
                f"preset {next(iter(seen.values()))} extends itself: {way}", "take one of the extends out"
            )
        seen[file.identity] = file.label
        table = dict(file.table)
        base, folder = _base(file.label, table.pop("extends", None)), file.folder
        layers.append({"name": file.stem, **_checked(file.label, table, file.folder)})
    values: Values = {}
    for layer in reversed(layers):
        values = merged(values, layer)
    return values


def _read(source: str | Path, folder: Path, extending: Sequence[str]) -> PresetFile:
    """The file ``source``, which the last of ``extending`` extends."""
    try:
        return read(source, folder)
    except PresetError as fault:
        if not extending:
            raise
        raise PresetError(f"preset {extending[-1]}: extends: {fault.message}", fault.next_step) from fault


def _base(label: str, extends: Any) -> str | None:
    if extends is None or isinstance(extends, str):
        return extends
    raise PresetError(f"preset {label}: extends is the name of one preset or the path of a .toml file")


def _checked(label: str, table: Mapping[str, Any], folder: Path) -> Values:
    try:
        return values_of(table, folder)
    except PresetError as fault:
        raise PresetError(f"preset {label}: {fault.message}", fault.next_step) from fault


def _built(values: Values) -> Preset:
    parts: dict[str, Any] = {"name": values["name"], "description": values["description"]}
    where = ""
    try:
        for section, owner in schema.sections().items():
            where = f"{section}."
            leaves = {leaf: f"{section}.{leaf}" for leaf in schema.rows_of(owner)}
            parts[section] = owner(**{leaf: values[name] for leaf, name in leaves.items() if name in values})
        where = ""
        return Preset(**parts)
    except ValueError as error:
        raise PresetError(f"preset {quoted(values['name'])}: {where}{error}") from error
