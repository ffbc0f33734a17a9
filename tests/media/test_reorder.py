"""Whether pictures are shown in another order than they are decoded in is seen from their times."""

from pathlib import Path

import pytest
from films import H264, RunFfmpeg, plain_film

from vidsep.media.probe import probe
from vidsep.media.reorder import decoded_earlier, is_reordered


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "mov"])
@pytest.mark.parametrize("n_b_frames", [0, 2])
def test_b_frames_are_seen(run_ffmpeg: RunFfmpeg, tmp_path: Path, suffix: str, n_b_frames: int) -> None:
    film = plain_film(run_ffmpeg, tmp_path / f"film.{suffix}", *H264, "-bf", str(n_b_frames))
    assert is_reordered(probe(film)) == bool(n_b_frames)


def test_sound_alone_has_no_order(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "sound.m4a")
    assert not is_reordered(probe(tmp_path / "sound.m4a"))


def test_a_healthy_film_is_left_alone(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    assert decoded_earlier(probe(plain_film(run_ffmpeg, tmp_path / "film.mp4"))) == {}


def test_pictures_that_come_too_late_are_decoded_earlier(shared: Path) -> None:
    film = probe(shared / "videos" / "dolbyVision-hdr.MOV")
    assert decoded_earlier(film) == {0: "setts=pts=PTS:dts=DTS-40"}  # of 1/600 s: two pictures
