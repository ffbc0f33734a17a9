"""`vidsep verify` sees every kind of change, and nothing where nothing changed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from clips import Clips
from conftest import RunFfmpeg

import vidsep
from vidsep.errors import MediaError

Change = tuple[str, ...]
COPY: Change = ("-map", "0", "-c", "copy", "-copyts")


@pytest.fixture(scope="module")
def changed(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The film of the clips, copied by ffmpeg with some options."""
    folder = tmp_path_factory.mktemp("changed")

    def make(*options: str, name: str = "copy.mkv") -> Path:
        path = folder / name
        clips.run_ffmpeg("-i", clips.film, *COPY, *options, path)
        return path

    return make


def found(one: Path, two: Path) -> list[str]:
    return [str(difference) for difference in vidsep.verify(one, two).differences]


def test_a_file_is_as_itself(clips: Clips) -> None:
    result = vidsep.verify(clips.film, clips.film)
    assert result.is_same and result.picture_is_same
    assert result.same == (
        "video:1", "audio:1", "audio:2", "subtitle:1", "attachment:1", "chapters", "tags",
    )  # fmt: skip


def test_a_copy_is_the_same(clips: Clips, changed: Callable[..., Path]) -> None:
    assert found(clips.film, changed()) == []


def test_other_framing_of_the_picture_is_no_difference(clips: Clips, tmp_path: Path) -> None:
    clips.run_ffmpeg("-i", clips.mp4, "-c", "copy", tmp_path / "copy.ts")
    result = vidsep.verify(clips.mp4, tmp_path / "copy.ts", ignore=["audio"])
    assert result.picture_is_same
    assert [one.where for one in result.differences if one.what == "packets"] == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-map", "-0:s"), "subtitle:1: missing: subrip -> nothing"),
        (("-map", "-0:t"), "attachment:1: missing"),
        (("-map", "0:a:0"), "audio:3: new: nothing -> aac"),
        (("-map_chapters", "-1"), "chapters: count: 2 -> 0"),
        (("-metadata", "title=Another"), "tags: tag title: A made film -> Another"),
        (("-metadata:s:a:1", "language=fra"), "audio:2: tag language: deu -> fra"),
        (("-metadata:s:a:1", "title="), "audio:2: tag title: Ton -> nothing"),
        (("-disposition:a:1", "default+comment"), "audio:2: dispositions: nothing -> comment, default"),
        (("-c:a:1", "pcm_s16le"), "audio:2: codec: flac -> pcm_s16le"),
        (("-bsf:a:0", "noise=drop='eq(n,30)'"), "audio:1: packets: "),
        (("-bsf:v", "noise=drop='eq(n,7)'"), "video:1: packets: "),
        (("-bsf:v", "noise=amount=-9:drop=0"), "video:1: packets: "),
        (("-bsf:v", "setts=pts=PTS+gte(N\\,40)*0.05/TB"), "video:1: times are off by up to 0.050 s"),
        (("-bsf:a:1", "setts=ts=TS+0.02/TB"), "audio:2: times are off by up to 0.020 s"),
        (("-bsf:s", "setts=ts=TS+0.5/TB"), "subtitle:1: times are off by up to 0.500 s"),
        (("-aspect", "4:3"), "video:1: pixel aspect: 1:1 -> 3:4"),
        (("-bsf:v", "h264_metadata=colour_primaries=9"), "video:1: colour primaries"),
    ],
)
def test_every_change_is_told(clips: Clips, changed: Callable[..., Path], options: Change, told: str) -> None:
    lines = found(clips.film, changed(*options))
    assert any(line.startswith(told) for line in lines), lines


def test_a_turned_picture_is_told(run_ffmpeg: RunFfmpeg, clips: Clips, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation:v:0", "90", "-i", clips.mp4, "-c", "copy", turned)
    told = {(one.where, one.what) for one in vidsep.verify(clips.mp4, turned).differences}
    assert {("video:1", "rotation"), ("video:1", "display matrix")} <= told


def test_what_is_ignored_does_not_count(clips: Clips, changed: Callable[..., Path]) -> None:
    other = changed("-metadata", "title=Another", "-metadata:s:a:1", "language=fra", "-map", "-0:s")
    assert vidsep.verify(clips.film, other, ignore=["tags", "audio:2", "subtitle"]).is_same
    assert not vidsep.verify(clips.film, other, ignore=["tags", "audio:1", "subtitle"]).is_same


def test_a_remix_differs_in_its_soundtrack_alone(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.film, tmp_path / "out.mkv", settings={"loudness.target_lufs": -30})
    told = vidsep.verify(clips.film, result.output)
    assert {one.where for one in told.differences} == {"audio:1"}
    assert "picture identical: 150 packets" in told.lines()[0]


def test_the_result_is_ready_for_json(clips: Clips, changed: Callable[..., Path]) -> None:
    document = json.loads(json.dumps(vidsep.verify(clips.film, changed("-map_chapters", "-1")).as_dict()))
    assert (document["same"], document["picture_same"]) == (False, True)
    assert document["differences"] == [{"where": "chapters", "what": "count", "before": "2", "after": "0"}]


def test_what_cannot_be_read_is_an_error(clips: Clips) -> None:
    with pytest.raises(MediaError, match="is empty"):
        vidsep.verify(clips.mp4, clips.empty)
