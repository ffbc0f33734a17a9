"""Any name that the file system takes is a name like any other, for the input and for the output."""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from clips import Clips
from reading import files_below, packets_sha256

import vidsep
from vidsep.cli import cli

LONGEST = 255 - len(".mov")  # bytes, on nearly every file system

EVERYWHERE = [
    "two words",
    "it's",
    "100%",
    "%03d",
    "semi;colon",
    "[brackets]",
    "{braces}",
    "-dash",
    "--overwrite",
    "é 音 🎬",
]
ADDRESSES = ["http:x", "pipe:0", "concat:a|b", "file:x", "data:x", "subfile,,start,0,end,9,,:x", "async:x", "fd:0"]
POSIX = [*ADDRESSES, '"quoted"', "a:b", "new\nline", "back\\slash", "*?", "x" * LONGEST]
NOT_UNICODE = [os.fsdecode(b"caf\xe9")]
NAMES = EVERYWHERE + (POSIX if os.name == "posix" else []) + (NOT_UNICODE if sys.platform == "linux" else [])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_only_a_name(clips: Clips, here: Path, name: str) -> None:
    """Relative names, which start with whatever looks like an option or an address."""
    source, output = Path(f"{name}.mov"), Path("out") / f"{name}.mov"
    source.write_bytes(clips.blip.read_bytes())
    output.parent.mkdir()
    result = vidsep.remix(source, output)
    assert files_below(here) == {source.name, "out", output.as_posix()}
    assert packets_sha256(output.absolute()) == packets_sha256(clips.blip) == result.picture_sha256


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_the_command_line_takes_any_name_too(clips: Clips, name: str) -> None:
    Path(f"{name}.mov").write_bytes(clips.blip.read_bytes())
    runner = CliRunner()
    remixed = runner.invoke(cli, ["remix", "-q", "-o", f"{name[:-9] or name}.mkv", "--", f"{name}.mov"])
    assert (remixed.exit_code, remixed.output) == (0, "")
    assert runner.invoke(cli, ["probe", "-q", "--", f"{name}.mov"]).exit_code == 0


@pytest.mark.usefixtures("one_network")
@pytest.mark.parametrize("name", ["100%", "{braces}", "[brackets]", "-dash", "é 音 🎬"])
def test_stems_carry_any_name(clips: Clips, here: Path, name: str) -> None:
    Path(f"{name}.mov").write_bytes(clips.blip.read_bytes())
    vidsep.separate(f"{name}.mov", "stems", filename_format="{filename} {stem}.{codec}", stems=["music"])
    assert files_below(here / "stems") == {f"{name} music.wav"}


@pytest.mark.usefixtures("one_network")
def test_replacement_music_and_reports_carry_any_name(clips: Clips, here: Path) -> None:
    song, page = Path("-100% {new};song.flac"), Path("-re:port%d.html" if os.name == "posix" else "-report%d.html")
    song.write_bytes(clips.music.read_bytes())
    result = vidsep.remix(clips.mp4, "out.mp4", music=[song], report=page)
    assert result.reports == (page,)
    assert files_below(here) == {song.name, page.name, "out.mp4"}


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte"], ids=["too long", "nul"])
def test_a_name_that_cannot_be_is_an_error(clips: Clips, here: Path, name: str) -> None:
    with pytest.raises(vidsep.OutputError):
        vidsep.remix(clips.blip, f"{name}.mov")
    with pytest.raises(vidsep.MediaError):
        vidsep.remix(f"{name}.mov", "out.mov")
    assert files_below(here) == set()
