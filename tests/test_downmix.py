"""Channels are mixed down when somebody asks for it, and never otherwise."""

from pathlib import Path

import numpy as np
from clips import Clips
from reading import decoded, level_db

import vidsep


def test_surround_is_mixed_down_when_asked(clips: Clips, tmp_path: Path) -> None:
    """As ITU-R BS.775 says: the centre and the surrounds at -3 dB, no LFE."""
    result = vidsep.remix(clips.surround, tmp_path / "out.mkv", settings={"output.channels": "stereo"})
    left, right, centre, _, back_left, back_right = decoded(clips.surround).T
    expected = np.stack([left + (centre + back_left) / np.sqrt(2), right + (centre + back_right) / np.sqrt(2)], axis=1)
    after = decoded(result.output)
    assert level_db(after - expected) < level_db(expected) - 60
    assert result.tracks[0].codec == "flac"


def test_a_mix_down_that_clips_is_told(clips: Clips, tmp_path: Path) -> None:
    loud = tmp_path / "loud.mkv"
    clips.run_ffmpeg("-i", clips.surround, "-c:v", "copy", "-af", "volume=8dB", "-c:a", "flac", loud)
    told = vidsep.remix(loud, tmp_path / "a.mkv", settings={"output.channels": "mono"}).warnings
    assert any("mixed down, the sound reaches +" in warning for warning in told)
    held = {"output.channels": "mono", "loudness.true_peak_dbtp": -1}
    assert not any("mixed down" in one for one in vidsep.remix(loud, tmp_path / "b.mkv", settings=held).warnings)
