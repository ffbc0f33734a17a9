"""The work folder: gone at the end, and with it what killed runs left."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from interrupted import interrupted

from vidsep.work import ABANDONED_SECONDS, work_folder


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


def test_what_a_killed_run_left_is_removed_after_a_day(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in ("vidsep-old", "vidsep-young", "somebody-elses"))
    long_ago = time.time() - ABANDONED_SECONDS - 60
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "sound.f32").write_bytes(b"0000")
    for path in (old / "sound.f32", old, other / "sound.f32", other):
        os.utime(path, (long_ago, long_ago))
    with work_folder():
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["somebody-elses", "vidsep-young"]
