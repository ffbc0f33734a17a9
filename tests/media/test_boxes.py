"""The order of an MP4's boxes is read from the file."""

from pathlib import Path

import pytest
from films import H264, RunFfmpeg, plain_film

from vidsep.media.boxes import index_comes_first


@pytest.mark.parametrize(("flags", "expected"), [((), False), (("-movflags", "+faststart"), True)])
def test_the_index_is_found_before_or_behind_the_data(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, flags: tuple[str, ...], expected: bool
) -> None:
    assert index_comes_first(plain_film(run_ffmpeg, tmp_path / "film.mp4", *H264, *flags)) is expected


def test_sizes_of_64_bits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    wide = (1).to_bytes(4, "big") + b"free" + (24).to_bytes(8, "big") + bytes(8)
    path.write_bytes(wide + (16).to_bytes(4, "big") + b"mdat" + bytes(8))
    assert index_comes_first(path) is False


@pytest.mark.parametrize("content", [b"", b"abc", bytes(64), b"\x1aE\xdf\xa3 another kind of file"])
def test_files_without_boxes_end_the_search(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(content)
    assert index_comes_first(path) is True
