"""Which ffmpeg to use."""

import os
import shutil
from functools import lru_cache
from pathlib import Path

from vidsep.errors import MediaError


def executable() -> Path:
    """The ffmpeg to use: $VIDSEP_FFMPEG, else the one on PATH, else the one that came with imageio-ffmpeg.

    Raises `MediaError` when there is none.
    """
    return _find(os.environ.get("VIDSEP_FFMPEG", ""), os.environ.get("PATH", ""))


@lru_cache
def _find(chosen: str, search_path: str) -> Path:
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise MediaError(f"VIDSEP_FFMPEG names {chosen}, which is no program", "correct or unset the variable")
        return Path(found)
    on_path = shutil.which("ffmpeg", path=search_path)
    return Path(on_path) if on_path else _packaged()


def _packaged() -> Path:
    import imageio_ffmpeg  # not at the top: it starts looking for its binary when it is imported

    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError("ffmpeg was not found", "install ffmpeg, or run: pip install imageio-ffmpeg") from error
