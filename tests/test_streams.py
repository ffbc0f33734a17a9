"""Everything in a file but the remixed sound comes out as it went in: field by field, with what is odd about each."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from clips import CHAPTERS, SUBTITLES
from conftest import RunFfmpeg
from reading import decoded, packets_sha256

import vidsep

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2")
OTHER_PICTURE = ("-f", "lavfi", "-i", "smptebars=size=48x64:rate=10:duration=2")
SOUND = ("-f", "lavfi", "-i", "sine=440:duration=2:sample_rate=48000")
OTHER_SOUND = ("-f", "lavfi", "-i", "sine=880:duration=2:sample_rate=44100")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-pix_fmt", "yuv420p10le")
CREATED = "2021-03-04T05:06:07.000000Z"
GLOBAL_TAGS = ("-metadata", "title=Größe \N{FILM PROJECTOR}", "-metadata", "artist=A = B; C", "-metadata",
               "comment=two\nlines", "-metadata", f"creation_time={CREATED}")  # fmt: skip


def remixed(film: Path, *, suffix: str = "", **options: object) -> tuple[Path, tuple[str, ...]]:
    output = film.with_name(f"out{suffix or film.suffix}")
    result = vidsep.remix(film, output, preset="neutral", **options)  # type: ignore[arg-type]
    return result.output, result.warnings


def assert_kept(film: Path, output: Path, *ignore: str) -> None:
    """Nothing differs between the files, by `vidsep.verify`, whose eyes are tested in test_verifying.py."""
    assert [str(one) for one in vidsep.verify(film, output, ignore=("audio:1", *ignore)).differences] == []


def written(folder: Path) -> tuple[Path, Path, Path]:
    words, chapters, font = folder / "words.srt", folder / "chapters.txt", folder / "font.ttf"
    words.write_text(SUBTITLES, encoding="utf-8")
    chapters.write_text(CHAPTERS.replace("3000", "1000").replace("6000", "2000"), encoding="utf-8")
    font.write_bytes(b"not really a font" * 20)
    return words, chapters, font


def side_data(path: Path) -> dict[str, bytes]:
    """What the first picture says beside its content."""
    with av.open(str(path)) as container:
        entries: Any = next(container.decode(video=0)).side_data
        return {one.type.name: bytes(one) for one in entries}


def test_all_that_matroska_holds(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    words, chapters, font = written(tmp_path)
    film = tmp_path / "film.mkv"
    run_ffmpeg(
        *PICTURE, *OTHER_PICTURE, *SOUND, *OTHER_SOUND, "-i", words, "-i", chapters,
        "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "2", "-map", "4", "-map", "4", "-map", "4",
        "-map_chapters", "5", *H264, "-c:v:1", "mpeg4", "-c:a:0", "aac", "-c:a:1", "ac3", "-c:a:2", "flac",
        "-c:s:0", "srt", "-c:s:1", "ass", "-c:s:2", "webvtt", "-attach", font, "-metadata:s:t", "mimetype=font/ttf",
        *GLOBAL_TAGS, "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra", "-metadata:s:a:1",
        "title=Commentaire", "-metadata:s:s:0", "language=jpn", "-metadata:s:s:1", "title=Signs", "-metadata:s:v:1",
        "title=Second camera", "-metadata:s:a:1", "MY_OWN=tag", "-disposition:v:0", "default", "-disposition:v:1", "0",
        "-disposition:a:0", "0", "-disposition:a:1", "default+comment", "-disposition:a:2", "visual_impaired",
        "-disposition:s:0", "forced", "-disposition:s:1", "default+hearing_impaired", "-disposition:s:2", "0", film,
    )  # fmt: skip
    output, warnings = remixed(film, track=1)
    assert warnings == ()
    assert_kept(film, output)
    with av.open(str(film)) as before, av.open(str(output)) as after:
        assert [stream.disposition for stream in after.streams] == [stream.disposition for stream in before.streams]
        assert [stream.language for stream in after.streams] == [stream.language for stream in before.streams]
        assert before.metadata["title"] == after.metadata["title"] == "Größe \N{FILM PROJECTOR}"
        assert after.streams.audio[1].metadata["MY_OWN"] == "tag"


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_all_that_mp4_holds(run_ffmpeg: RunFfmpeg, tmp_path: Path, suffix: str) -> None:
    words, chapters, _ = written(tmp_path)
    film = tmp_path / f"film.{suffix}"
    run_ffmpeg(
        *PICTURE, *OTHER_PICTURE, *SOUND, *OTHER_SOUND, "-i", words, "-i", chapters,
        "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map", "4", "-map_chapters", "5", *H264,
        "-c:v:1", "mpeg4", "-c:a:0", "aac", "-c:a:1", "alac", "-c:s", "mov_text", "-filter:v:0",
        "setsar=4/3,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv", *GLOBAL_TAGS,
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", "-metadata:s:s:1",
        "language=fra", "-disposition:v:1", "0", "-disposition:a:0", "default", "-disposition:a:1", "0",
        "-disposition:s:0", "default", "-disposition:s:1", "forced", film,
    )  # fmt: skip
    output, warnings = remixed(film)
    assert warnings == ()
    assert_kept(film, output)
    with av.open(str(output)) as after:
        assert after.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
        assert after.streams.video[0].codec_context.color_primaries == 1
        assert after.metadata["creation_time"] == CREATED


def test_timecode_of_a_camera(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    run_ffmpeg(*PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le", "-timecode", "10:11:12:13", film)
    output, warnings = remixed(film)
    assert warnings == ()
    assert_kept(film, output)
    with av.open(str(output)) as after:
        assert after.streams.video[0].metadata["timecode"] == "10:11:12:13"


def test_broadcast_with_two_languages(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = tmp_path / "film.ts"
    run_ffmpeg(
        *PICTURE, *SOUND, *OTHER_SOUND, "-map", "0", "-map", "1", "-map", "2", *H264, "-c:a", "mp2", "-metadata:s:a:0",
        "language=eng", "-metadata:s:a:1", "language=deu", "-disposition:a:1", "visual_impaired", film,
    )  # fmt: skip
    output, warnings = remixed(film)
    assert warnings == ()
    assert_kept(film, output, "tags")


def test_subtitles_of_the_web(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    words, _, _ = written(tmp_path)
    film = tmp_path / "film.webm"
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
    run_ffmpeg(*PICTURE, *SOUND, "-i", words, *vp9, "-c:a", "libopus", "-c:s", "webvtt", "-map", "0", "-map", "1",
               "-map", "2", "-metadata:s:s:0", "language=eng", film)  # fmt: skip
    output, warnings = remixed(film)
    assert warnings == ()
    assert_kept(film, output)


HDR10 = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_high_dynamic_range(run_ffmpeg: RunFfmpeg, tmp_path: Path, suffix: str, transfer: str) -> None:
    film = tmp_path / f"film.{suffix}"
    colours = f"log-level=error:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited"
    params = f"{colours}:{HDR10}" if transfer == "smpte2084" else colours
    run_ffmpeg(*PICTURE, *SOUND, *X265, "-x265-params", params, "-c:a", "aac", film)
    output, warnings = remixed(film)
    assert warnings == ()
    assert_kept(film, output)
    with av.open(str(output)) as after:
        context = after.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc) == (9, 16 if transfer == "smpte2084" else 18)
    static = {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"}
    assert (transfer == "smpte2084") == (static <= side_data(output).keys())


REAL = (
    "dolbyVision-hdr.MOV", "hdr10-av1.mp4", "hlg10-color-test.mp4", "sample_rotate_and_reflect.mp4",
    "openshot_test1.mp4",
    "sample_with_pgs_subtitles.mkv", "sample_with_vobsub.mp4", "sample_with_srt.mkv", "sample_with_ssa_subtitles.mkv",
    "sample_with_chapters.mp4", "sample_with_chapters.mkv", "sample_scte35.ts", "sd-hls0000000000.ts",
    "sample_sef_slow_motion.mp4", "trim_optimization_failure.mp4", "transparent.webm", "edit_list_positive_shift.mp4",
)  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_files(shared: Path, tmp_path: Path, name: str) -> None:
    film = shared / "videos" / name
    output = tmp_path / f"out{film.suffix}"
    told = " ".join(vidsep.remix(film, output, preset="neutral").warnings)
    found = vidsep.verify(film, output, ignore=["audio:1"]).differences
    assert [str(one) for one in found if one.what.removeprefix("tag ") not in told] == []  # a loss that is named


def test_dolby_vision_and_the_data_of_a_phone_are_described(shared: Path, tmp_path: Path) -> None:
    """ffmpeg itself leaves both out of a MOV."""
    film = shared / "videos" / "dolbyVision-hdr.MOV"
    vidsep.remix(film, tmp_path / "out.mov", preset="neutral")
    content = (tmp_path / "out.mov").read_bytes()
    before = film.read_bytes()
    at = before.index(b"dvvC")
    assert before[at - 4 : at + 28] in content
    assert content.count(b"mebx") == before.count(b"mebx") == 3


def test_pictures_come_in_the_order_of_the_edit_list(shared: Path, tmp_path: Path) -> None:
    """Their file says that some are shown before they are decoded; ffmpeg alone would change their order."""
    film = shared / "videos" / "dolbyVision-hdr.MOV"
    vidsep.remix(film, tmp_path / "out.mov", preset="neutral")
    shown = []
    for path in (film, tmp_path / "out.mov"):
        with av.open(str(path)) as container:
            frames = [(frame.time, bytes(frame.planes[0])) for frame in container.decode(video=0)]
        shown.append([content for _, content in sorted(frames, key=lambda frame: frame[0] or 0.0)][:4])
    assert shown[0] == shown[1]


def test_a_mirrored_picture_stays_mirrored(shared: Path, tmp_path: Path) -> None:
    film = shared / "videos" / "sample_rotate_and_reflect.mp4"
    vidsep.remix(film, tmp_path / "out.mp4", preset="neutral")
    assert side_data(tmp_path / "out.mp4")["DISPLAYMATRIX"] == side_data(film)["DISPLAYMATRIX"]


@pytest.mark.parametrize(
    ("choice", "changed"),
    [(2, [2]), ("all", [1, 2, 3]), ("lang:eng", [1, 3]), ("lang:de", [2]), ([1, "lang:ger"], [1, 2]), (None, [2])],
)
def test_tracks_that_were_not_chosen_are_copied_bit_for_bit(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, choice: object, changed: list[int]
) -> None:
    film = tmp_path / "film.mkv"
    run_ffmpeg(
        *PICTURE, *SOUND, *OTHER_SOUND, "-map", "0", "-map", "1", "-map", "2", "-map", "1", *H264, "-c:a:0", "aac",
        "-c:a:1", "ac3", "-c:a:2", "libopus", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger",
        "-metadata:s:a:2", "language=eng", "-disposition:a:0", "0", "-disposition:a:1", "default", film,
    )  # fmt: skip
    output, _ = remixed(film, track=choice, settings={"loudness.target_lufs": -35})
    same = [packets_sha256(film, "audio", n) == packets_sha256(output, "audio", n) for n in range(3)]
    assert same == [n not in changed for n in (1, 2, 3)]
    assert_kept(film, output, *(f"audio:{n}" for n in changed))


@pytest.mark.usefixtures("one_network")
@pytest.mark.parametrize("layout", ["5.1(side)", "7.1"])
def test_the_bass_channel_is_not_touched(run_ffmpeg: RunFfmpeg, tmp_path: Path, layout: str) -> None:
    film = tmp_path / "film.mkv"
    n_channels = {"5": 6, "7": 8}[layout[0]]
    sides = "|".join(f"c{n}={0.3 if n == 3 else 0.1}*c0" for n in range(n_channels))
    run_ffmpeg(*PICTURE, "-f", "lavfi", "-i", "anoisesrc=duration=0.5:sample_rate=48000:seed=1", *H264, "-af",
               f"pan={layout}|{sides}", "-c:a", "flac", film)  # fmt: skip
    output = tmp_path / "out.mkv"
    vidsep.remix(film, output, preset="strip-music")
    before, after = decoded(film), decoded(output)
    with av.open(str(output)) as container:
        assert container.streams.audio[0].layout.name == layout
    assert (before[:, 3] == after[:, 3]).all()
    assert (before[:, 0] != after[:, 0]).any()
