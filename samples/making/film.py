"""Frames, sound, subtitles and chapters into one MP4 file."""

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from samples.making import story
from samples.making.sound import SAMPLE_RATE, Wave
from samples.making.view import FRAMES_PER_SECOND, HEIGHT, WIDTH
from vidsep.media import ffmpeg

PICTURE = ("-c:v", "libx264", "-preset", "slow", "-crf", "32", "-pix_fmt", "yuv420p", "-g", "125")
SOUND = ("-c:a", "aac", "-b:a", "128k")


def write(path: Path, frames: Iterable[npt.NDArray[np.uint8]], mix: Wave) -> None:
    """The film as H.264 and AAC with English subtitles (the spoken lines), chapters and a title."""
    with tempfile.TemporaryDirectory() as folder:
        sound, words, chapters = (Path(folder) / name for name in ("mix.wav", "words.srt", "chapters.txt"))
        soundfile.write(sound, mix, SAMPLE_RATE, subtype="FLOAT")
        words.write_text(subtitles(), encoding="utf-8")
        chapters.write_text(metadata(), encoding="utf-8")
        size = f"{WIDTH}x{HEIGHT}"
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", size, "-framerate", str(FRAMES_PER_SECOND))
        convert = "scale=out_color_matrix=bt709:out_range=tv,setparams=color_primaries=bt709:color_trc=bt709"
        command = [str(ffmpeg.executable()), "-v", "error", "-y", *raw, "-i", "pipe:0"]
        for extra in (sound, words, chapters):
            command += ["-i", str(extra)]
        command += ["-map", "0:v", "-map", "1:a", "-map", "2:s", "-map_metadata", "3", "-map_chapters", "3"]
        command += ["-vf", convert, *PICTURE, *SOUND, "-c:s", "mov_text"]
        command += ["-metadata:s:a:0", "language=eng", "-metadata:s:s:0", "language=eng"]
        command += ["-fflags", "+bitexact", "-flags", "+bitexact", "-movflags", "+faststart", str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for frame in frames:
                process.stdin.write(np.ascontiguousarray(frame).data)
            process.stdin.close()
        if process.returncode:
            raise SystemExit(f"ffmpeg ended with code {process.returncode}")


def subtitles() -> str:
    """The spoken lines as SubRip text."""
    blocks = []
    for number, line in enumerate(story.LINES, 1):
        info = soundfile.info(Path(__file__).parents[1] / "speech" / line.file)
        stop = line.start_seconds + info.duration
        blocks.append(f"{number}\n{_stamp(line.start_seconds)} --> {_stamp(stop)}\n{line.words}\n")
    return "\n".join(blocks)


def metadata() -> str:
    """Title, comment and chapters in ffmpeg's FFMETADATA format."""
    ends = [start for start, _ in story.CHAPTERS[1:]] + [story.SECONDS]
    head = f";FFMETADATA1\ntitle={story.TITLE}\ncomment=Made by samples/make_samples.py of vidsep\n"
    parts = [
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={round(start * 1000)}\nEND={round(end * 1000)}\ntitle={title}\n"
        for (start, title), end in zip(story.CHAPTERS, ends, strict=True)
    ]
    return head + "".join(parts)


def _stamp(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{thousandths:03}"
