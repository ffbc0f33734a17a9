"""Is everything there that vidsep needs on this machine?"""

import importlib.metadata
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from vidsep.errors import VidsepError
from vidsep.media import ffmpeg
from vidsep.separation.cache import StemCache
from vidsep.separation.registry import DEFAULT_MODEL, MODELS

NEEDED_FREE_GB = 5.0  # work files of an hour of stereo sound, with room to spare
GIGABYTE = 1e9


@dataclass(frozen=True)
class Check:
    """What was looked at, whether it is in order, what was seen, and what to do if it is not."""

    name: str
    ok: bool
    detail: str
    fix: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def examine() -> list[Check]:
    """Every check, in the order in which a job needs the things checked. None raises."""
    looks: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("python", _python),
        ("ffmpeg", _ffmpeg),
        ("tensorflow", _tensorflow),
        ("devices", _devices),
        ("weights", _weights),
        ("cache", _cache),
        ("work folder", _work_folder),
    )
    return [_safely(name, look) for name, look in looks]


def _safely(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except VidsepError as error:
        return Check(name, False, error.message, error.next_step)
    except Exception as error:  # a check that breaks is a finding, too
        return Check(
            name, False, f"{type(error).__name__}: {error}", "reinstall vidsep: pip install --force-reinstall vidsep"
        )


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", True, f"{version}, vidsep {importlib.metadata.version('vidsep')}")


def _ffmpeg() -> Check:
    return Check("ffmpeg", True, f"{ffmpeg.version()} at {ffmpeg.executable()}")


def _tensorflow() -> Check:
    from vidsep.separation import devices

    return Check("tensorflow", True, devices.backend_version())


def _devices() -> Check:
    from vidsep.separation import devices

    return Check("devices", True, ", ".join(devices.names()))


def _weights() -> Check:
    here = [row for row in MODELS.values() if row.is_here or row.name == DEFAULT_MODEL]
    for row in here:
        row.check_weights()
    return Check("weights", True, f"{', '.join(row.name for row in here)}: complete; default is {DEFAULT_MODEL}")


def _cache() -> Check:
    return _free_space("cache", StemCache().info().folder, "set VIDSEP_CACHE_DIR to a folder on a larger disk")


def _work_folder() -> Check:
    return _free_space("work folder", Path(tempfile.gettempdir()), "set TMPDIR to a folder on a larger disk")


def _free_space(name: str, folder: Path, fix: str) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check(name, False, f"{folder} cannot be written to: {error.strerror or error}", fix)
    free_gb = shutil.disk_usage(folder).free / GIGABYTE
    return Check(name, free_gb >= NEEDED_FREE_GB, f"{folder}, {free_gb:.0f} GB free", fix)
