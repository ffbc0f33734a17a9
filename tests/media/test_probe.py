"""What a file holds is told as players see it, and what is no film is refused in one line."""

import json
import os
from pathlib import Path

import pytest
from films import RunFfmpeg, plain_film, rich_film

from vidsep.errors import MediaError
from vidsep.media.probe import AudioStream, MediaInfo, VideoStream, probe


@pytest.fixture(scope="module")
def rich(run_ffmpeg: RunFfmpeg, tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return probe(rich_film(run_ffmpeg, tmp_path_factory.mktemp("rich") / "rich.mkv"))


def test_all_streams_are_there(rich: MediaInfo) -> None:
    assert [stream.kind for stream in rich.streams] == ["video", "audio", "audio", "subtitle", "attachment"]
    assert [stream.codec for stream in rich.streams[:4]] == ["h264", "flac", "flac", "subrip"]
    assert rich.n_chapters == 2
    assert rich.tags["title"] == "A rich film"
    assert rich.duration_seconds == pytest.approx(2.0, abs=0.05)


def test_soundtracks_have_their_words_and_flags(rich: MediaInfo) -> None:
    first, second = rich.audio
    assert (first.language, first.title, first.is_default) == ("deu", "Deutsch", True)
    assert (second.language, second.title, second.is_default) == ("eng", "Commentary", False)
    assert "comment" in second.dispositions
    assert (first.sample_rate, first.n_channels, first.layout, first.bits) == (48000, 2, "stereo", 16)


def test_the_picture_has_its_size_and_rate(rich: MediaInfo) -> None:
    (picture,) = rich.video
    assert (picture.width, picture.height, picture.fps) == (64, 48, 10.0)


def test_the_facts_are_ready_for_json(rich: MediaInfo) -> None:
    facts = json.loads(json.dumps(rich.as_dict()))
    assert facts["streams"][1]["layout"] == "stereo"


def test_tracks_are_counted_from_one(rich: MediaInfo) -> None:
    assert rich.audio_stream(2).title == "Commentary"
    with pytest.raises(MediaError, match="no audio track 3; choose one of 1 to 2"):
        rich.audio_stream(3)
    with pytest.raises(MediaError, match="no audio track 0"):
        rich.audio_stream(0)


@pytest.mark.parametrize("codec", [("-c:a", "aac"), ("-c:a", "libmp3lame"), ("-c:a", "libopus", "-strict", "-2")])
def test_priming_is_no_part_of_the_sound(run_ffmpeg: RunFfmpeg, tmp_path: Path, codec: tuple[str, ...]) -> None:
    info = probe(plain_film(run_ffmpeg, tmp_path / "film.mp4", "-c:v", "libx264", *codec))
    assert info.audio[0].start_seconds == pytest.approx(0, abs=1e-4)


def test_cover_art_is_no_moving_picture(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1", tmp_path / "cover.png")
    film = plain_film(run_ffmpeg, tmp_path / "film.mp4")
    run_ffmpeg(
        "-i", film, "-i", tmp_path / "cover.png", "-map", "0", "-map", "1", "-c", "copy",
        "-disposition:v:1", "attached_pic", tmp_path / "art.mp4",
    )  # fmt: skip
    info = probe(tmp_path / "art.mp4")
    assert [stream.codec for stream in info.video] == ["h264"]
    assert sum(isinstance(stream, VideoStream) for stream in info.streams) == 2


def test_a_recording_without_a_length_is_measured(shared: Path) -> None:
    assert probe(shared / "videos" / "no_duration.webm").duration_seconds == pytest.approx(4.9, abs=0.1)


@pytest.mark.parametrize(
    ("name", "picture_seconds", "sound_seconds"),
    [
        ("edit_list_positive_shift.mp4", 1.0, 0.0),
        ("sample_with_ssa_subtitles.mkv", 0.067, 0.129),
        ("sample_h262_mpeg_audio.ts", 1.433367, 1.422456),
    ],
)
def test_streams_start_when_they_start(shared: Path, name: str, picture_seconds: float, sound_seconds: float) -> None:
    info = probe(shared / "videos" / name)
    assert info.video[0].start_seconds == pytest.approx(picture_seconds, abs=1e-4)
    assert info.audio[0].start_seconds == pytest.approx(sound_seconds, abs=1e-4)


def test_a_phone_held_upright_is_told(shared: Path) -> None:
    assert probe(shared / "videos" / "dolbyVision-hdr.MOV").video[0].rotation_degrees == -90


def test_sound_of_an_unknown_kind_is_refused_when_it_is_asked_for(shared: Path) -> None:
    info = probe(shared / "videos" / "sample_missing_stsd.mp4")
    assert isinstance(info.audio[0], AudioStream)
    with pytest.raises(MediaError, match="cannot be decoded"):
        info.audio_stream()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("This is a letter, not a film.\n" * 50)
    for path, message in (
        (tmp_path / "missing.mp4", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "empty.mp4", "is empty"),
        (tmp_path / "text.mp4", "is no video or sound file"),
        (tmp_path / ("x" * 5000), "cannot be looked at|does not exist"),
        (tmp_path / "nul\0byte.mp4", "cannot be looked at|does not exist"),
    ):
        with pytest.raises(MediaError, match=message) as caught:
            probe(path)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(MediaError, match="is no regular file"):
        probe(tmp_path / "pipe.mp4")


def test_a_film_cut_off_before_its_index_is_named(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = plain_film(run_ffmpeg, tmp_path / "film.mp4")
    film.write_bytes(film.read_bytes()[:5000])
    with pytest.raises(MediaError, match="cut off or damaged"):
        probe(film)


def test_an_image_is_no_film(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1", tmp_path / "image.png")
    with pytest.raises(MediaError, match="is no video or sound file"):
        probe(tmp_path / "image.png")


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:{secret}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{secret}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{secret}</BaseURL></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".txt", ".ts"])
def test_a_playlist_opens_no_other_file(run_ffmpeg: RunFfmpeg, tmp_path: Path, kind: str, suffix: str) -> None:
    secret = plain_film(run_ffmpeg, tmp_path / "secret.ts", "-c:v", "libx264", "-c:a", "aac")
    crafted = tmp_path / f"crafted{suffix}"
    crafted.write_text(PLAYLISTS[kind].format(secret=secret))
    with pytest.raises(MediaError, match="is no video or sound file"):
        probe(crafted)
