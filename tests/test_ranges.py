"""A remix of ranges: outside them the old samples, inside them the new sound, and no click between."""

from pathlib import Path

import numpy as np
import pytest
from clips import RATE, SECONDS, Clips
from reading import decoded, level_db

import vidsep

pytestmark = pytest.mark.usefixtures("one_network")

QUIETER = {"type": "gain", "gain_db": -20}


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_outside_the_ranges_not_a_bit_changes(clips: Clips, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    ranges = [(1.0, 2.0), (5.5, None)]
    all_down = {f"{stem}.gain_db": -12 for stem in ("dialogue", "music", "effects")}
    vidsep.remix(clips.mov, out, settings=all_down, ranges=ranges)
    before, after = decoded(clips.mov), decoded(out)
    for start, end in ((0.0, 1.0), (2.0, 5.5)):
        untouched = slice(round(start * RATE), round(end * RATE))
        np.testing.assert_array_equal(after[untouched], before[untouched])
    inside = slice(round(1.02 * RATE), round(1.98 * RATE))  # clear of the crossfades
    np.testing.assert_allclose(after[inside], before[inside] * 10 ** (-12 / 20), atol=1e-5)


def test_ranges_are_counted_as_players_count_time(clips: Clips, tmp_path: Path) -> None:
    """From the start of the file: here its sound begins half a second later, and the file itself at 10 s."""
    late, out = tmp_path / "late.mkv", tmp_path / "out.mkv"
    film = ("-i", clips.mov, "-itsoffset", "0.5", "-i", clips.mov, "-map", "0:v", "-map", "1:a", "-c:v", "copy")
    clips.run_ffmpeg(*film, "-c:a", "flac", "-output_ts_offset", "10", late)
    vidsep.remix(late, out, settings={"master.processors": [QUIETER]}, ranges=[(2, 3)])
    before, after = decoded(late), decoded(out)
    changed = np.flatnonzero((before != after).any(axis=1)) / RATE
    assert (changed[0], changed[-1]) == pytest.approx((1.5, 2.5), abs=0.011)


def test_ranges_in_loud_sound_are_written_once(clips: Clips, tmp_path: Path) -> None:
    """The sound around them keeps its peaks above the ceiling, which is no reason to limit the ranges harder."""
    loud, out = tmp_path / "loud.mov", tmp_path / "out.mov"
    clips.run_ffmpeg("-i", clips.mov, "-c:v", "copy", "-af", "volume=12dB", "-c:a", "pcm_s24le", loud)
    result = vidsep.remix(loud, out, preset="strip-music", ranges=[(0.0, 0.4)])
    assert not any("ceiling" in warning for warning in result.warnings)
    np.testing.assert_array_equal(decoded(out)[RATE // 2 :], decoded(loud)[RATE // 2 :])


@pytest.mark.parametrize("kind", ["surround", "studio", "telephone"])
def test_joins_of_ranges_do_not_click(clips: Clips, tmp_path: Path, kind: str) -> None:
    """No step is larger than those of the louder of the two sounds; outside, the samples are the old ones."""
    source: Path = getattr(clips, kind)
    settings = {"dialogue.gain_db": 0, "master.processors": [QUIETER]}
    out = tmp_path / "out.mkv"
    vidsep.remix(source, out, settings=settings, ranges=[(1.2345, 2.3456)])
    before, after = decoded(source), decoded(out)
    rate = len(before) / SECONDS
    first, last = round(1.2345 * rate), round(2.3456 * rate)
    np.testing.assert_array_equal(after[:first], before[:first])
    np.testing.assert_array_equal(after[last:], before[last:])
    for join in (first, last):
        near = slice(join - round(0.02 * rate), join + round(0.02 * rate))
        assert np.abs(np.diff(after[near], axis=0)).max() <= 1.05 * np.abs(np.diff(before[near], axis=0)).max()
    inside = slice(first + round(0.02 * rate), last - round(0.02 * rate))
    assert level_db(after[inside]) == pytest.approx(level_db(before[inside]) - 20, abs=0.1)
