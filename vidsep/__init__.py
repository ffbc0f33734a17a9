"""vidsep: another soundtrack under the same picture.

>>> import vidsep
>>> vidsep.load_preset("youtube").loudness.target_lufs
-14.0

The names below are imported when they are first used, so that ``import vidsep`` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vidsep.audio import Audio, Stems
    from vidsep.errors import (
        DatasetError,
        MediaError,
        ModelError,
        OutputError,
        PresetError,
        TrainingError,
        VerificationError,
        VidsepError,
    )
    from vidsep.pipeline import measure_loudness, remix, remix_audio, separate
    from vidsep.preset import Preset, load_preset
    from vidsep.results import RemixResult, SeparationResult
    from vidsep.separation.separator import Separator
    from vidsep.verifying import Verification, verify

__version__ = "0.1.0"

__all__ = [
    "Audio",
    "DatasetError",
    "MediaError",
    "ModelError",
    "OutputError",
    "Preset",
    "PresetError",
    "RemixResult",
    "SeparationResult",
    "Separator",
    "Stems",
    "TrainingError",
    "Verification",
    "VerificationError",
    "VidsepError",
    "__version__",
    "load_preset",
    "measure_loudness",
    "remix",
    "remix_audio",
    "separate",
    "verify",
]

_HOMES = {
    "Audio": "audio",
    "Stems": "audio",
    "VidsepError": "errors",
    "MediaError": "errors",
    "PresetError": "errors",
    "ModelError": "errors",
    "OutputError": "errors",
    "VerificationError": "errors",
    "DatasetError": "errors",
    "TrainingError": "errors",
    "remix": "pipeline",
    "remix_audio": "pipeline",
    "separate": "pipeline",
    "measure_loudness": "pipeline",
    "Preset": "preset",
    "load_preset": "preset",
    "RemixResult": "results",
    "SeparationResult": "results",
    "Separator": "separation.separator",
    "Verification": "verifying",
    "verify": "verifying",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vidsep' has no attribute {name!r}")
    return getattr(importlib.import_module(f"vidsep.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
