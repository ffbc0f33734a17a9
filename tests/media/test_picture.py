"""Equal pictures have equal hashes in whatever container, and a single bit makes a difference."""

from pathlib import Path

import pytest
from films import H264, RunFfmpeg, plain_film

from vidsep.errors import MediaError
from vidsep.media.picture import hash_ahead, picture_hash


def copied(run_ffmpeg: RunFfmpeg, film: Path, name: str, *options: str) -> Path:
    path = film.with_name(name)
    run_ffmpeg("-i", film, "-map", "0:v", "-c", "copy", *options, path)
    return path


@pytest.fixture
def film(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> Path:
    return plain_film(run_ffmpeg, tmp_path / "film.mp4")


def test_a_copy_has_the_same_picture(run_ffmpeg: RunFfmpeg, film: Path) -> None:
    before = picture_hash(film)
    assert before.n_packets == 20
    assert before.streams[0].codec == "h264"
    assert picture_hash(copied(run_ffmpeg, film, "copy.mkv")) == before


def test_another_encode_is_another_picture(run_ffmpeg: RunFfmpeg, film: Path) -> None:
    other = film.with_name("other.mp4")
    run_ffmpeg("-i", film, "-map", "0:v", *H264, other)
    assert picture_hash(other) != picture_hash(film)
    assert picture_hash(other, units_only=True) != picture_hash(film, units_only=True)


def test_a_lost_packet_is_seen(run_ffmpeg: RunFfmpeg, film: Path) -> None:
    shorter = copied(run_ffmpeg, film, "shorter.mkv", "-bsf:v", "noise=drop='eq(n,7)'")
    assert picture_hash(shorter).n_packets == 19
    assert picture_hash(shorter).sha256 != picture_hash(film).sha256


def test_a_single_bit_is_seen(film: Path) -> None:
    before = picture_hash(film)
    content = bytearray(film.read_bytes())
    middle = content.index(b"mdat") + 2000  # within the first picture, before the first sound
    content[middle] ^= 1
    changed = film.with_name("changed.mp4")
    changed.write_bytes(content)
    assert picture_hash(changed) != before
    assert picture_hash(changed, units_only=True) != picture_hash(film, units_only=True)


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_other_framing_is_no_other_picture(run_ffmpeg: RunFfmpeg, tmp_path: Path, encoder: str) -> None:
    quiet = ("-x265-params", "log-level=error") if encoder == "libx265" else ()
    film = plain_film(run_ffmpeg, tmp_path / "film.mp4", "-c:v", encoder, *quiet)
    stream = copied(run_ffmpeg, film, "stream.ts")
    assert picture_hash(stream) != picture_hash(film)  # start codes instead of lengths
    assert picture_hash(stream, units_only=True) == picture_hash(film, units_only=True)


def test_a_file_without_picture_has_the_hash_of_nothing(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "sound.wav")
    assert picture_hash(tmp_path / "sound.wav").streams == ()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="does not exist"):
        picture_hash(tmp_path / "missing.mp4")


def test_pictures_at_other_times_are_seen(run_ffmpeg: RunFfmpeg, film: Path) -> None:
    late = copied(run_ffmpeg, film, "late.mp4", "-bsf:v", "setts=pts=PTS+gte(N\\,10)*0.05/TB")
    before, after = picture_hash(film), picture_hash(late)
    assert after == before
    assert before.largest_delay(after) == pytest.approx(0.05, abs=1e-3)
    assert before.largest_delay(picture_hash(copied(run_ffmpeg, film, "copy.mkv"))) <= 0.001


def test_what_is_worked_out_ahead_is_the_same(film: Path) -> None:
    assert hash_ahead(film)() == picture_hash(film)


def test_a_file_that_changed_is_hashed_again(run_ffmpeg: RunFfmpeg, film: Path) -> None:
    assert hash_ahead(film)().n_packets == 20
    copied(run_ffmpeg, film, "shorter.mp4", "-frames:v", "19").replace(film)
    assert hash_ahead(film)().n_packets == 19


def test_what_goes_wrong_ahead_is_told_to_who_asks(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no film", encoding="utf-8")
    ahead = hash_ahead(tmp_path / "text.mp4")
    with pytest.raises(MediaError, match="no video or sound file"):
        ahead()
