"""Stems as files: they sum to the sound, and the options of Spleeter's users do what they did there."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result
from clips import RATE, SECONDS, Clips, RunFfmpeg
from reading import decoded, files_below, level_db

import vidsep
from vidsep.audio import STEM_NAMES, FloatArray
from vidsep.cli import cli
from vidsep.errors import MediaError, OutputError
from vidsep.media.probe import probe

pytestmark = pytest.mark.usefixtures("one_network")


def separate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["separate", *map(str, arguments)])


def read(path: Path) -> FloatArray:
    samples: FloatArray = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return samples


def total(folder: Path) -> FloatArray:
    stems = [read(folder / f"{name}.wav") for name in STEM_NAMES]
    return stems[0] + stems[1] + stems[2]


@pytest.mark.parametrize("kind", ["mp4", "webm", "mov", "surround", "telephone", "studio", "flac", "mp3", "blip"])
def test_stems_have_the_rate_and_shape_of_the_sound_and_sum_to_it(clips: Clips, tmp_path: Path, kind: str) -> None:
    source: Path = getattr(clips, kind)
    result = vidsep.separate(source, tmp_path)
    assert set(result.stems) == set(STEM_NAMES)
    mix, stems = decoded(source), total(tmp_path / source.stem)
    assert stems.shape == (result.n_samples, mix.shape[1])
    assert abs(len(mix) - len(stems)) < 2048  # ffmpeg's command line plays the padding of the last packet, too
    assert level_db(stems[: len(mix)] - mix[: len(stems)]) < -110
    assert soundfile.info(result.stems["music"]).samplerate == result.sample_rate


def test_silence_gives_silent_stems(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.separate(clips.silence, tmp_path)
    assert not any(read(path).any() for path in result.stems.values())


@pytest.mark.parametrize(
    ("codec", "sample_format", "format_name", "subtype"),
    [
        ("wav", None, "WAV", "FLOAT"),
        ("wav", "s24", "WAV", "PCM_24"),
        ("wav", "s16", "WAV", "PCM_16"),
        ("flac", None, "FLAC", "PCM_24"),
        ("flac", "s16", "FLAC", "PCM_16"),
        ("mp3", None, "MP3", "MPEG_LAYER_III"),
        ("ogg", None, "OGG", "VORBIS"),
    ],
)
def test_codecs_and_sample_formats(
    clips: Clips, tmp_path: Path, codec: str, sample_format: str | None, format_name: str, subtype: str
) -> None:
    result = vidsep.separate(clips.mov, tmp_path, codec=codec, sample_format=sample_format, stems=["dialogue"])
    assert set(result.stems) == {"dialogue"}
    info = soundfile.info(tmp_path / "camera" / f"dialogue.{codec}")
    assert (info.format.replace("WAVEX", "WAV"), info.subtype) == (format_name, subtype)
    assert info.frames == pytest.approx(SECONDS * RATE, abs=1152 * 2)


def test_m4a_is_aac_of_the_wanted_bit_rate(clips: Clips, tmp_path: Path) -> None:
    assert separate(clips.mp4, "-o", tmp_path, "-c", "m4a", "-b", "64k", "--stems", "music").exit_code == 0
    stem = tmp_path / "clip" / "music.m4a"
    assert decoded(stem).shape == pytest.approx((SECONDS * RATE, 2), rel=0.01)
    assert stem.stat().st_size * 8 / SECONDS < 100_000


@pytest.mark.parametrize("kind", ["mov", "studio"])
def test_wma_as_windows_plays_it(clips: Clips, tmp_path: Path, kind: str) -> None:
    source: Path = getattr(clips, kind)
    assert separate(source, "-o", tmp_path, "-c", "wma", "-b", "128k", "--stems", "music").exit_code == 0
    info = probe(tmp_path / source.stem / "music.wma")
    assert (info.format_names[0], info.audio[0].codec, info.audio[0].sample_rate) == ("asf", "wmav2", RATE)


@pytest.mark.parametrize("codec", ["wav", "flac", "mp3", "ogg", "m4a", "wma"])
def test_stems_carry_the_tags_of_the_song(clips: Clips, tmp_path: Path, run_ffmpeg: RunFfmpeg, codec: str) -> None:
    song = tmp_path / "song.mp3"
    tags = ("-metadata", "title=Ein Lied é 音", "-metadata", "artist=Nobody", "-metadata", "comment=private")
    run_ffmpeg("-i", clips.music, *tags, song)
    vidsep.separate(song, tmp_path, codec=codec, stems=["music"])
    info = probe(tmp_path / "song" / f"music.{codec}")
    made = {key.lower(): text for key, text in {**info.tags, **info.audio[0].tags}.items()}
    assert (made["title"], made["artist"]) == ("Ein Lied é 音 (music)", "Nobody")
    assert "comment" not in made


@pytest.mark.parametrize("codec", ["mp3", "wma"])
def test_surround_is_never_mixed_down(clips: Clips, tmp_path: Path, codec: str) -> None:
    result = separate(clips.surround, "-o", tmp_path / "stems", "-c", codec)
    assert result.exit_code == OutputError.exit_code
    assert "the sound has 6" in result.stderr
    assert not (tmp_path / "stems").exists()


def test_names_follow_the_pattern(clips: Clips, tmp_path: Path) -> None:
    pattern = "{foldername}/{filename} - {instrument}.{codec}"
    assert separate(clips.mov, "-o", tmp_path, "-f", pattern, "--stems", "music,effects").exit_code == 0
    folder = clips.mov.parent.name
    names = {f"{folder}/camera - music.wav", f"{folder}/camera - effects.wav"}
    assert files_below(tmp_path) == {folder, *names}


def test_offset_and_duration_take_a_part_to_the_sample(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.separate(clips.mov, tmp_path, offset=1.5, duration=2.0)
    assert result.n_samples == 2 * RATE
    part = decoded(clips.mov)[round(1.5 * RATE) : round(3.5 * RATE)]
    assert level_db(total(tmp_path / "camera") - part) < -110


def test_the_command_line_takes_times_as_people_write_them(clips: Clips, tmp_path: Path) -> None:
    result = separate(clips.mov, "-o", tmp_path, "-s", "0:01", "-d", "0:00:04", "--json")
    assert json.loads(result.stdout)["files"][0]["n_samples"] == 4 * RATE


def test_a_duration_beyond_the_end_ends_with_the_sound(clips: Clips, tmp_path: Path) -> None:
    assert vidsep.separate(clips.mov, tmp_path, offset=5.0, duration=60.0).n_samples == RATE


def test_the_second_time_the_stems_come_from_the_cache_and_are_the_same(clips: Clips, tmp_path: Path) -> None:
    first = vidsep.separate(clips.mov, tmp_path / "a")
    second = vidsep.separate(clips.mov, tmp_path / "b")
    assert second.from_cache
    for name in STEM_NAMES:
        np.testing.assert_array_equal(read(first.stems[name]), read(second.stems[name]))


@pytest.mark.parametrize("track", [2, "lang:ger"])
def test_another_track_is_another_sound(clips: Clips, tmp_path: Path, track: int | str) -> None:
    vidsep.separate(clips.film, tmp_path, track=track)
    assert level_db(total(tmp_path / "film") - decoded(clips.film, 2)) < -90


def test_one_bad_file_does_not_stop_the_others(clips: Clips, tmp_path: Path) -> None:
    result = separate(clips.text, clips.mov, tmp_path / "no.mp4", "-o", tmp_path, "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == MediaError.exit_code
    assert [row["input"] for row in document["files"]] == [str(clips.mov)]
    assert [row["exit_code"] for row in document["errors"]] == [MediaError.exit_code] * 2
    assert result.stderr.count("vidsep: error: ") == 2
    assert {name for name in files_below(tmp_path) if name.endswith(".wav")} == {
        f"camera/{name}.wav" for name in STEM_NAMES
    }


def test_stems_that_exist_are_kept_unless_told_otherwise(clips: Clips, tmp_path: Path) -> None:
    stem = tmp_path / "camera" / "music.wav"
    stem.parent.mkdir()
    stem.write_text("precious")
    result = separate(clips.mov, "-o", tmp_path)
    assert (result.exit_code, stem.read_text()) == (OutputError.exit_code, "precious")
    assert files_below(tmp_path) == {"camera", "camera/music.wav"}
    assert separate(clips.mov, "-o", tmp_path, "--overwrite").exit_code == 0
    assert len(read(stem)) == SECONDS * RATE


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)], ids=["", "overwrite"])
def test_two_inputs_never_share_their_stems(clips: Clips, tmp_path: Path, overwrite: tuple[str, ...]) -> None:
    twin = tmp_path / "other day" / "camera.mov"
    twin.parent.mkdir()
    twin.write_bytes(clips.mov.read_bytes())
    result = separate(clips.mov, twin, "-o", tmp_path / "stems", *overwrite)
    assert (result.exit_code, result.stderr.count("\n")) == (OutputError.exit_code, 1)
    assert not (tmp_path / "stems").exists()
    pattern = "{foldername}/{filename}/{stem}.{codec}"
    assert separate(clips.mov, twin, "-o", tmp_path / "stems", "-f", pattern, "--stems", "music").exit_code == 0
    assert len([name for name in files_below(tmp_path / "stems") if name.endswith("music.wav")]) == 2


def test_a_stem_never_takes_the_place_of_the_input(clips: Clips, tmp_path: Path) -> None:
    source = tmp_path / "music.wav"
    source.write_bytes(clips.sound.read_bytes())
    result = separate(source, "-o", tmp_path, "-f", "{stem}.{codec}", "--overwrite")
    assert result.exit_code == OutputError.exit_code
    assert files_below(tmp_path) == {"music.wav"}
    assert source.read_bytes() == clips.sound.read_bytes()


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("-c", "aiff"), 2),
        (("--stems", "voice"), 2),
        (("-b", "fast"), 2),
        (("-s", "soon"), 2),
        (("-c", "flac", "--sample-format", "f32"), OutputError.exit_code),
        (("-c", "wav", "-b", "192k"), OutputError.exit_code),
        (("-f", "{stem}/../../x.{codec}"), OutputError.exit_code),
        (("-f", "{filename}.{codec}"), OutputError.exit_code),
        (("-f", "{title}.{codec}"), OutputError.exit_code),
        (("-s", "60"), MediaError.exit_code),
        (("--track", "3"), MediaError.exit_code),
        (("--track", "lang:fra"), MediaError.exit_code),
        (("--track", "all"), 2),
    ],
)
def test_wrong_options_write_nothing(clips: Clips, tmp_path: Path, options: tuple[str, ...], exit_code: int) -> None:
    result = separate(clips.mov, "-o", tmp_path / "stems", *options)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert files_below(tmp_path) == set()
