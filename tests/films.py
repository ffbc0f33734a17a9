"""Small films that the tests of media/ and what stands on it are made of; ffmpeg makes them, not vidsep."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from vidsep.audio import FloatArray

RunFfmpeg = Callable[..., None]

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=2")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "5")


def plain_film(run_ffmpeg: RunFfmpeg, path: Path, *options: str) -> Path:
    """Two seconds of test picture with a stereo tone; ``options`` choose the codecs."""
    run_ffmpeg(*PICTURE, *SOUND, "-map", "0:v", "-map", "1:a", "-ac", "2", *(options or H264), path)
    return path


def rich_film(run_ffmpeg: RunFfmpeg, path: Path) -> Path:
    """A Matroska file with all that a film can have: two soundtracks, subtitles, chapters, a font, tags, flags."""
    folder = path.parent
    (folder / "words.srt").write_text("1\n00:00:00,200 --> 00:00:01,500\nGood evening.\n", encoding="utf-8")
    (folder / "font.ttf").write_bytes(b"not really a font" * 20)
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n"
    chapters = chapter.format(0, 1000, "Dawn") + chapter.format(1000, 2000, "Dusk")
    (folder / "tags.txt").write_text(f";FFMETADATA1\ntitle=A rich film\nartist=Somebody\n{chapters}", encoding="utf-8")
    run_ffmpeg(
        *PICTURE, *SOUND, *SOUND, "-i", folder / "words.srt", "-f", "ffmetadata", "-i", folder / "tags.txt",
        "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", "-map_metadata", "4", "-map_chapters", "4",
        *H264, "-c:a", "flac", "-ac", "2", "-c:s", "srt", "-attach", folder / "font.ttf",
        "-metadata:s:4", "mimetype=application/x-truetype-font", "-metadata:s:4", "filename=font.ttf",
        "-metadata:s:1", "language=deu", "-metadata:s:1", "title=Deutsch",
        "-metadata:s:2", "language=eng", "-metadata:s:2", "title=Commentary", "-metadata:s:3", "language=fra",
        "-disposition:a:0", "default+dub", "-disposition:a:1", "comment", "-disposition:s:0", "forced", path,
    )  # fmt: skip
    return path


def clicks(seconds: tuple[float, ...], n_samples: int, sample_rate: int, channels: int = 2) -> FloatArray:
    """Silence with short bursts that begin at ``seconds``."""
    t = np.arange(96)
    burst = 0.5 * np.sin(0.3 * t) * np.hanning(len(t))
    sound = np.zeros((n_samples, channels), np.float32)
    for second in seconds:
        start = round(second * sample_rate)
        sound[start : start + len(t)] += burst[:, None].astype(np.float32)
    return sound


def found_clicks(sound: FloatArray, sample_rate: int, seconds: tuple[float, ...]) -> list[float]:
    """Where the bursts of `clicks` are: for each of ``seconds`` the time of the best match within 80 ms of it."""
    t = np.arange(96)
    burst = np.sin(0.3 * t) * np.hanning(len(t))
    wave = np.concatenate([np.zeros(sample_rate), sound.mean(axis=1), np.zeros(sample_rate)])
    times = []
    for second in seconds:
        near = round((second + 1) * sample_rate)
        reach = round(0.08 * sample_rate)
        match = np.correlate(wave[near - reach : near + reach + len(t)], burst, "valid")
        times.append((near - reach + int(match.argmax())) / sample_rate - 1)
    return times
