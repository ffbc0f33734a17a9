"""``vidsep verify`` at the command line: one verdict, the exit code of a difference, one JSON object."""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from clips import Clips

from vidsep.cli import cli


def verify(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, arguments)])


def test_equal_files_end_with_0(clips: Clips) -> None:
    result = verify(clips.film, clips.film)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("picture identical: 150 packets, sha256 ")


def test_a_difference_is_named_and_ends_with_1(clips: Clips, tmp_path: Path) -> None:
    other = tmp_path / "other.mkv"
    clips.run_ffmpeg("-i", clips.film, "-map", "0", "-c", "copy", "-map_chapters", "-1", other)
    result = verify(clips.film, other)
    assert result.exit_code == 1
    assert "differs: chapters: count: 2 -> 0" in result.stdout
    assert verify(clips.film, other, "--ignore", "chapters").exit_code == 0


def test_another_picture_differs(clips: Clips) -> None:
    result = verify(clips.mp4, clips.mov, "-q")
    assert (result.exit_code, result.stdout) == (1, "")
    assert verify(clips.mp4, clips.webm).stdout.startswith("picture differs\n")


def test_json_is_one_object(clips: Clips) -> None:
    result = verify(clips.mp4, clips.webm, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (document["same"], document["picture_same"]) == (False, False)


def test_a_file_that_cannot_be_read_ends_with_3(clips: Clips) -> None:
    result = verify(clips.mp4, clips.text)
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
