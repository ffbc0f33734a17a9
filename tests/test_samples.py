"""The files in samples/ are what SOURCES.md promises, and the script next to them makes them."""

import itertools
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest
import soundfile
from conftest import RunFfmpeg
from numpy.typing import NDArray
from scipy import signal

from samples.making import soundtrack, story
from samples.making.picture import Scene
from samples.making.view import FRAMES_PER_SECOND, HEIGHT, WIDTH

SAMPLES = Path(__file__).parents[1] / "samples"
VLOG = SAMPLES / "vlog.mp4"
NEW_MUSIC = SAMPLES / "new_music.ogg"
SPEECH = [SAMPLES / "speech" / line.file for line in story.LINES]


def lufs(wave: NDArray[np.float64]) -> float:
    return float(pyloudnorm.Meter(48000).integrated_loudness(wave))


@pytest.fixture(scope="module")
def heard(run_ffmpeg: RunFfmpeg, tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.float64]:
    """The vlog's soundtrack as ffmpeg decodes it, ``(n_samples, 2)`` at 48 kHz."""
    path = tmp_path_factory.mktemp("vlog") / "heard.wav"
    run_ffmpeg("-i", VLOG, "-c:a", "pcm_f32le", path)
    wave, rate = soundfile.read(path)
    assert rate == 48000
    return np.asarray(wave)


@pytest.fixture(scope="module")
def stems() -> dict[str, NDArray[np.float64]]:
    return soundtrack.stems()


def test_the_vlog_has_picture_stereo_sound_and_english_subtitles() -> None:
    with av.open(str(VLOG)) as file:
        picture, sound, subtitles = file.streams.video[0], file.streams.audio[0], file.streams.subtitles[0]
        assert (picture.codec_context.name, picture.width, picture.height) == ("h264", WIDTH, HEIGHT)
        assert picture.average_rate == FRAMES_PER_SECOND
        assert picture.frames == story.SECONDS * FRAMES_PER_SECOND
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("aac", 48000, 2)
        assert subtitles.codec_context.name == "mov_text"
        assert (sound.language, subtitles.language) == ("eng", "eng")
    assert VLOG.stat().st_size < 4e6


def test_the_vlog_has_its_title_chapters_and_words(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    run_ffmpeg("-i", VLOG, "-f", "ffmetadata", tmp_path / "tags.txt")
    run_ffmpeg("-i", VLOG, tmp_path / "words.srt")
    tags = (tmp_path / "tags.txt").read_text(encoding="utf-8").splitlines()
    assert [line[6:] for line in tags if line.startswith("title=")] == [story.TITLE, *(c[1] for c in story.CHAPTERS)]
    words = (tmp_path / "words.srt").read_text(encoding="utf-8").splitlines()
    assert words[2::4] == [line.words for line in story.LINES]


def test_the_vlog_is_at_its_loudness_and_below_full_scale(heard: NDArray[np.float64]) -> None:
    assert len(heard) == pytest.approx(story.SECONDS * 48000, abs=2048)
    assert lufs(heard) == pytest.approx(-18, abs=0.5)
    true_peak = np.abs(signal.resample_poly(heard, 4, 1, axis=0)).max()
    assert 20 * np.log10(true_peak) < -1


def test_music_and_effects_stand_their_distance_under_the_voice(stems: dict[str, NDArray[np.float64]]) -> None:
    voice = lufs(stems["dialogue"])
    assert voice - lufs(stems["music"]) == pytest.approx(soundtrack.MUSIC_UNDER_VOICE_LU, abs=0.3)
    assert voice - lufs(stems["effects"]) == pytest.approx(soundtrack.EFFECTS_UNDER_VOICE_LU, abs=0.3)


def test_the_script_makes_the_sound_that_is_in_the_vlog(
    stems: dict[str, NDArray[np.float64]], heard: NDArray[np.float64]
) -> None:
    made = soundtrack.mix(stems)
    error = heard[: len(made)] - made[: len(heard)]
    assert 10 * np.log10(np.sum(made**2) / np.sum(error**2)) > 15  # what AAC at 160 kb/s loses


def test_the_script_makes_the_picture_that_is_in_the_vlog() -> None:
    with av.open(str(VLOG)) as file:
        seen = next(file.decode(video=0)).to_ndarray(format="rgb24")
    error = seen.astype(float) - Scene().frame(0)
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 28  # what H.264 loses


def test_every_line_is_spoken_alone_with_a_pause_behind_it() -> None:
    ends = [line.start_seconds + soundfile.info(path).duration for line, path in zip(story.LINES, SPEECH, strict=True)]
    for end, following in itertools.zip_longest(ends, story.LINES[1:]):
        assert (following.start_seconds if following else story.SECONDS) - end > 0.5


def test_the_new_music_loops_without_a_seam() -> None:
    music, rate = soundfile.read(NEW_MUSIC)
    assert (music.shape, rate) == ((32 * 48000, 2), 48000)
    assert NEW_MUSIC.stat().st_size < 1e6
    jump = np.abs(music[0] - music[-1]).max()
    assert jump < np.abs(np.diff(music, axis=0)).max() / 2
    before, after = (np.sqrt(np.mean(part**2)) for part in (music[-2 * rate :], music[: 2 * rate]))
    assert 20 * abs(np.log10(before / after)) < 3


def test_sources_names_everything_in_the_folder() -> None:
    sources = (SAMPLES / "SOURCES.md").read_text(encoding="utf-8")
    names = {path.name for path in SAMPLES.iterdir()} - {"SOURCES.md", "__pycache__"}
    assert [name for name in sorted(names) if f"`{name}" not in sources] == []
    assert {path.name for path in (SAMPLES / "speech").iterdir()} == {line.file for line in story.LINES}
