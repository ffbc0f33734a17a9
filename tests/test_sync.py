"""Sound stays with its picture: a click is heard as long after a flash as it was, whatever is odd about the file.

The whole grid is `python -m benchmarks.sync`; here is what differs in kind.
"""

from pathlib import Path

import pytest
from conftest import RunFfmpeg

import vidsep
from benchmarks.click_films import CASES, CONTAINERS, TIMES, Case, make
from benchmarks.click_times import compared, measured

FEW_CODECS = [case for case in CONTAINERS if case.suffix not in ("mp4", "mov", "mkv")] + [
    case for case in CONTAINERS if case.name in ("mp4 aac", "mp4 libopus", "mov pcm_s16le", "mkv libopus", "mkv dca/6")
]
CHOSEN = [*FEW_CODECS, *TIMES]
SAMPLE_EXACT = ("flac", "alac", "pcm_s16le", "pcm_s24le")


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_clicks_stay_with_their_flashes(run_ffmpeg: RunFfmpeg, tmp_path: Path, case: Case) -> None:
    film = make(case, tmp_path, run_ffmpeg)
    result = vidsep.remix(film, tmp_path / f"out.{case.suffix}", preset="neutral")
    found = compared(case, film, result.output)
    assert len(found.clicks_ms) == (6 if case.joined else 3)
    assert found.worst_ms <= (0.05 if result.tracks[0].codec in SAMPLE_EXACT else 1.0)
    assert found.picture_ms <= 1.0


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "ts", "flv"])
def test_clicks_stay_with_their_flashes_in_another_container(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, suffix: str
) -> None:
    case = next(case for case in CASES if case.name == "mkv, sound 350 ms late")
    film = make(case, tmp_path, run_ffmpeg)
    result = vidsep.remix(film, tmp_path / f"out.{suffix}", preset="neutral")
    assert compared(case, film, result.output).worst_ms <= 1.0


def test_the_rig_sees_sound_that_is_late(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "mkv flac")
    film = make(case, tmp_path, run_ffmpeg)
    late = tmp_path / "late.mkv"
    run_ffmpeg("-i", film, "-itsoffset", "0.005", "-i", film, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    assert compared(case, film, late).worst_ms == pytest.approx(5, abs=0.6)
    assert len(measured(film).clicks()) == 3
