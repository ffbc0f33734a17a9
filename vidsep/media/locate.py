"""Which ffmpeg to use."""

import os
import shutil
from functools import lru_cache
from pathlib import Path

from vidsep.errors import MediaError

PROGRAM = "ffmpeg.exe" if os.name == "nt" else "ffmpeg"


def executable() -> Path:
    """The ffmpeg to use: $VIDSEP_FFMPEG, else the one on PATH, else the one that came with imageio-ffmpeg.

    Raises `MediaError` when there is none.
    """
    return _find(os.environ.get("VIDSEP_FFMPEG", ""), os.environ.get("PATH", ""))


def environment(program: str) -> dict[str, str] | None:
    """The environment to run this ffmpeg in; None is that of this process.

    Some builds that came with imageio-ffmpeg hold a C library that crashes over the names of programmes in MPEG-TS: it
    looks for the machine's character sets and finds those of another library. They are shown none.
    """
    if "imageio_ffmpeg" not in Path(program).parts:
        return None
    return {**os.environ, "GCONV_PATH": os.devnull}


@lru_cache
def _find(chosen: str, search_path: str) -> Path:
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise MediaError(f"VIDSEP_FFMPEG names {chosen}, which is no program", "correct or unset the variable")
        return Path(found)
    return _on_path(search_path) or _packaged()


def _on_path(search_path: str) -> Path | None:
    """The first ffmpeg on ``search_path``, folders named relative to the current one left out.

    Where Windows and careless settings look first is the folder at hand: that of the videos, with whatever came along.
    """
    for folder in search_path.split(os.pathsep):
        found = shutil.which(str(Path(folder) / PROGRAM)) if Path(folder).is_absolute() else None
        if found:
            return Path(found)
    return None


def _packaged() -> Path:
    import imageio_ffmpeg  # not at the top: it starts looking for its binary when it is imported

    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError("ffmpeg was not found", "install ffmpeg, or run: pip install imageio-ffmpeg") from error
