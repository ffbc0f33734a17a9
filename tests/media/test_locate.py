"""Which ffmpeg runs, and in what environment."""

from pathlib import Path

import imageio_ffmpeg

from vidsep.media.locate import environment


def test_the_ffmpeg_of_imageio_is_shown_no_character_sets() -> None:
    """Those of some of its releases crash over them when they read MPEG-TS."""
    shown = environment(imageio_ffmpeg.get_ffmpeg_exe()) or {}
    assert not Path(shown["GCONV_PATH"]).is_dir()
    assert "PATH" in shown


def test_any_other_ffmpeg_has_the_environment_of_this_process() -> None:
    assert environment("/usr/bin/ffmpeg") is None
