"""A short version of benchmarks/fuzz.py: damaged files end well or with an error of vidsep's, and leave nothing."""

import os
from pathlib import Path

import pytest
from films import RunFfmpeg

from benchmarks import fuzz
from benchmarks.hostile import make_case, make_seeds
from vidsep.errors import VidsepError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="measures memory as POSIX does")

REGRESSIONS = (185, 897, 2217)  # a track without a decoder; packets of a data track; what ends a track of no kind


def test_damaged_files_end_well_or_with_an_error() -> None:
    found = fuzz.run_all(range(60), jobs=1)
    assert len(found) == 60
    assert [one for one in found if one.fault] == []
    assert {one.kind for one in found} >= {"well", "MediaError"}


@pytest.mark.parametrize("number", REGRESSIONS)
def test_what_was_found_once_stays_mended(number: int) -> None:
    (found,) = fuzz.run_all(range(number, number + 1), jobs=1)
    assert found.fault == ""


def test_a_case_is_always_the_same_file(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    seeds = make_seeds(tmp_path, run_ffmpeg)
    assert make_case(7, seeds) == make_case(7, seeds)
    assert len({make_case(number, seeds).content for number in range(50)}) == 50


def test_what_should_not_be_is_told(run_ffmpeg: RunFfmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge itself: an exception of another kind, an input that was changed and a file left behind are faults."""
    monkeypatch.setattr("tempfile.tempdir", None)
    seeds_folder, folder = tmp_path / "seeds", tmp_path / "case"
    for each in (seeds_folder, folder):
        each.mkdir()
    case = make_case(1, make_seeds(seeds_folder, run_ffmpeg))

    def broken(_: Path) -> None:
        raise TypeError

    def meddling(path: Path) -> None:
        path.write_bytes(b"")
        raise VidsepError("no")

    def untidy(path: Path) -> None:
        (path.parent / "work" / "left").touch()
        raise VidsepError("no")

    for probe, fault in ((broken, "no error of"), (meddling, "input was changed"), (untidy, "left behind: work/left")):
        monkeypatch.setattr("vidsep.media.probe.probe", probe)
        assert fault in fuzz.tried(case, folder).fault
        assert list(folder.iterdir()) == []
