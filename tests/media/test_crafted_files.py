"""A user's file is hostile until shown otherwise: it makes vidsep read no other file and open no connection."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from clips import Clips
from crafted import PLAYLISTS, avi_with_playlist, mov_with_reference
from films import RunFfmpeg, plain_film
from reading import decoded, files_below

import vidsep
from vidsep.cli import cli
from vidsep.errors import MediaError
from vidsep.media import ffmpeg

LONG_AGO_NS = 10**18


@dataclass(frozen=True)
class Canary:
    """A film that nobody has named, and a server that nobody has asked."""

    film: Path
    server: socket.socket

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/film.ts"

    @property
    def port(self) -> int:
        port: int = self.server.getsockname()[1]
        return port

    def was_read(self) -> bool:
        """Whether somebody has read the film since it was armed: systems keep the time of the first read."""
        return self.film.stat().st_atime_ns != LONG_AGO_NS

    def was_asked(self) -> bool:
        try:
            self.server.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def arm(self) -> None:
        os.utime(self.film, ns=(LONG_AGO_NS, self.film.stat().st_mtime_ns))


@pytest.fixture
def canary(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    film = tmp_path_factory.mktemp("secret") / "film.ts"
    clips.run_ffmpeg("-i", clips.mp4, "-t", "2", "-c", "copy", film)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        canary = Canary(film, server)
        canary.arm()
        film.read_bytes()
        if not canary.was_read():
            pytest.skip("the file system does not tell when files were read")
        canary.arm()
        yield canary


def check_untouched(canary: Canary) -> None:
    assert not canary.was_read()
    assert not canary.was_asked()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".m3u8", ".mpd"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_opens_nothing(clips: Clips, canary: Canary, tmp_path: Path, kind: str, suffix: str) -> None:
    crafted = tmp_path / f"crafted{suffix}"
    for target in (str(canary.film), f"file:{canary.film}", canary.address, canary.address.replace("http:", "tcp:")):
        crafted.write_text(PLAYLISTS[kind].format(target=target, port=canary.port))
        with pytest.raises(MediaError, match="is no video or sound file"):
            vidsep.remix(crafted, tmp_path / "out.mp4")
    with pytest.raises(MediaError, match="is no video or sound file"):
        vidsep.remix(clips.mp4, tmp_path / "out.mp4", music=[crafted])
    check_untouched(canary)
    assert files_below(tmp_path) == {crafted.name}


@pytest.mark.parametrize("kind", ["hls", "ffconcat"])
def test_a_playlist_among_ready_stems_opens_nothing(clips: Clips, canary: Canary, tmp_path: Path, kind: str) -> None:
    stems = tmp_path / "stems"
    stems.mkdir()
    for name in ("dialogue.wav", "music.mp3"):
        (stems / name).write_text(PLAYLISTS[kind].format(target=canary.film))
    with pytest.raises(MediaError, match="is no video or sound file"):
        vidsep.remix(clips.mp4, tmp_path / "out.mp4", preset="strip-music", stems_dir=stems)
    check_untouched(canary)
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("kind", ["hls", "ffconcat", "hls subfile"])
def test_a_playlist_inside_an_avi_opens_nothing(canary: Canary, tmp_path: Path, kind: str) -> None:
    for target in (str(canary.film), canary.address):
        crafted = tmp_path / "crafted.avi"
        crafted.write_bytes(avi_with_playlist(PLAYLISTS[kind].format(target=target)))
        result = vidsep.remix(crafted, tmp_path / "out.mkv", overwrite=True)
        assert decoded(result.output).any() == False  # noqa: E712 - the silence of the AVI
    check_untouched(canary)


def pcm_film(run_ffmpeg: RunFfmpeg, path: Path) -> Path:
    return plain_film(run_ffmpeg, path, "-c:v", "mpeg4", "-c:a", "pcm_s16le")


def test_a_reference_to_another_file_is_not_followed(run_ffmpeg: RunFfmpeg, canary: Canary, tmp_path: Path) -> None:
    film, crafted = pcm_film(run_ffmpeg, tmp_path / "film.mov"), tmp_path / "crafted.mov"
    crafted.write_bytes(mov_with_reference(film.read_bytes(), canary.film))
    assert canary.was_read() is False
    raw = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-y", "-enable_drefs", "1", "-use_absolute_path", "1"]
    subprocess.run([*raw, "-i", str(crafted), "-f", "null", "-"], timeout=60, capture_output=True)
    assert canary.was_read(), "the file is not crafted well enough to show anything"
    canary.arm()
    try:
        vidsep.remix(crafted, tmp_path / "out.mov")
    except MediaError as error:
        assert "\n" not in str(error)
    check_untouched(canary)


def test_a_concat_file_would_be_followed_by_a_careless_ffmpeg(canary: Canary, tmp_path: Path) -> None:
    """So that the tests above show something."""
    crafted = tmp_path / "crafted.mp4"
    crafted.write_text(PLAYLISTS["ffconcat"].format(target=canary.film))
    raw = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-safe", "0", "-i", str(crafted), "-f", "null", "-"]
    subprocess.run(raw, check=True, timeout=60)
    assert canary.was_read()


COMMANDS: dict[str, Callable[[Path, Path], list[str]]] = {
    "probe": lambda source, _: ["probe", "--", str(source)],
    "remix": lambda source, folder: ["remix", "-o", str(folder / "out.mp4"), "--", str(source)],
    "separate": lambda source, folder: ["separate", "-o", str(folder), "--", str(source)],
    "loudness": lambda source, _: ["loudness", "--", str(source)],
}


@pytest.mark.skipif(os.name != "posix", reason="names that Windows does not allow")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["concat:{0}|{0}", "subfile,,start,0,end,0,,:{0}", "file:{0}", "http://{1}/film.ts"])
def test_an_address_is_the_name_of_a_file_that_is_not_there(
    canary: Canary, tmp_path: Path, command: str, name: str
) -> None:
    source = Path(name.format(canary.film, f"127.0.0.1:{canary.port}"))
    result = CliRunner().invoke(cli, COMMANDS[command](source, tmp_path))
    assert result.exit_code == MediaError.exit_code
    assert "does not exist" in result.stderr
    check_untouched(canary)


@pytest.mark.parametrize("name", ["../../escaped.txt", "/escaped.txt", "a\x1b[2Jb"])
def test_an_attached_file_is_copied_and_not_unpacked(
    clips: Clips, run_ffmpeg: RunFfmpeg, tmp_path: Path, name: str
) -> None:
    source, note = tmp_path / "in.mkv", tmp_path / "note.txt"
    note.write_text("attached")
    tags = ("-metadata:s:t", f"filename={name}", "-metadata:s:t", "mimetype=text/plain")
    run_ffmpeg("-i", clips.mp4, "-c", "copy", "-attach", note, *tags, source)
    vidsep.remix(source, tmp_path / "out.mkv")
    assert files_below(tmp_path) == {"in.mkv", "note.txt", "out.mkv"}
    assert b"attached" in (tmp_path / "out.mkv").read_bytes()


def test_what_a_terminal_would_obey_is_shown_and_not_sent(clips: Clips, run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    source = tmp_path / ("a\x1b]0;b.mkv" if os.name == "posix" else "a.mkv")
    evil = "\x1b[2Jwipe\x9b1mbold\u202egnp.exe\nwrote /etc/passwd"
    run_ffmpeg("-i", clips.mp4, "-c", "copy", "-metadata:s:a", f"title={evil}", source)
    for options in ((), ("--json",)):
        shown = CliRunner().invoke(cli, ["probe", *options, "--", str(source)])
        assert shown.exit_code == 0
        assert not set(shown.output) & set("\x1b\x9b\u202e")
        assert "\\u001b[2Jwipe\\u009b1mbold" in shown.output
        assert "\nwrote" not in shown.output
    refused = CliRunner().invoke(cli, ["remix", "-o", str(source), "--", str(source)])
    assert refused.exit_code == 6
    assert "\x1b" not in refused.output
