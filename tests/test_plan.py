"""The plan: which track, which preset, which name; everything that can be refused is refused before any work."""

import json
from pathlib import Path

import pytest
from clips import Clips
from reading import files_below

from vidsep.errors import MediaError, OutputError, PresetError
from vidsep.media.choosing import TrackChoice
from vidsep.pipeline import plan_remix
from vidsep.plan import make_plan
from vidsep.preset import load_preset


@pytest.mark.parametrize(("track", "chosen"), [(None, [1]), (1, [1]), (2, [2]), ("all", [1, 2])])
def test_tracks_are_counted_from_one(clips: Clips, tmp_path: Path, track: int | str | None, chosen: list[int]) -> None:
    plan = make_plan(clips.film, tmp_path / "out.mkv", track=track)
    assert [plan.info.audio.index(one) + 1 for one in plan.tracks] == chosen


def test_the_default_track_is_the_one_that_players_choose(clips: Clips, tmp_path: Path) -> None:
    other = tmp_path / "other.mkv"
    clips.run_ffmpeg(
        "-i", clips.film, "-map", "0", "-c", "copy", "-disposition:a:0", "0", "-disposition:a:1", "default", other
    )
    plan = make_plan(other, tmp_path / "out.mkv")
    assert [one.language for one in plan.tracks] == ["deu"]


@pytest.mark.parametrize("track", [0, 3, -1])
def test_a_track_that_is_not_there_is_refused(clips: Clips, track: int) -> None:
    with pytest.raises(MediaError, match="no audio track"):
        make_plan(clips.film, track=track)


@pytest.mark.parametrize(
    ("output", "container", "name"),
    [
        (None, None, "clip.neutral.mp4"),
        (None, "mkv", "clip.neutral.mkv"),
        (None, ".MKV", "clip.neutral.MKV"),
        ("new", None, "new.mp4"),
        ("new", "mov", "new.mov"),
        ("new.mkv", None, "new.mkv"),
        ("NEW.MP4", "mp4", "NEW.MP4"),
    ],
)
def test_names(clips: Clips, tmp_path: Path, output: str | None, container: str | None, name: str) -> None:
    plan = make_plan(clips.mp4, tmp_path / output if output else None, container=container)
    assert plan.output.name == name
    assert plan.output.parent == (tmp_path if output else clips.mp4.parent)


def test_a_container_that_contradicts_the_name_is_refused(clips: Clips, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"out\.mp4 is not the name of a file in the container mkv"):
        make_plan(clips.mp4, tmp_path / "out.mp4", container="mkv")


def test_the_presets_container_gives_way_to_a_name(clips: Clips, tmp_path: Path) -> None:
    plan = make_plan(clips.mp4, tmp_path / "out.mp4", settings={"output.container": "mkv"})
    assert plan.output.name == "out.mp4"


@pytest.mark.parametrize(
    ("span", "words"),
    [((7.0, None), "behind the end"), ((-1.0, 2.0), "holds nothing"), ((2.0, 2.0), "holds nothing")],
)
def test_ranges_outside_the_file_are_refused(clips: Clips, span: tuple[float, float | None], words: str) -> None:
    with pytest.raises(MediaError, match=words):
        make_plan(clips.mp4, ranges=[span])


def test_ranges_go_without_a_loudness_target_and_say_so(clips: Clips) -> None:
    plan = make_plan(clips.mp4, preset="youtube", ranges=[(4.0, None), (1.0, 2.0)])
    assert plan.ranges == ((1.0, 2.0), (4.0, None))
    assert "loudness target is left out" in plan.warnings[0]


@pytest.mark.parametrize(
    ("preset", "report", "separates"),
    [("neutral", None, False), ("youtube", None, False), ("strip-music", None, True), ("neutral", "page.html", True)],
)
def test_the_network_is_planned_for_what_needs_it(
    clips: Clips, tmp_path: Path, preset: str, report: str | None, separates: bool
) -> None:
    plan = make_plan(clips.mp4, tmp_path / "out.mp4", preset=preset, report=tmp_path / report if report else None)
    assert plan.separates is separates


def test_each_track_has_its_page(clips: Clips, tmp_path: Path) -> None:
    plan = make_plan(clips.film, tmp_path / "out.mkv", track="all", report=tmp_path / "page.html")
    assert [page.name for page in plan.pages] == ["page.html", "page.track-2.html"]
    (tmp_path / "page.track-2.html").write_text("precious")
    with pytest.raises(OutputError, match=r"page\.track-2\.html exists"):
        make_plan(clips.film, tmp_path / "out.mkv", track="all", report=tmp_path / "page.html")


@pytest.mark.parametrize(
    ("kind", "codec", "lossy"),
    [("mp4", "aac", True), ("mov", "pcm_s24le", False), ("webm", "opus", True), ("surround", "flac", False)],
)
def test_new_sound_takes_the_codec_of_the_old(clips: Clips, kind: str, codec: str, lossy: bool) -> None:
    plan = make_plan(getattr(clips, kind))
    assert (plan.codec(plan.tracks[0]), plan.is_lossy(plan.tracks[0])) == (codec, lossy)


def test_music_goes_behind_the_pieces_of_the_preset(clips: Clips) -> None:
    plan = make_plan(clips.mp4, preset=load_preset("replace-music"), music=[clips.music, clips.flac])
    assert [piece.file.name for piece in plan.preset.replacement.pieces] == ["music.flac", "song.flac"]


def test_music_without_sound_is_refused(clips: Clips) -> None:
    with pytest.raises(MediaError, match="has no soundtrack"):
        make_plan(clips.mp4, music=[clips.mute])


def test_music_that_is_missing_is_refused(clips: Clips) -> None:
    with pytest.raises(PresetError, match=r"there is no music file .*no\.flac"):
        make_plan(clips.mp4, music=["no.flac"])


def test_a_plan_for_programs_is_json(clips: Clips, tmp_path: Path) -> None:
    plan = plan_remix(clips.film, tmp_path / "out.mkv", preset=("strip-music", "netflix"), ranges=[(1.0, None)])
    document = json.loads(json.dumps(plan.as_dict(), allow_nan=False))
    assert document["output"] == str(tmp_path / "out.mkv")
    assert document["ranges"] == [[1.0, None]]
    assert document["preset"]["loudness"]["target_lufs"] == -27
    assert files_below(tmp_path) == set()


@pytest.mark.parametrize(
    ("track", "chosen"),
    [("lang:deu", [2]), ("lang:de", [2]), ("lang:ger", [2]), (["lang:eng", 2], [1, 2]), ([2, 2], [2]), ((), [1])],
)
def test_tracks_are_chosen_by_language_and_together(
    clips: Clips, tmp_path: Path, track: TrackChoice, chosen: list[int]
) -> None:
    plan = make_plan(clips.film, tmp_path / "out.mkv", track=track)
    assert [plan.info.audio.index(one) + 1 for one in plan.tracks] == chosen


@pytest.mark.parametrize(
    ("track", "words"),
    [("lang:fra", "no audio track in the language fra; it has eng, deu"), ("lang:", "chooses no audio track"),
     ("english", "chooses no audio track"), ([1, 3], "no audio track 3")],
)  # fmt: skip
def test_tracks_that_nobody_can_find_are_refused(clips: Clips, track: TrackChoice, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        make_plan(clips.film, track=track)


@pytest.mark.parametrize("suffix", ["avi", "wmv"])
def test_a_container_that_cannot_tell_the_order_of_pictures_is_refused(
    clips: Clips, tmp_path: Path, suffix: str
) -> None:
    film = tmp_path / "film.mp4"
    clips.run_ffmpeg("-i", clips.mp4, "-c:v", "mpeg4", "-bf", "2", "-c:a", "copy", film)
    with pytest.raises(OutputError, match=r"cannot tell in which order B-frames are shown; write to \.mkv or \.mp4"):
        make_plan(film, tmp_path / f"out.{suffix}")


@pytest.mark.parametrize(("kind", "suffix"), [("mp4", "mpg"), ("webm", "ts"), ("webm", "mpg"), ("webm", "flv")])
def test_pictures_that_players_do_not_expect_are_refused(clips: Clips, tmp_path: Path, kind: str, suffix: str) -> None:
    with pytest.raises(OutputError, match=r"cannot hold video stream 0"):
        make_plan(getattr(clips, kind), tmp_path / f"out.{suffix}")


def test_a_picture_that_does_not_fit_is_refused_before_any_work(clips: Clips, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="WebM cannot hold video stream 0"):
        make_plan(clips.mp4, tmp_path / "out.webm")


def test_an_original_that_cannot_be_copied_is_refused_before_any_work(shared: Path, tmp_path: Path) -> None:
    """ffmpeg cannot write several frames of AMR that come in one packet."""
    with pytest.raises(OutputError, match=r"3GP cannot hold the original, .* \(amr_nb\).* write to \.mkv"):
        make_plan(shared / "videos" / "MOV00006.3gp", tmp_path / "out.3gp", settings={"output.tracks": "mix,original"})


def test_a_dry_run_names_what_will_be_dropped(clips: Clips, tmp_path: Path) -> None:
    plan = plan_remix(clips.film, tmp_path / "out.mp4")
    assert any(warning.startswith("dropped: attachment") for warning in plan.warnings)
    assert any("was rewritten as mov_text" in warning for warning in plan.warnings)


@pytest.mark.parametrize(
    ("channels", "layout"), [("source", "5.1"), ("stereo", "stereo"), ("mono", "mono"), ("5.1", "5.1")]
)
def test_channels_are_mixed_down_only_when_asked(clips: Clips, channels: str, layout: str) -> None:
    plan = make_plan(clips.surround, settings={"output.channels": channels})
    assert plan.layout(plan.tracks[0]) == layout


def test_sound_with_fewer_channels_stays(clips: Clips) -> None:
    plan = make_plan(clips.telephone, settings={"output.channels": "stereo"})
    assert plan.layout(plan.tracks[0]) == "mono"
