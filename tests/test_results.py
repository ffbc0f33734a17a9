"""Results: JSON-safe for programs, a few lines for people."""

import json
from dataclasses import replace
from math import inf
from pathlib import Path

from vidsep.loudness.measure import Loudness
from vidsep.results import RemixResult, SeparationResult, TrackResult

QUIET = Loudness(-24.0, -20.0, -22.0, 6.0, -3.0)
LOUD = Loudness(-14.1, -10.0, -12.0, 5.0, -1.0)
SILENT = Loudness(-inf, -inf, -inf, 0.0, -inf)

TRACK = TrackResult(
    number=2, codec="aac", n_samples=96000, sample_rate=48000, separated=True, from_cache=False,
    before=QUIET, after=LOUD, target_lufs=-14.0, loudness_lufs=-14.1, duck_difference_lu=9.96,
)  # fmt: skip
REMIX = RemixResult(Path("in.mp4"), Path("out.mp4"), "youtube", "ab" * 32, 50, (TRACK,), reports=(Path("page.html"),))


def test_a_remix_in_lines() -> None:
    assert REMIX.lines() == [
        "wrote out.mp4",
        "  picture identical: 50 packets, sha256 abababababababab",
        "  track 2: aac, 2.00 s, stems separated",
        "    loudness -24.0 -> -14.1 LUFS, target -14; true peak -1.0 dBTP",
        "    dialogue over music while somebody speaks: 10.0 LU",
        "  report page.html",
    ]


def test_lines_tell_where_the_stems_came_from() -> None:
    assert "stems from the cache" in replace(TRACK, from_cache=True).lines()[0]
    assert "stems not needed" in replace(TRACK, separated=False).lines()[0]


def test_lines_tell_the_loudness_that_counts() -> None:
    """With a dialogue gate it is not the integrated one."""
    assert "-> -27.0 LUFS, target -27;" in replace(TRACK, loudness_lufs=-27.0, target_lufs=-27.0).lines()[1]


def test_a_file_without_a_picture_says_so() -> None:
    bare = replace(REMIX, picture_sha256="", n_picture_packets=0)
    assert bare.lines()[1] == "  no picture"
    assert bare.as_dict()["picture"] == {"identical": False, "sha256": "", "n_packets": 0}


def test_silence_makes_valid_json() -> None:
    silent = replace(TRACK, before=SILENT, after=SILENT, loudness_lufs=-inf, duck_difference_lu=inf)
    document = json.loads(json.dumps(replace(REMIX, tracks=(silent,)).as_dict(), allow_nan=False))
    (track,) = document["tracks"]
    assert track["loudness_after"]["integrated_lufs"] is None
    assert (track["loudness_lufs"], track["duck_difference_lu"]) == (None, None)


def test_results_are_json_with_plain_paths() -> None:
    assert json.loads(json.dumps(REMIX.as_dict(), allow_nan=False))["reports"] == ["page.html"]
    stems = SeparationResult(Path("in.mp4"), {"music": Path("a/music.wav")}, 10, 48000, True, ("a warning",))
    assert json.loads(json.dumps(stems.as_dict())) == {
        "input": "in.mp4", "stems": {"music": str(Path("a/music.wav"))}, "n_samples": 10, "sample_rate": 48000,
        "from_cache": True, "warnings": ["a warning"],
    }  # fmt: skip
    assert stems.lines() == [f"wrote {Path('a/music.wav')}"]
