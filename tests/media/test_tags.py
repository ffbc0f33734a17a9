"""Tags that are lost are named; those that programs write for themselves are not missed."""

from pathlib import Path

from clips import Clips
from films import RunFfmpeg

import vidsep
from vidsep.media.tags import lasting, lost


def test_a_changed_value_is_not_lost() -> None:
    assert lost({"title": "A"}, {"TITLE": "B"}) == []


def test_what_is_gone_is_lost() -> None:
    before = {"Artist": "A", "mood": "calm", "encoder": "Lavf", "BPS-eng": "1", "language": "und", "comment": ""}
    assert lost(before, {"ARTIST": "A"}) == ["mood"]


def test_a_known_language_lasts() -> None:
    assert lasting({"language": "deu", "handler_name": "SoundHandler"}) == {"language": "deu"}


def test_a_time_or_a_place_in_other_words_is_the_same() -> None:
    one = lasting({"creation_time": "2016-05-31 17:01:35", "location": "+40.680-074.500/"})
    assert one == lasting({"creation_time": "2016-05-31T17:01:35.000000Z", "location": "+40.6800-74.5/"})
    assert one == lasting({"creation_time": "2016-05-31T19:01:35+02:00", "location": "+40.68-74.5/"})
    assert one != lasting({"creation_time": "2016-05-31T17:01:36Z", "location": "+40.68-74.5/"})
    assert lasting({"creation_time": "yesterday", "location": "home"})["creation_time"] == "yesterday"


def test_a_tag_that_the_container_does_not_keep_is_named(clips: Clips, run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    run_ffmpeg("-i", clips.mp4, "-c", "copy", "-metadata:s:v", "camera=left", "-metadata", "title=Trip", film)
    warnings = vidsep.remix(film, tmp_path / "out.ts").warnings
    assert any("does not keep these tags: title, camera of video stream 0 (h264)" in one for one in warnings)
    assert vidsep.remix(film, tmp_path / "out.mkv").warnings == ()
