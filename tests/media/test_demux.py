"""Decoded sound is what ffmpeg decodes, sample for sample, and lies where it is heard."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from films import RunFfmpeg, clicks, found_clicks, plain_film

from vidsep.errors import MediaError
from vidsep.media.demux import Soundtrack, decode, load_music
from vidsep.media.probe import probe


def decoded(path: Path, folder: Path, track: int = 1) -> Soundtrack:
    info = probe(path)
    return decode(info, info.audio_stream(track), folder)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("film.mp4", ("-c:a", "aac")),
        ("film.mkv", ("-c:a", "libopus", "-ar", "48000")),
        ("film.ts", ("-c:a", "mp2")),
        ("film.mov", ("-c:a", "pcm_s24le")),
        ("film.avi", ("-c:a", "libmp3lame", "-ar", "44100")),
        ("film.flv", ("-c:a", "aac", "-ar", "44100")),
    ],
)
def test_clean_sound_is_bit_for_bit_what_ffmpeg_decodes(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, name: str, codec: tuple[str, ...]
) -> None:
    film = plain_film(run_ffmpeg, tmp_path / name, "-c:v", "mpeg4" if name == "film.avi" else "libx264", *codec)
    run_ffmpeg("-i", film, "-map", "0:a", "-f", "f32le", tmp_path / "plain.f32")
    soundtrack = decoded(film, tmp_path)
    samples = soundtrack.audio.samples[0 : soundtrack.audio.n_samples]
    np.testing.assert_array_equal(samples.ravel(), np.fromfile(tmp_path / "plain.f32", "<f4"))
    assert soundtrack.warnings == ()


def test_the_hash_is_that_of_the_sound_and_not_of_the_file(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    sound = (32767 * clicks((0.5,), 48000, 48000)).astype(np.int16)
    soundfile.write(tmp_path / "sound.wav", sound, 48000)
    soundfile.write(tmp_path / "other.wav", sound[:-1], 48000)
    run_ffmpeg("-i", tmp_path / "sound.wav", "-c:a", "flac", tmp_path / "sound.mka")
    run_ffmpeg("-i", tmp_path / "sound.wav", "-c:a", "alac", tmp_path / "sound.m4a")
    hashes = [decoded(tmp_path / name, tmp_path).sha256 for name in ("sound.wav", "sound.mka", "sound.m4a")]
    assert len(set(hashes)) == 1
    assert decoded(tmp_path / "other.wav", tmp_path).sha256 not in hashes
    expected = hashlib.sha256(b"48000 stereo" + (sound / 32768).astype("<f4").tobytes())
    assert hashes[0] == expected.hexdigest()


def test_the_peak_is_the_largest_sample(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", np.array([[0.1, -0.75], [0.5, 0.0]] * 100, np.float32), 48000, "FLOAT")
    assert decoded(tmp_path / "sound.wav", tmp_path).peak == 0.75


@pytest.mark.parametrize("codec", ["flac", "aac", "libopus"])
def test_a_gap_is_as_long_as_the_timestamps_say(run_ffmpeg: RunFfmpeg, tmp_path: Path, codec: str) -> None:
    soundfile.write(tmp_path / "sound.wav", clicks((0.5, 2.5), 3 * 48000, 48000), 48000, "FLOAT")
    # the second from 1 to 2 s is missing from the stream: its packets are not there
    run_ffmpeg(
        "-i", tmp_path / "sound.wav", "-c:a", codec, "-bsf:a", "noise=drop='between(pts*tb,1,2)'", tmp_path / "gap.mka"
    )
    soundtrack = decoded(tmp_path / "gap.mka", tmp_path)
    sound = soundtrack.audio.samples[0 : soundtrack.audio.n_samples]
    for expected, found in zip((0.5, 2.5), found_clicks(sound, 48000, (0.5, 2.5)), strict=True):
        assert found + soundtrack.start_seconds == pytest.approx(expected, abs=1e-3)
    assert not sound[round(1.2 * 48000) : round(1.9 * 48000)].any()


def test_gaps_and_overlaps_are_told(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", np.zeros((10 * 48000, 1), np.float32), 48000)
    for name, moved in (("gap", 0.5), ("overlap", -0.25)):
        shift = f"setts=ts=TS+gte(N\\,400)*{moved}/TB"  # from 8.5 s on
        run_ffmpeg("-i", tmp_path / "sound.wav", "-c:a", "aac", "-bsf:a", shift, tmp_path / f"{name}.nut")
    assert decoded(tmp_path / "gap.nut", tmp_path).warnings == ("the sound has gaps of 0.5 s in all, which are silent",)
    (told,) = decoded(tmp_path / "overlap.nut", tmp_path).warnings
    assert told.startswith("the sound overlaps itself; 0.2 s of it were cut")


def test_sound_that_starts_late_says_so(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = plain_film(run_ffmpeg, tmp_path / "film.mkv", "-c:v", "libx264", "-c:a", "flac")
    run_ffmpeg(
        "-i", film, "-itsoffset", "0.25", "-i", film, "-map", "0:v", "-map", "1:a", "-c", "copy", tmp_path / "late.mkv"
    )
    soundtrack = decoded(tmp_path / "late.mkv", tmp_path)
    assert soundtrack.start_seconds == pytest.approx(0.25, abs=1e-3)
    assert soundtrack.audio.n_samples == 96000


def test_the_end_of_a_file_may_be_missing(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = plain_film(run_ffmpeg, tmp_path / "film.mkv", "-c:v", "libx264", "-c:a", "flac")
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    soundtrack = decoded(film, tmp_path)
    assert 24000 < soundtrack.audio.n_samples < 96000


def test_damaged_sound_is_decoded_with_a_warning(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "anoisesrc=duration=3:sample_rate=48000", "-c:a", "ac3", tmp_path / "sound.ac3")
    content = bytearray((tmp_path / "sound.ac3").read_bytes())
    content[20000:22000] = bytes(range(200)) * 10
    (tmp_path / "sound.ac3").write_bytes(content)
    soundtrack = decoded(tmp_path / "sound.ac3", tmp_path)
    assert any("damaged" in warning for warning in soundtrack.warnings)
    assert soundtrack.audio.seconds > 2.5


def test_what_is_no_number_becomes_silence(tmp_path: Path) -> None:
    sound = np.full((48000, 1), 0.5, np.float32)
    sound[100] = np.nan
    sound[200] = np.inf
    soundfile.write(tmp_path / "sound.wav", sound, 48000, "FLOAT")
    soundtrack = decoded(tmp_path / "sound.wav", tmp_path)
    samples = soundtrack.audio.samples[0:48000]
    assert samples[100] == samples[200] == 0
    assert soundtrack.peak == 0.5
    assert "2 samples" in soundtrack.warnings[0]


def test_sound_without_content_is_an_error(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "sound.wav", np.zeros((0, 2), np.float32), 48000)
    with pytest.raises(MediaError, match="cannot be decoded"):
        decoded(tmp_path / "sound.wav", tmp_path)


def test_surround_keeps_its_channels(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    sound = 0.1 * np.arange(1, 7, dtype=np.float32) * np.ones((4800, 1), np.float32)
    soundfile.write(tmp_path / "six.wav", sound, 48000, "FLOAT")
    run_ffmpeg("-channel_layout", "5.1(side)", "-i", tmp_path / "six.wav", "-c:a", "flac", tmp_path / "six.mka")
    soundtrack = decoded(tmp_path / "six.mka", tmp_path)
    np.testing.assert_allclose(soundtrack.audio.samples[0:4800], sound, atol=1e-4)


def test_music_comes_at_the_rate_and_width_asked_for(tmp_path: Path) -> None:
    t = np.arange(44100 * 2) / 44100
    soundfile.write(tmp_path / "music.flac", 0.5 * np.sin(2 * np.pi * 1000 * t), 44100)
    audio = load_music(tmp_path / "music.flac", 48000, 2, tmp_path)
    assert (audio.sample_rate, audio.n_channels) == (48000, 2)
    assert audio.n_samples == pytest.approx(96000, abs=2)
    sound = audio.samples[1000:95000]
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(1000, 95000) / 48000)
    np.testing.assert_allclose(sound[:, 0] / np.abs(sound).max() * 0.5, expected, atol=0.01)
