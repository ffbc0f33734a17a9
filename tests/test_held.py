"""What a process holds stays; what it held goes when it has ended, however it ended and whatever the clock says."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from interrupted import interrupted

from vidsep import held
from vidsep.held import NEW_SECONDS, Hold, mark, take_away
from vidsep.media.draft import MARK, draft
from vidsep.separation import cache
from vidsep.work import MARK as WORK_MARK
from vidsep.work import work_folder

HOLDER = """
import sys, time
from pathlib import Path
from vidsep.held import Hold
hold = Hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def set_age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


@pytest.mark.parametrize(
    "age_seconds", [60.0, -3600.0, 10 * 365 * 86400.0], ids=["young", "clock set back", "ten years"]
)
def test_a_file_is_held_as_long_as_its_process_lives(tmp_path: Path, age_seconds: float) -> None:
    path = tmp_path / "file"
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline() == b"held\n"
        set_age(path, age_seconds)
        assert not take_away(path)
        process.kill()
        process.wait(timeout=20)
    set_age(path, age_seconds)
    assert take_away(path)
    assert not path.exists()


def test_a_file_just_made_may_be_about_to_be_held(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert not take_away(path)
    set_age(path, NEW_SECONDS + 1)
    assert take_away(path)
    assert not take_away(path)


def test_what_is_let_go_of_may_go(tmp_path: Path) -> None:
    path = tmp_path / "file"
    hold = Hold(path)
    hold.release()
    set_age(path, 60)
    assert take_away(path)


def test_a_mark_is_gone_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), mark(tmp_path / "mark"):
        set_age(tmp_path / "mark", 60)
        assert not take_away(tmp_path / "mark")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", [(held, "Hold"), (held.Hold, "release")], ids=["made", "removed"])
def test_a_mark_is_gone_though_a_signal_comes_while_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: tuple[Any, str]
) -> None:
    with interrupted(monkeypatch, *moment), pytest.raises(KeyboardInterrupt), mark(tmp_path / "mark"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="a folder is moved while files in it are open")
def test_a_run_at_work_for_days_keeps_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work folder and the draft of a long film are not touched by a run that begins meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = tmp_path / "in.mkv"
    source.touch()
    with work_folder() as folder, draft(tmp_path / "out.mkv", source) as file:
        (folder / "sound.f32").write_bytes(b"0000")
        for path in (folder / "sound.f32", *folder.iterdir(), folder, file.path):
            set_age(path, 5 * 86400)
        with work_folder(), draft(tmp_path / "other.mkv", source):
            pass
        assert (folder / "sound.f32").exists()
        file.commit()
    assert {path.name for path in tmp_path.iterdir()} == {"in.mkv", "out.mkv"}


def test_what_a_killed_run_left_goes_with_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, half = tmp_path / "vidsep-left", tmp_path / f".out.1234{MARK}.mkv"
    left.mkdir()
    for path in (left / WORK_MARK, left / "sound.f32", half):
        path.write_bytes(b"0000")
        set_age(path, NEW_SECONDS + 1)
    source = tmp_path / "in.mkv"
    source.touch()
    with work_folder(), draft(tmp_path / "out.mkv", source):
        assert not left.exists()
        assert not half.exists()


def test_an_unfinished_entry_goes_with_the_next_one_unless_it_is_held(tmp_path: Path) -> None:
    left, in_use = tmp_path / f"{cache.UNFINISHED}1", tmp_path / f"{cache.UNFINISHED}2"
    for folder in (left, in_use):
        folder.mkdir()
        (folder / "music.flac").write_text("half")
    (tmp_path / f"{left.name}{cache.HELD}").touch()
    set_age(tmp_path / f"{left.name}{cache.HELD}", 60)
    with mark(tmp_path / f"{in_use.name}{cache.HELD}"):
        for path in (in_use / "music.flac", in_use, tmp_path / f"{in_use.name}{cache.HELD}"):
            set_age(path, 5 * 86400)
        cache.StemCache(tmp_path).clear()
        assert {path.name for path in tmp_path.iterdir()} == {in_use.name, f"{in_use.name}{cache.HELD}"}


def test_of_two_runs_that_want_one_name_the_second_is_refused(tmp_path: Path) -> None:
    source, output = tmp_path / "in.mkv", tmp_path / "out.mkv"
    source.touch()
    with draft(output, source) as one, draft(output, source) as two:
        one.path.write_text("one")
        two.path.write_text("two")
        one.commit()
        with pytest.raises(Exception, match="exists; choose another name"):
            two.commit()
    assert output.read_text() == "one"
    assert {path.name for path in tmp_path.iterdir()} == {"in.mkv", "out.mkv"}


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    source, output = tmp_path / "in.mkv", tmp_path / "out.mkv"
    source.touch()
    with draft(output, source) as one, draft(output, source) as two:
        one.commit()
        with pytest.raises(Exception, match="exists; choose another name"):
            two.commit()
    assert {path.name for path in tmp_path.iterdir()} == {"in.mkv", "out.mkv"}
