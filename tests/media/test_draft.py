"""A file gets its name when it is whole, and what is there already is safe."""

import os
import time
from pathlib import Path

import pytest
from interrupted import interrupted

from vidsep.errors import OutputError
from vidsep.held import UNSURE_SECONDS, Hold
from vidsep.media.draft import MARK, draft


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.mp4"
    path.write_bytes(b"source")
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_nothing_has_the_name_before_the_commit(tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.mp4"
    with draft(output, source) as file:
        file.path.write_bytes(b"whole")
        assert not output.exists()
        file.commit()
    assert output.read_bytes() == b"whole"
    assert names(tmp_path) == {"in.mp4", "out.mp4"}


def test_without_a_commit_nothing_is_left(tmp_path: Path, source: Path) -> None:
    with pytest.raises(KeyboardInterrupt), draft(tmp_path / "out.mp4", source) as file:
        file.path.write_bytes(b"half")
        raise KeyboardInterrupt
    assert names(tmp_path) == {"in.mp4"}


@pytest.mark.parametrize("moment", ["__init__", "release"])
def test_nothing_is_left_though_a_signal_comes_while_it_is_made_or_removed(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    with (
        interrupted(monkeypatch, Hold, moment),
        pytest.raises(KeyboardInterrupt),
        draft(tmp_path / "out.mp4", source) as unfinished,
    ):
        unfinished.path.write_bytes(b"half")
    assert [path for path in tmp_path.iterdir() if MARK in path.name] == []


def test_an_existing_file_stays_unless_it_may_go(tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.mp4"
    output.write_bytes(b"old")
    with pytest.raises(OutputError, match="exists"), draft(output, source):
        pass
    with draft(output, source, overwrite=True) as file:
        file.path.write_bytes(b"new")
        assert output.read_bytes() == b"old"
        file.commit()
    assert output.read_bytes() == b"new"


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path, source: Path) -> None:
    output = tmp_path / "out.mp4"
    with pytest.raises(OutputError, match="exists"), draft(output, source) as file:
        output.write_bytes(b"somebody else's")
        file.commit()
    assert output.read_bytes() == b"somebody else's"


@pytest.mark.parametrize("link", ["itself", "symlink", "hardlink"])
def test_the_input_is_never_the_output(tmp_path: Path, source: Path, link: str) -> None:
    output = tmp_path / f"{link}.mp4"
    if link == "itself":
        output = source
    elif link == "symlink":
        output.symlink_to(source)
    else:
        os.link(source, output)
    with pytest.raises(OutputError, match="is the input"), draft(output, source, overwrite=True):
        pass


def test_a_missing_folder_and_a_folder_are_refused(tmp_path: Path, source: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"), draft(tmp_path / "no" / "out.mp4", source):
        pass
    with pytest.raises(OutputError, match="is a folder"), draft(tmp_path, source, overwrite=True):
        pass


def test_a_name_too_long_for_the_disk_is_one_line(tmp_path: Path, source: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"), draft(tmp_path / ("x" * 300 + ".mp4"), source):
        pass


def test_the_longest_names_work(tmp_path: Path, source: Path) -> None:
    output = tmp_path / ("ü" * 125 + ".mp4")
    with draft(output, source) as file:
        file.commit()
    assert output.exists()


def test_what_killed_runs_left_is_removed_after_a_day(tmp_path: Path, source: Path) -> None:
    stale, young = tmp_path / f".old.1{MARK}.mp4", tmp_path / f".young.2{MARK}.mp4"
    for path in (stale, young):
        path.write_bytes(b"half")
    past = time.time() - UNSURE_SECONDS - 60
    os.utime(stale, (past, past))
    with draft(tmp_path / "out.mp4", source) as file:
        file.commit()
    assert names(tmp_path) == {"in.mp4", "out.mp4", young.name}
