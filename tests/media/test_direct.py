"""Sound that is decoded here is what ffmpeg decodes, and what is not in order is left to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import scene
from films import H264, RunFfmpeg, clicks

from vidsep.media import direct, ffmpeg
from vidsep.media.demux import Soundtrack, decode
from vidsep.media.probe import probe
from vidsep.progress import Advance, ignore


def film(run_ffmpeg: RunFfmpeg, folder: Path, *options: str, name: str = "film.mp4", seconds: float = 4.0) -> Path:
    """A film with AAC; ``options`` are those of its sound."""
    soundfile.write(folder / "sound.wav", scene(seconds, 48000), 48000, "FLOAT")
    picture = ("-f", "lavfi", "-i", f"testsrc2=size=64x48:rate=10:duration={seconds}")
    run_ffmpeg(*picture, "-i", folder / "sound.wav", *H264, "-c:a", "aac", *options, folder / name)
    return folder / name


def decoded(path: Path, folder: Path, advance: Advance = ignore) -> Soundtrack:
    info = probe(path)
    return decode(info, info.audio_stream(), folder, advance)


def decoded_by_ffmpeg(path: Path, folder: Path) -> Soundtrack:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(direct, "CODECS", set())
        return decoded(path, folder)


@pytest.fixture
def n_ffmpegs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Grows by one for every ffmpeg that is read from."""
    asked: list[Any] = []
    reading = ffmpeg.reading

    def counted(node: Any, *arguments: Any) -> Any:
        asked.append(node)
        return reading(node, *arguments)

    monkeypatch.setattr(ffmpeg, "reading", counted)
    yield asked


@pytest.mark.parametrize(
    "options",
    [(), ("-ac", "1"), ("-ar", "44100"), ("-ac", "6"), ("-af", "asetpts=PTS+0.25/TB"), ("-movflags", "+faststart")],
)
def test_plain_sound_is_that_of_ffmpeg(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, n_ffmpegs: list[Any], options: tuple[str, ...]
) -> None:
    path = film(run_ffmpeg, tmp_path, *options)
    here = decoded(path, tmp_path)
    assert not n_ffmpegs
    there = decoded_by_ffmpeg(path, tmp_path)
    assert here.start_seconds == pytest.approx(there.start_seconds, abs=1e-9)
    assert (here.audio.layout, here.warnings) == (there.audio.layout, ())
    n_samples = here.audio.n_samples
    assert 0 <= there.audio.n_samples - n_samples < 1024  # older versions of ffmpeg play what fills the last packet up
    np.testing.assert_allclose(here.audio.samples[0:n_samples], there.audio.samples[0:n_samples], atol=1e-5)


def test_gaps_are_silent_here_too(run_ffmpeg: RunFfmpeg, tmp_path: Path, n_ffmpegs: list[Any]) -> None:
    soundfile.write(tmp_path / "clicks.wav", clicks((0.5, 2.5), 3 * 48000, 48000), 48000, "FLOAT")
    path = tmp_path / "gap.mp4"
    run_ffmpeg("-i", tmp_path / "clicks.wav", "-c:a", "aac", "-bsf:a", "noise=drop='between(pts*tb,1,2)'", path)
    here = decoded(path, tmp_path)
    assert not n_ffmpegs
    assert here.sha256 == decoded_by_ffmpeg(path, tmp_path).sha256


def broken_in_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = content.index(b"mdat") + (len(content) - content.index(b"mdat")) // 2
    content[middle : middle + 3000] = bytes(range(250)) * 12
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


@pytest.mark.parametrize("damage", [broken_in_the_middle, cut_off])
def test_damaged_sound_is_left_to_ffmpeg(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, n_ffmpegs: list[Any], damage: Any
) -> None:
    path = film(run_ffmpeg, tmp_path, "-vn", "-movflags", "+faststart", name="film.m4a")
    damage(path)
    moved: list[float] = []
    here = decoded(path, tmp_path, moved.append)
    assert len(n_ffmpegs) == 1
    assert sum(moved) == pytest.approx(here.audio.seconds, abs=0.01)
    there = decoded_by_ffmpeg(path, tmp_path)
    assert (here.sha256, here.warnings) == (there.sha256, there.warnings)
    assert here.warnings


@pytest.mark.parametrize(("name", "options"), [("film.mkv", ()), ("film.ts", ()), ("film.mp4", ("-c:a", "mp3"))])
def test_other_sound_is_left_to_ffmpeg(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, n_ffmpegs: list[Any], name: str, options: tuple[str, ...]
) -> None:
    decoded(film(run_ffmpeg, tmp_path, *options, name=name), tmp_path)
    assert len(n_ffmpegs) == 1
