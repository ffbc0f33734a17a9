"""The work folder: gone at the end, and with it what killed runs left."""

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from interrupted import interrupted
from reading import files_below

from vidsep.work import ABANDONED_SECONDS, MARK, work_folder


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_is_gone_at_the_end(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), work_folder() as folder:
        (folder / "sound.f32").write_bytes(b"0000")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", [(tempfile, "mkdtemp"), (os, "rmdir")], ids=["made", "removed"])
def test_it_is_gone_though_a_signal_comes_while_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: tuple[Any, str]
) -> None:
    with interrupted(monkeypatch, *moment), pytest.raises(KeyboardInterrupt), work_folder() as folder:
        (folder / "sounds").mkdir()
    assert list(tmp_path.iterdir()) == []


def made_long_ago(folder: Path, *names: str) -> None:
    long_ago = time.time() - ABANDONED_SECONDS - 60
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"0000")
    for path in (*folder.iterdir(), folder):
        os.utime(path, (long_ago, long_ago))


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    made_long_ago(tmp_path / "vidsep-1234abcd", MARK, "sound.f32")
    made_long_ago(tmp_path / "vidsep-killed-at-once")
    with work_folder():
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_vidseps_stays_whatever_its_name(tmp_path: Path) -> None:
    made_long_ago(tmp_path / "vidsep-holidays", "film.mp4")
    made_long_ago(tmp_path / "somebody-elses")
    (tmp_path / "vidsep-empty").mkdir()  # just made: perhaps it is about to get its mark
    before = files_below(tmp_path)
    with work_folder():
        pass
    assert files_below(tmp_path) == before


@pytest.mark.skipif(os.name != "posix", reason="makes a link, which needs rights on Windows")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    made_long_ago(tmp_path / "films", MARK, "film.mp4")
    (tmp_path / "vidsep-link").symlink_to(tmp_path / "films")
    before = files_below(tmp_path)
    with work_folder():
        pass
    assert files_below(tmp_path) == before


def test_a_folder_that_cannot_be_emptied_keeps_its_mark_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, work_folder() as folder:
        (folder / "stems").mkdir()
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # as where a virus scanner has a file in it open
    assert files_below(folder) == {"stems", MARK}
    os.utime(folder / MARK, (0, 0))
    with work_folder():
        pass
    assert list(tmp_path.iterdir()) == []
