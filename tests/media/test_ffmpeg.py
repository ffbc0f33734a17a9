"""ffmpeg is found, its errors are told, and it never outlives the call that needed it."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import ffmpeg as composer
import numpy as np
import pytest

from vidsep.audio import FloatArray
from vidsep.errors import MediaError, OutputError
from vidsep.media import ffmpeg

RAW = {"f": "f32le", "ar": 48000, "ac": 1}


def silence(n_blocks: int) -> Iterator[FloatArray]:
    for _ in range(n_blocks):
        yield np.zeros((48000, 1), np.float32)


def test_the_variable_names_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSEP_FFMPEG", sys.executable)
    assert ffmpeg.executable() == Path(sys.executable)


def test_a_variable_that_names_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSEP_FFMPEG", "/nowhere/ffmpeg")
    with pytest.raises(MediaError, match="VIDSEP_FFMPEG names /nowhere/ffmpeg"):
        ffmpeg.executable()


def test_no_ffmpeg_on_path_is_no_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VIDSEP_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "imageio_ffmpeg" in str(ffmpeg.executable())
    assert re.search(r"\d", ffmpeg.version())


def test_what_is_fed_is_what_is_written(tmp_path: Path) -> None:
    sound = np.linspace(-1, 1, 48000, dtype=np.float32)[:, None]
    path = tmp_path / "raw.f32"
    seconds: list[float] = []
    node = ffmpeg.output(composer.input("pipe:0", **RAW), name=ffmpeg.url(path), format="f32le")
    assert ffmpeg.run(node, [sound[:100], sound[100:]], seconds.append) == []
    np.testing.assert_array_equal(np.fromfile(path, "<f4"), sound[:, 0])
    assert sum(seconds) == pytest.approx(1.0)


def test_an_option_can_be_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "tags.mka"
    tags = ["title=One: two; three", "artist=Somebody"]
    node = ffmpeg.output(composer.input("pipe:0", **RAW), name=ffmpeg.url(path), acodec="flac", metadata=tags)
    ffmpeg.run(node, silence(1))
    content = path.read_bytes()
    assert b"One: two; three" in content and b"Somebody" in content


def test_the_reason_of_a_failure_is_told(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film at all " * 100)
    node = ffmpeg.output(ffmpeg.source(text), name=ffmpeg.url(tmp_path / "out.mkv"))
    with pytest.raises(MediaError, match=r"ffmpeg failed: .*[Ii]nvalid data"):
        ffmpeg.run(node)


def test_silence_of_ffmpeg_is_a_stall() -> None:
    node = ffmpeg.output(composer.input("pipe:0", **RAW), name="pipe:1", format="f32le")
    with pytest.raises(MediaError, match=r"did nothing for 0\.5 s"), ffmpeg.reading(node, stall_seconds=0.5) as reader:
        reader.read(4)  # which cannot come: nobody feeds ffmpeg


def test_time_that_the_caller_takes_is_no_stall(tmp_path: Path) -> None:
    def slow() -> Iterator[FloatArray]:
        import time

        for block in silence(2):
            time.sleep(0.6)
            yield block

    node = ffmpeg.output(composer.input("pipe:0", **RAW), name=ffmpeg.url(tmp_path / "slow.wav"))
    ffmpeg.run(node, slow(), stall_seconds=0.5)


def test_leaving_early_ends_ffmpeg() -> None:
    endless = composer.input("anullsrc", f="lavfi")
    with pytest.raises(KeyError), ffmpeg.reading(ffmpeg.output(endless, name="pipe:1", format="f32le")) as reader:
        assert len(reader.read(1000)) == 1000
        raise KeyError
    assert reader._process.popen.poll() is not None


def test_an_exception_in_the_feed_comes_through(tmp_path: Path) -> None:
    def interrupted() -> Iterator[FloatArray]:
        yield from silence(1)
        raise KeyboardInterrupt

    node = ffmpeg.output(composer.input("pipe:0", **RAW), name=ffmpeg.url(tmp_path / "out.wav"))
    with pytest.raises(KeyboardInterrupt):
        ffmpeg.run(node, interrupted())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_named() -> None:
    node = ffmpeg.output(composer.input("pipe:0", **RAW), name="file:/dev/full", format="f32le")
    with pytest.raises(OutputError, match="the disk is full"):
        ffmpeg.run(node, silence(20))


def test_a_program_beside_the_videos_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ffmpeg", "ffmpeg.exe"):
        (tmp_path / name).write_text("not the one that you think")
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIDSEP_FFMPEG", raising=False)
    for search_path in (".", "", os.pathsep, f".{os.pathsep}{tmp_path / 'nowhere'}"):
        monkeypatch.setenv("PATH", search_path)
        assert tmp_path not in ffmpeg.executable().absolute().parents
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ffmpeg.executable().parent == tmp_path


def test_tags_that_no_command_can_hold_are_named(tmp_path: Path) -> None:
    options = {"metadata": [f"lyrics={'la ' * 1_000_000}"]}
    node = ffmpeg.output(composer.input("pipe:0", **RAW), name=ffmpeg.url(tmp_path / "out.mka"), **options)
    with pytest.raises(MediaError, match="the tags of the soundtrack are too long"):
        ffmpeg.run(node, silence(1))
