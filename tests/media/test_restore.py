"""What ffmpeg leaves out of an MP4 is put back in its place, and everything else stays where the index says."""

from pathlib import Path

import pytest
from films import RunFfmpeg, plain_film

from vidsep.media.mp4 import Box, BrokenBoxesError, read_index, split_boxes, write_index
from vidsep.media.picture import picture_hash
from vidsep.media.restore import PICTURE_HEAD_BYTES, described, restore

DOLBY = Box(b"dvvC", bytes([1, 0, 0x10, 0x15, 0x40]) + bytes(19))
STBL = (b"mdia", b"minf", b"stbl")


@pytest.fixture(params=["", "+faststart"], ids=["index last", "index first"])
def film(request: pytest.FixtureRequest, run_ffmpeg: RunFfmpeg, tmp_path: Path) -> Path:
    flags = ("-movflags", request.param) if request.param else ()
    return plain_film(run_ffmpeg, tmp_path / "film.mp4", "-c:v", "libx264", "-g", "5", *flags)


def with_box(film: Path, box: Box) -> Path:
    """A copy of the film whose picture has one box more in its sample entry."""
    path = film.with_stem("with-box")
    path.write_bytes(film.read_bytes())
    index = read_index(path)
    assert index is not None
    entries = index[0].children[1].find(*STBL, b"stsd")
    assert entries is not None
    entries.children[0].head += box.to_bytes()
    write_index(path, *index)
    return path


def test_an_index_is_written_as_it_was_read(film: Path) -> None:
    index = read_index(film)
    assert index is not None
    moov, place, n_bytes = index
    assert moov.to_bytes() == film.read_bytes()[place : place + n_bytes]


def test_a_box_that_was_lost_is_put_back(film: Path) -> None:
    had = with_box(film, DOLBY)
    assert picture_hash(had) == picture_hash(film)  # places in the file were moved with what they point at
    restore(had, film, [1, 2])
    assert described(film) == described(had)
    assert "dvvC" in (described(film) or {})[1]
    assert picture_hash(film) == picture_hash(had)


def test_a_file_that_lacks_nothing_stays_as_it_is(film: Path) -> None:
    before = film.read_bytes()
    other = film.with_stem("other")
    other.write_bytes(before)
    restore(other, film, [1, 2])
    assert film.read_bytes() == before


def test_boxes_that_are_not_about_the_picture_stay_away(film: Path) -> None:
    had = with_box(film, Box(b"evil", b"12345678"))
    restore(had, film, [1, 2])
    assert b"evil" not in film.read_bytes()


def test_the_other_codec_gets_nothing(run_ffmpeg: RunFfmpeg, film: Path) -> None:
    had = with_box(film, DOLBY)
    other = plain_film(run_ffmpeg, film.with_name("other.mp4"), "-c:v", "mpeg4")
    restore(had, other, [1, 2])
    assert b"dvvC" not in other.read_bytes()


def test_a_track_of_something_else_gets_nothing(film: Path) -> None:
    restore(with_box(film, DOLBY), film, [None, 2])
    assert b"dvvC" not in film.read_bytes()


@pytest.mark.parametrize("damage", [b"\0\0\0\1moov\0\0\0\0\0\0\0\3", b"\0\0\0\7moov", b"\xff\xff\xff\xffmoov"])
def test_a_broken_file_is_left_alone(film: Path, damage: bytes) -> None:
    broken = film.with_stem("broken")
    broken.write_bytes(damage + bytes(64))
    before = film.read_bytes()
    restore(broken, film, [1, 2])
    assert film.read_bytes() == before
    with pytest.raises(BrokenBoxesError):
        read_index(broken)


def test_boxes_in_boxes_without_end_are_not_followed() -> None:
    data = b""
    for _ in range(5000):
        data = Box(b"moov", data).to_bytes()
    (outer,), rest = split_boxes(data)
    assert (outer.to_bytes(), rest) == (data, b"")


def test_what_is_left_behind_boxes_is_kept() -> None:
    entry = bytes(PICTURE_HEAD_BYTES) + DOLBY.to_bytes() + bytes(4)  # QuickTime ends such lists with four zeros
    boxes, rest = split_boxes(entry[PICTURE_HEAD_BYTES:])
    assert [box.kind for box in boxes] == [b"dvvC"]
    assert rest == bytes(4)
