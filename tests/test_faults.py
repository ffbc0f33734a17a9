"""What goes wrong is one line with its exit code; the input stays as it was, and nothing is left behind."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clips import Clips
from reading import files_below

import vidsep
import vidsep.media.mux
from vidsep.audio import FloatArray
from vidsep.cli import cli
from vidsep.errors import MediaError, ModelError, OutputError, PresetError, VerificationError
from vidsep.media.picture import PictureHash, picture_hash
from vidsep.spool import SpooledSamples

Link = Callable[[Path, Path], None]


def vidsep_cli(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def check_refused(result: Result, exit_code: int, *words: str) -> None:
    """One line on stderr with ``words`` in it, nothing on stdout."""
    assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
    lines = [line for line in result.stderr.splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 1, lines
    assert lines[0].startswith("vidsep: error: ")
    for word in words:
        assert word in lines[0]


@pytest.fixture(autouse=True)
def work(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work files go to a folder of each test's own, where nothing may be left at the end."""
    folder = tmp_path_factory.mktemp("work")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert files_below(folder) == set()


BAD_INPUTS = {
    "missing": "does not exist",
    "folder": "is a folder",
    "empty": "is empty",
    "text": "is no video or sound file",
    "cut_off": "is cut off",
    "mute": "has no soundtrack",
}


@pytest.mark.parametrize("kind", BAD_INPUTS)
@pytest.mark.parametrize("command", ["remix", "separate", "loudness", "probe"])
def test_a_bad_input_is_named(clips: Clips, tmp_path: Path, command: str, kind: str) -> None:
    if (command, kind) == ("probe", "mute"):
        return  # a picture without a soundtrack can be looked at
    source: Path = {"missing": tmp_path / "no.mp4", "folder": tmp_path}.get(kind) or getattr(clips, kind)
    options = {"remix": ("-o", tmp_path / "out.mp4"), "separate": ("-o", tmp_path / "stems")}.get(command, ())
    check_refused(vidsep_cli(command, source, *options), MediaError.exit_code, BAD_INPUTS[kind], source.name)
    assert files_below(tmp_path) == set()


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        (("-p", "strip-musik"), PresetError.exit_code, ("strip-musik", "strip-music")),
        (("-p", "mine.toml"), PresetError.exit_code, ("mine.toml", "does not exist")),
        (("--set", "music.gain=-6"), PresetError.exit_code, ("music.gain", "music.gain_db")),
        (("--set", "music.gain_db=-600"), PresetError.exit_code, ("music.gain_db", "-600")),
        (("--set", "music.gain_db=loud"), PresetError.exit_code, ("music.gain_db", "loud")),
        (("-p", "replace-music"), PresetError.exit_code, ("--music",)),
        (("--music", "no.flac"), PresetError.exit_code, ("no.flac",)),
        (("--range", "60-70"), MediaError.exit_code, ("60", "6.0 s")),
        (("--track", "2"), MediaError.exit_code, ("no audio track 2",)),
        (("--model", "mrx-9000"), ModelError.exit_code, ("mrx-9000",)),
        (("--report", "no/page.html"), OutputError.exit_code, ("folder",)),
        (("--container", "xyz"), OutputError.exit_code, ("xyz",)),
        (("--container", "mov", "-o", "out.mp4"), OutputError.exit_code, ("out.mp4", "mov")),
        (("--set", "output.codec=opus", "--container", "mov"), OutputError.exit_code, ("opus", "MOV")),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["", "dry"])
def test_wrong_options_are_refused_before_any_work(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...], exit_code: int, words: tuple[str, ...], dry: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("vidsep.pipeline.new_sound", None)
    check_refused(vidsep_cli("remix", clips.mp4, "-o", tmp_path / "out", *options, *dry), exit_code, *words)
    assert files_below(tmp_path) == set()


@pytest.mark.parametrize("option", [("--range", "5-2"), ("--range", "x-y"), ("--set", "music"), ("--track", "-1")])
def test_wrong_use_is_exit_code_2(clips: Clips, option: tuple[str, str]) -> None:
    assert vidsep_cli("remix", clips.mp4, *option).exit_code == 2


def test_music_that_cannot_be_read_is_named_before_any_work(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidsep.pipeline.new_sound", None)
    result = vidsep_cli("remix", clips.mp4, "-o", tmp_path / "out.mp4", "--music", clips.text, "-p", "neutral")
    check_refused(result, MediaError.exit_code, "text.mp4")
    assert files_below(tmp_path) == set()


@pytest.mark.skipif(os.name != "posix", reason="makes links, which need rights on Windows")
@pytest.mark.parametrize("link", [lambda a, b: b.symlink_to(a), lambda a, b: b.hardlink_to(a)], ids=["soft", "hard"])
@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["", "overwrite"])
def test_the_output_is_never_the_input(clips: Clips, tmp_path: Path, link: Link, overwrite: tuple[str, ...]) -> None:
    source, other = tmp_path / "in.mp4", tmp_path / "other.mp4"
    source.write_bytes(clips.mp4.read_bytes())
    link(source, other)
    for output in (source, other, tmp_path / "." / "in.mp4"):
        check_refused(vidsep_cli("remix", source, "-o", output, *overwrite), OutputError.exit_code, "is the input")
    check_refused(vidsep_cli("remix", other, "-o", source, *overwrite), OutputError.exit_code, "is the input")
    assert source.read_bytes() == clips.mp4.read_bytes()


@pytest.mark.parametrize("target", ["in.mp4", "song.flac", "out.mp4"])
def test_a_report_never_takes_the_place_of_a_file_in_use(clips: Clips, tmp_path: Path, target: str) -> None:
    source, song = tmp_path / "in.mp4", tmp_path / "song.flac"
    source.write_bytes(clips.mp4.read_bytes())
    song.write_bytes(clips.music.read_bytes())
    command = ("remix", source, "-o", tmp_path / "out.mp4", "--music", song, "--overwrite")
    check_refused(vidsep_cli(*command, "--report", tmp_path / target), OutputError.exit_code, target)
    assert files_below(tmp_path) == {"in.mp4", "song.flac"}
    assert song.read_bytes() == clips.music.read_bytes()


def test_the_output_is_never_the_new_music(clips: Clips, tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    song.write_bytes(clips.music.read_bytes())
    result = vidsep_cli("remix", clips.flac, "--music", song, "-o", song, "--overwrite")
    check_refused(result, OutputError.exit_code, "song.flac")
    assert song.read_bytes() == clips.music.read_bytes()


def test_an_output_that_cannot_be_is_refused(clips: Clips, tmp_path: Path) -> None:
    folder, there = tmp_path / "folder.mp4", tmp_path / "there.mp4"
    folder.mkdir()
    there.write_text("precious")
    for output, word in ((folder, "is a folder"), (there, "exists"), (tmp_path / "no" / "out.mp4", "does not exist")):
        check_refused(vidsep_cli("remix", clips.mp4, "-o", output), OutputError.exit_code, word)
    assert there.read_text() == "precious"
    assert files_below(tmp_path) == {"folder.mp4", "there.mp4"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="makes a named pipe")
def test_a_device_is_never_replaced_by_a_file(clips: Clips, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    result = vidsep_cli("remix", clips.mp4, "-o", pipe, "--overwrite")
    check_refused(result, OutputError.exit_code, "no regular file")
    assert pipe.is_fifo()


def test_another_picture_is_an_error_and_no_file(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_name(path: Path, **options: bool) -> PictureHash:
        found = picture_hash(path, **options)
        return PictureHash(tuple(replace(stream, sha256=str(path)) for stream in found.streams))

    monkeypatch.setattr(vidsep.media.mux, "picture_hash", by_name)
    result = vidsep_cli("remix", clips.mp4, "-o", tmp_path / "out.mp4")
    check_refused(result, VerificationError.exit_code, "picture")
    assert files_below(tmp_path) == set()


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of its own in ``folder``."""
    folder.mkdir()
    try:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        subprocess.run(command, check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("mounts a small disk, which only root may do, on Linux")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=20)


@pytest.mark.usefixtures("one_network")
@pytest.mark.parametrize(
    ("place", "options", "preset"),
    [
        ("out", "size=300k", "neutral"),
        ("work", "size=1m", "neutral"),
        ("work", "size=3m", "youtube"),  # the sound fits, the mix does not
        ("cache", "size=100k", "strip-music"),
        ("report", "size=100k", "strip-music"),
        ("out", "ro", "neutral"),
        ("work", "ro", "neutral"),
        ("cache", "ro", "strip-music"),
        ("report", "ro", "strip-music"),
    ],
)
def test_a_full_or_locked_disk_is_an_error_and_nothing_is_left(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, options: str, preset: str
) -> None:
    folders = {name: tmp_path / name for name in ("out", "work", "cache", "report")}
    with mounted(folders[place], options):
        for folder in folders.values():
            folder.mkdir(exist_ok=True)
        monkeypatch.setattr(tempfile, "tempdir", str(folders["work"]))
        if place == "cache":
            monkeypatch.setenv("VIDSEP_CACHE_DIR", str(folders["cache"]))
        report = ("--report", folders["report"] / "page.html") if place == "report" else ()
        result = vidsep_cli("remix", clips.mp4, "-o", folders["out"] / "out.mp4", "-p", preset, *report)
        check_refused(result, OutputError.exit_code)
        assert files_below(tmp_path) == set(folders)


@pytest.mark.usefixtures("one_network")
def test_no_file_is_open_any_more_when_a_run_that_failed_is_over(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that reads slowly: the mix, made in other threads, is still at it when the disk is full."""
    at_once = SpooledSamples.__getitem__

    def slowly(samples: SpooledSamples, key: slice) -> FloatArray:
        with samples.path.open("rb"):
            time.sleep(0.5)
            return at_once(samples, key)

    monkeypatch.setattr(SpooledSamples, "__getitem__", slowly)
    with mounted(tmp_path / "disk", "size=3m") as disk:  # of which an open file would not let go
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        result = vidsep_cli("remix", clips.mp4, "-o", tmp_path / "out.mp4", "-p", "youtube")
        check_refused(result, OutputError.exit_code, "No space left")


@pytest.mark.usefixtures("one_network")
def test_stems_on_a_full_disk_are_an_error_and_nothing_is_left(clips: Clips, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1m") as disk:
        check_refused(vidsep_cli("separate", clips.mp4, "-o", disk), OutputError.exit_code, "full")
        assert not [name for name in files_below(disk) if name.endswith(".wav")]
