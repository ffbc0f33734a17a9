"""A new soundtrack changes nothing but the sound, starts on the sample, and is whole or not there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import tone
from films import H264, RunFfmpeg, clicks, found_clicks, plain_film, rich_film

from vidsep.audio import Audio, FloatArray
from vidsep.errors import OutputError, VerificationError, VidsepError
from vidsep.media import ffmpeg
from vidsep.media.demux import decode
from vidsep.media.info import MediaInfo, Stream
from vidsep.media.mux import CopiedTrack, NewTrack, remux, write
from vidsep.media.picture import PictureHash, picture_hash
from vidsep.media.probe import probe

QUIET = Audio(np.zeros((96000, 2), np.float32), 48000)


@pytest.fixture(scope="module")
def rich(run_ffmpeg: RunFfmpeg, tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return probe(rich_film(run_ffmpeg, tmp_path_factory.mktemp("rich") / "rich.mkv"))


@pytest.fixture(scope="module")
def plain(run_ffmpeg: RunFfmpeg, tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return probe(plain_film(run_ffmpeg, tmp_path_factory.mktemp("plain") / "plain.mp4"))


def sound_of(path: Path, folder: Path, track: int = 1) -> FloatArray:
    info = probe(path)
    audio = decode(info, info.audio_stream(track), folder).audio
    return audio.samples[0 : audio.n_samples]


def facts(stream: Stream) -> tuple[object, ...]:
    return stream.kind, stream.codec, stream.language, stream.title, sorted(stream.dispositions), stream.start_seconds


def packets(path: Path, stream: int) -> bytes:
    """The MD5 of a stream's packets, by ffmpeg."""
    command = [str(ffmpeg.executable()), "-v", "error", "-i", str(path), "-map", f"0:{stream}", "-c", "copy"]
    return subprocess.run([*command, "-f", "md5", "-"], check=True, capture_output=True, timeout=60).stdout


def test_everything_but_the_sound_stays(rich: MediaInfo, tmp_path: Path) -> None:
    result = remux(rich, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mkv")
    after = probe(result.path)
    assert [facts(stream) for stream in after.streams] == [facts(stream) for stream in rich.streams]
    assert (after.n_chapters, after.tags["title"], after.tags["ARTIST"]) == (2, "A rich film", "Somebody")
    assert after.streams[4].tags["filename"] == "font.ttf"
    assert result.picture == picture_hash(rich.path) == picture_hash(result.path)
    assert result.dropped == result.warnings == ()
    for stream in (0, 2, 3):
        assert packets(result.path, stream) == packets(rich.path, stream)
    assert packets(result.path, 1) != packets(rich.path, 1)


def test_the_chosen_track_is_the_one_replaced(rich: MediaInfo, tmp_path: Path) -> None:
    result = remux(rich, [NewTrack.of(QUIET, replaces=2)], tmp_path / "out.mkv")
    assert (result.codecs, result.numbers) == (("flac",), (2,))
    assert packets(result.path, 1) == packets(rich.path, 1)
    assert not sound_of(result.path, tmp_path, 2).any()


def test_lossless_sound_comes_back_bit_for_bit(rich: MediaInfo, tmp_path: Path) -> None:
    soundtrack = decode(rich, rich.audio_stream(), tmp_path)
    remux(rich, [NewTrack.of(soundtrack.audio, replaces=1)], tmp_path / "out.mkv")
    np.testing.assert_array_equal(sound_of(tmp_path / "out.mkv", tmp_path), sound_of(rich.path, tmp_path))


def test_several_titled_tracks(rich: MediaInfo, tmp_path: Path) -> None:
    loud = Audio(tone(1000, -12, 2), 48000)
    tracks: list[NewTrack | CopiedTrack] = [
        NewTrack.of(QUIET, replaces=1, title="Remix"),
        CopiedTrack(1, "Original"),
        NewTrack.of(loud, title="Dialogue", language="deu", default=False, codec="opus", bitrate_kbps=96),
    ]
    result = remux(rich, tracks, tmp_path / "out.mkv")
    after = probe(result.path)
    assert [stream.title for stream in after.audio] == ["Remix", "Commentary", "Original", "Dialogue"]
    assert [stream.is_default for stream in after.audio] == [True, False, False, False]
    assert [stream.codec for stream in after.audio] == ["flac", "flac", "flac", "opus"]
    assert [stream.language for stream in after.audio] == ["deu", "eng", "deu", "deu"]
    assert result.numbers == (1, 4)
    assert packets(result.path, after.audio[2].index) == packets(rich.path, 1)
    np.testing.assert_allclose(sound_of(result.path, tmp_path, 4)[10000:80000], loud.samples[10000:80000], atol=0.02)


def test_a_container_that_cannot_hold_everything_says_so(rich: MediaInfo, tmp_path: Path) -> None:
    result = remux(rich, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4")
    after = probe(result.path)
    assert len(result.dropped) == 1 and "attachment stream 4" in result.dropped[0]
    assert "subtitle stream 3 (subrip) was rewritten as mov_text" in result.warnings[0]
    assert [stream.codec for stream in after.streams][:4] == ["h264", "flac", "flac", "mov_text"]
    assert after.n_chapters == 2
    assert [stream.language for stream in after.audio] == ["deu", "eng"]


def test_a_picture_that_the_container_cannot_hold_is_refused(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = probe(plain_film(run_ffmpeg, tmp_path / "film.mov", "-c:v", "prores_ks", "-c:a", "pcm_s16le"))
    with pytest.raises(OutputError, match=r"MP4 cannot hold video stream 0 \(prores\)"):
        remux(film, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4")


def test_tags_of_phones_survive(run_ffmpeg: RunFfmpeg, plain: MediaInfo, tmp_path: Path) -> None:
    tags = ("-movflags", "use_metadata_tags", "-metadata", "com.apple.quicktime.make=Apple", "-metadata", "title=Trip")
    place = ("-metadata", "location=+47.3769+008.5417/", "-metadata", "creation_time=2024-05-01T10:00:00.000000Z")
    run_ffmpeg("-i", plain.path, "-c", "copy", *tags, *place, tmp_path / "phone.mov")
    film = probe(tmp_path / "phone.mov")
    once = probe(remux(film, [NewTrack.of(QUIET, replaces=1)], tmp_path / "once.mov").path)
    after = probe(remux(once, [NewTrack.of(QUIET, replaces=1)], tmp_path / "twice.mov").path)
    for name in ("com.apple.quicktime.make", "title", "location", "creation_time"):
        assert after.tags[name].partition(";")[0] == film.tags[name].partition(";")[0]


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_cover_art_stays_cover_art(run_ffmpeg: RunFfmpeg, plain: MediaInfo, tmp_path: Path, suffix: str) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48", "-frames:v", "1", tmp_path / "cover.png")
    flags = ("-disposition:v:1", "attached_pic")
    run_ffmpeg("-i", plain.path, "-i", tmp_path / "cover.png", "-map", "0", "-map", "1", "-c", "copy", *flags,
               tmp_path / "art.mp4")  # fmt: skip
    tags = ("-metadata:s:2", "mimetype=image/png", "-metadata:s:2", "filename=cover.png")
    run_ffmpeg("-i", plain.path, "-c", "copy", "-attach", tmp_path / "cover.png", *tags, tmp_path / "art.mkv")
    film = probe(tmp_path / f"art.{suffix}")
    result = remux(film, [NewTrack.of(QUIET, replaces=1)], tmp_path / f"out.{suffix}")
    after = probe(result.path)
    assert [stream.dispositions for stream in after.streams] == [stream.dispositions for stream in film.streams]
    assert len(after.video) == 1
    assert result.picture.n_packets == 21
    crossed = remux(film, [NewTrack.of(QUIET, replaces=1)], tmp_path / "crossed.mkv")
    assert len(probe(crossed.path).video) == 1
    assert crossed.picture == result.picture


def test_timecode_survives(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = probe(plain_film(run_ffmpeg, tmp_path / "film.mov", *H264, "-timecode", "01:02:03:04"))
    result = remux(film, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mov")
    after = probe(result.path)
    assert after.video[0].tags["timecode"] == film.video[0].tags["timecode"]
    assert len(after.streams) == len(film.streams)
    assert result.dropped == ()


def test_rotation_survives(shared: Path, tmp_path: Path) -> None:
    film = probe(shared / "videos" / "sample_rotate_and_reflect.mp4")
    after = probe(remux(film, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4").path)
    assert after.video[0].rotation_degrees == film.video[0].rotation_degrees == -90


SYNC = [
    ("mp4", H264, "aac", 48000),
    ("mp4", H264, "mp3", 44100),
    ("mov", H264, "pcm_s16le", 48000),
    ("mkv", H264, "opus", 48000),
    ("mkv", H264, "flac", 44100),
    ("webm", ("-c:v", "libvpx", "-c:a", "libopus"), "vorbis", 44100),
    ("ts", H264, "ac3", 48000),
    ("ts", H264, "aac", 44100),
    ("avi", ("-c:v", "mpeg4"), "mp3", 44100),
    ("flv", (*H264, "-ar", "44100"), "aac", 44100),
    ("wmv", ("-c:v", "wmv2"), "wmav2", 44100),
]


@pytest.mark.parametrize("late_seconds", [0.0, 0.05, 0.5])
@pytest.mark.parametrize(("suffix", "film_options", "codec", "rate"), SYNC)
def test_sound_is_heard_when_it_should(
    run_ffmpeg: RunFfmpeg,
    tmp_path: Path,
    suffix: str,
    film_options: tuple[str, ...],
    codec: str,
    rate: int,
    late_seconds: float,
) -> None:
    film = probe(plain_film(run_ffmpeg, tmp_path / f"film.{suffix}", *film_options))
    times = (0.06, 1.0, 1.96)  # just behind the start, in the middle, just before the end
    picture_seconds = film.video[0].start_seconds or 0.0
    track = NewTrack.of(
        Audio(clicks(times, 2 * rate, rate), rate),
        replaces=film.audio[0].index,
        start_seconds=picture_seconds + late_seconds,
        codec=codec,
    )
    after = probe(remux(film, [track], tmp_path / f"out.{suffix}").path)
    heard = decode(after, after.audio_stream(), tmp_path)
    lead = heard.start_seconds - (after.video[0].start_seconds or 0.0)
    expected = tuple(time + late_seconds for time in times)
    found = found_clicks(
        heard.audio.samples[0 : heard.audio.n_samples], heard.audio.sample_rate, tuple(one - lead for one in expected)
    )
    np.testing.assert_allclose(np.array(found) + lead, expected, atol=1e-3)


def test_sound_of_the_wrong_length_is_refused(plain: MediaInfo, tmp_path: Path) -> None:
    blocks: Iterator[FloatArray] = iter([np.zeros((1000, 2), np.float32)])
    track = NewTrack(blocks, 48000, 2, "stereo", n_samples=96000, replaces=1)
    with pytest.raises(VerificationError, match="1000 samples instead of 96000"):
        remux(plain, [track], tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_mix_leaves_nothing(plain: MediaInfo, tmp_path: Path) -> None:
    def mix() -> Iterator[FloatArray]:
        yield np.zeros((48000, 2), np.float32)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remux(plain, [NewTrack(mix(), 48000, 2, "stereo", 96000, replaces=1)], tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_the_file_can_be_heard_before_it_has_its_name(plain: MediaInfo, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    with write(plain, [NewTrack.of(QUIET, replaces=1)], output) as written:
        assert probe(written.path).audio[0].codec == "aac"
        assert not output.exists()
    assert not output.exists()


def test_a_picture_that_changed_is_no_output(plain: MediaInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = picture_hash(plain.path)
    wrong = PictureHash(())
    monkeypatch.setattr("vidsep.media.mux.picture_hash", lambda path, **_: other if path == plain.path else wrong)
    with pytest.raises(VerificationError, match="the picture would not be that of the input"):
        remux(plain, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_pictures_that_left_their_sound_are_no_output(
    plain: MediaInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PictureHash, "largest_delay", lambda *_: 0.5)
    with pytest.raises(VerificationError, match=r"shown up to 0\.500 s earlier or later"):
        remux(plain, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(PictureHash, "largest_delay", lambda *_: 0.02)
    result = remux(plain, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4")
    assert "0.020 s earlier or later" in result.warnings[0]


NAMES = [
    "a b.mp4",
    "it's.mp4",
    "100%d %s.mp4",
    "-dash.mp4",
    "[x]{y}(z)&.mp4",
    "Größe 映画.mp4",
    "x" * 240 + ".mp4",
]
POSIX_NAMES = ["a:b;c|d.mp4", 'say "hi"?.mp4', "new\nline.mp4", "file:pipe:0.mp4"]


@pytest.mark.parametrize("name", NAMES + (POSIX_NAMES if Path("/").drive == "" and Path("/dev").exists() else []))
def test_any_name_will_do(plain: MediaInfo, tmp_path: Path, name: str) -> None:
    film = tmp_path / name
    film.write_bytes(plain.path.read_bytes())
    (tmp_path / "out").mkdir()
    result = remux(probe(film), [NewTrack.of(QUIET, replaces=1)], tmp_path / "out" / name)
    assert probe(result.path).audio[0].codec == "aac"


def test_the_input_is_untouched(plain: MediaInfo, tmp_path: Path) -> None:
    before = plain.path.read_bytes()
    with pytest.raises(OutputError, match="is the input"):
        remux(plain, [NewTrack.of(QUIET, replaces=1)], plain.path, overwrite=True)
    remux(plain, [NewTrack.of(QUIET, replaces=1)], tmp_path / "out.mp4")
    assert plain.path.read_bytes() == before


REAL = ["dolbyVision-hdr.MOV", "sample_h262_mpeg_audio.ps", "roadtrip-vp92-10bit.webm", "multiTrack.3gp",
        "sample_with_pgs_subtitles.mkv", "sample_with_chapters.mp4", "sample-with-large-length.avi", "sample_scte35.ts",
        "sample_empty_track.mp4", "video_with_failing_audio.mp4"]  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_files_keep_their_picture(shared: Path, tmp_path: Path, name: str) -> None:
    film = probe(shared / "videos" / name)
    tracks = []
    if film.audio:
        soundtrack = decode(film, film.audio_stream(), tmp_path)
        tracks = [NewTrack.of(soundtrack.audio, replaces=film.audio[0].index, start_seconds=soundtrack.start_seconds)]
    try:
        result = remux(film, tracks, tmp_path / f"out{film.path.suffix}")
    except VidsepError as error:
        pytest.fail(str(error))
    assert picture_hash(result.path).n_packets == picture_hash(film.path).n_packets
    for old, new in zip(film.audio, probe(result.path).audio, strict=True):
        assert (new.language, new.n_channels) == (old.language, old.n_channels)
