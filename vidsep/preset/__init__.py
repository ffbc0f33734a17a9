"""Presets: everything that is chosen about a remix, as data.

`sections` says what a preset holds, `files` where presets come from, `values` checks what they say, `load` puts several
together and `dump` writes one out again. Precedence: the default, then presets in their order, then single settings.
"""

from vidsep.preset.dump import as_dict, to_toml
from vidsep.preset.files import preset_names
from vidsep.preset.load import check_files, check_music, load_preset, with_music
from vidsep.preset.sections import (
    DuckSettings,
    LoudnessSettings,
    MasterSettings,
    OutputSettings,
    PieceSettings,
    Preset,
    ReplacementSettings,
    StemSettings,
)

__all__ = [
    "DuckSettings",
    "LoudnessSettings",
    "MasterSettings",
    "OutputSettings",
    "PieceSettings",
    "Preset",
    "ReplacementSettings",
    "StemSettings",
    "as_dict",
    "check_files",
    "check_music",
    "load_preset",
    "preset_names",
    "to_toml",
    "with_music",
]
