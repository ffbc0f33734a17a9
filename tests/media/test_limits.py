"""A few bytes that promise years of sound or a thousand channels are refused before anything is spent on them."""

import os
import shutil
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
import soundfile
from crafted import au, caf, flac_of_claimed_length, mkv_of_claimed_length, wav
from films import RunFfmpeg, plain_film
from reading import files_below

import vidsep
from vidsep import spool
from vidsep.errors import MediaError, OutputError
from vidsep.media import limits
from vidsep.media.demux import decode
from vidsep.media.limits import check_claims, not_endless
from vidsep.media.mp4 import split_boxes
from vidsep.media.probe import probe

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("channels.wav", wav(n_channels=65535)),
        ("rate.wav", wav(sample_rate=2**32 - 1)),
        ("billion.au", au(10**9, 48000)),
        ("hundreds.au", au(500, 48000)),
        ("rate.au", au(2, 2**31 - 1)),
        ("billion.caf", caf(10**9, 48000.0)),
        ("nan.caf", caf(2, float("nan"))),
        ("endless.caf", caf(2, 1e300)),
        ("slow.wav", wav(sample_rate=1)),
    ],
)
def test_channels_and_rates_that_cannot_be_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    for story in (
        lambda path: vidsep.remix(path, tmp_path / "out.mkv"),
        lambda path: vidsep.measure_loudness(path),
    ):
        with pytest.raises(MediaError) as caught:
            story(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert files_below(tmp_path) == {name}


@pytest.fixture
def silent_flac(tmp_path: Path) -> Path:
    """Two hours of silence in a few kilobytes."""
    path = tmp_path / "silent.flac"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(120):
            file.write(np.zeros(60 * 8000, np.int16))
    return path


def test_years_of_sound_are_refused(silent_flac: Path, tmp_path: Path) -> None:
    long = tmp_path / "years.flac"
    long.write_bytes(flac_of_claimed_length(silent_flac.read_bytes(), 2**36 - 1))
    with pytest.raises(MediaError, match="claims to last 2386 hours"):
        probe(long)


def test_days_in_no_bytes_are_refused(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film, long = plain_film(run_ffmpeg, tmp_path / "film.mkv"), tmp_path / "days.mkv"
    long.write_bytes(mkv_of_claimed_length(film.read_bytes(), 48 * 3600.0))
    with pytest.raises(MediaError, match=r"claims to last 48\.0 hours with \d+ bytes"):
        probe(long)


def test_silence_of_hours_is_believed(silent_flac: Path) -> None:
    """The emptiest sound that there is."""
    assert probe(silent_flac).duration_seconds == 7200


def test_sound_that_goes_on_far_beyond_its_claim_ends(silent_flac: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.flac"
    bomb.write_bytes(flac_of_claimed_length(silent_flac.read_bytes(), 8000))
    info = probe(bomb)
    assert info.duration_seconds == 1.0
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(MediaError, match=r"goes on for more than 0\.2 hours, the file claims 1\.0 s"):
        decode(info, info.audio_stream(), work)
    assert sum(path.stat().st_size for path in work.iterdir()) <= 4 * 8000 * 640


def test_a_wrong_claim_of_some_minutes_is_no_bomb() -> None:
    block = np.zeros((48000, 1), np.float32)
    assert sum(map(len, not_endless([block] * 600, 48000, 0.0))) == 600 * 48000


def test_more_streams_than_a_film_has_are_refused() -> None:
    check_claims("film.mkv", 60.0, 10**6, limits.MOST_STREAMS)
    with pytest.raises(MediaError, match="301 streams"):
        check_claims("film.mkv", 60.0, 10**6, limits.MOST_STREAMS + 1)


def test_the_room_for_work_files_is_asked_for_before_they_are_written(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = probe(plain_film(run_ffmpeg, tmp_path / "film.mkv"))
    work = tmp_path / "work"
    work.mkdir()
    needed = 2 * 48000 * 2 * 4
    for room, is_enough in ((needed * 1.2, True), (needed * 0.8, False)):
        free = room + 10**9 / 20
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: Usage(10**9, 10**9 - free, free))
        if is_enough:
            decode(info, info.audio_stream(), work)
        else:
            with pytest.raises(OutputError, match=r"takes 0\.00 GB in the work folder .*, which has room for 0\.00 GB"):
                decode(info, info.audio_stream(), work)


def test_the_last_of_a_disk_is_left_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LOOK_BYTES", 48000 * 4 * 2)
    path = tmp_path / "sound.f32"

    def usage(_: Path) -> Usage:
        free = 10**8 - path.stat().st_size
        return Usage(10**9, 10**9 - free, free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    blocks = (np.zeros((48000, 1), np.float32) for _ in range(10**6))
    with pytest.raises(OutputError, match="set TMPDIR"):
        spool.spool(blocks, path, 1)
    assert path.stat().st_size == pytest.approx(10**8 - 10**9 / 20, rel=0.02)


@pytest.mark.skipif(os.name != "posix", reason="measures memory as POSIX does")
def test_a_picture_as_large_as_a_house_is_not_decoded(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    film = tmp_path / "house.mkv"
    picture = ("-f", "lavfi", "-i", "color=s=12000x12000:r=1:d=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    run_ffmpeg(*picture, film)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert probe(film).video[0].codec == "mjpeg"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * (
        1024 if os.uname().sysname == "Linux" else 1
    )
    assert grown < 12000 * 12000 * 1.5 / 2


def test_a_file_that_changes_while_it_is_read_is_told(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film, work = plain_film(run_ffmpeg, tmp_path / "film.mkv"), tmp_path / "work"
    work.mkdir()
    info = probe(film)
    with film.open("ab") as file:
        file.write(b"\0" * 100)
    with pytest.raises(MediaError, match="was changed while it was read; wait until nobody writes to it"):
        decode(info, info.audio_stream(), work)
    film.rename(tmp_path / "elsewhere.mkv")
    with pytest.raises(MediaError):
        decode(info, info.audio_stream(), work)


@pytest.mark.skipif(os.name != "posix", reason="makes a file with a hole")
def test_a_file_in_which_nothing_is_found_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros without end, which readers of MP3 take for padding."""
    monkeypatch.setattr("vidsep.media.probe.MOST_LOOK_SECONDS", 0.3)
    path = tmp_path / "zeros.mp3"
    path.touch()
    os.truncate(path, 50 * 2**30)
    start = time.monotonic()
    with pytest.raises(MediaError, match=r"nothing was found in zeros\.mp3 for 0\.3 s|is no video or sound file"):
        probe(path)
    assert time.monotonic() - start < 10


def test_boxes_in_boxes_without_end_are_bytes() -> None:
    nested = b""
    for _ in range(5000):
        nested = (8 + len(nested)).to_bytes(4, "big") + b"moov" + nested
    boxes, rest = split_boxes(nested)
    assert rest == b""
    assert boxes[0].to_bytes() == nested
