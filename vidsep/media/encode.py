"""Sound to a sound file: what ffmpeg makes of blocks of samples."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import ffmpeg as composer

from vidsep.audio import Audio, FloatArray
from vidsep.media import ffmpeg
from vidsep.progress import Advance, ignore


def encode(
    blocks: Iterable[FloatArray], sound: Audio, path: Path, options: Mapping[str, str], advance: Advance = ignore
) -> None:
    """Write ``blocks``, of the rate and layout of ``sound``, to ``path`` with ``options`` for ffmpeg's output.

    Raises as `vidsep.media.ffmpeg.run` does.
    """
    form = {"f": "f32le", "ar": sound.sample_rate, "ac": sound.n_channels}
    if "channels" not in sound.layout:  # not a count but one of ffmpeg's names
        form["channel_layout"] = sound.layout
    ffmpeg.run(composer.input("pipe:0", **form).output(ffmpeg.url(path), **options), blocks, advance)
