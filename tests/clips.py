"""Small videos that vidsep did not make, one of each kind that people bring: made by ffmpeg, when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile
import soxr

from vidsep.audio import FloatArray

RATE = 48000
SECONDS = 6.0
CHORD_HZ = (220, 277, 330, 440)
MUSIC_HZ = 587
SPEECH = Path(__file__).parents[1] / "samples" / "speech" / "line_1.flac"

RunFfmpeg: TypeAlias = Callable[..., None]
Arguments: TypeAlias = tuple[str | Path, ...]

PICTURE = ("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=25:duration={SECONDS}")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "160k")

SUBTITLES = "1\n00:00:00,500 --> 00:00:02,000\nA line that is said.\n"
CHAPTERS = (
    ";FFMETADATA1\ntitle=A made film\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=3000\ntitle=One\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=3000\nEND=6000\ntitle=Two\n"
)


def voice() -> FloatArray:
    """Somebody speaks from 0.5 to 4.9 s; shape ``(n_samples, 2)``, the same in both channels."""
    speech, speech_rate = soundfile.read(SPEECH, dtype="float32")
    spoken = soxr.resample(speech, speech_rate, RATE)
    alone = np.zeros((round(SECONDS * RATE), 2), np.float32)
    alone[RATE // 2 : RATE // 2 + len(spoken)] = (0.45 * spoken / np.abs(spoken).max())[:, None]
    return alone


def chords() -> FloatArray:
    """A chord is struck every second."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    fall = 0.05 * np.exp(-3 * (t % 1.0))
    sides = [fall * sum(np.sin(2 * np.pi * f * t + side) for f in CHORD_HZ) for side in (0, 0.9)]
    return np.stack(sides, axis=1).astype(np.float32)


def programme() -> FloatArray:
    """The voice over the chords, with a burst of noise to one side near the end."""
    hiss = np.random.default_rng(1).standard_normal((round(SECONDS * RATE), 2)) * (0.05, 0.01)
    hiss[: round(5.2 * RATE)] = hiss[round(5.6 * RATE) :] = 0
    return voice() + chords() + hiss.astype(np.float32)


@dataclass(frozen=True)
class Clips:
    """The clips, in ``folder``; each property is a path and makes its file the first time."""

    folder: Path
    run_ffmpeg: RunFfmpeg

    @property
    def sound(self) -> Path:
        """The programme as float WAV; it is the whole truth that all others are made of."""
        path = self.folder / "sound.wav"
        if not path.exists():
            soundfile.write(path, programme(), RATE, subtype="FLOAT")
        return path

    @property
    def mp4(self) -> Path:
        """H.264 and AAC, as phones make it."""
        return self._film("clip.mp4", *H264, *AAC)

    @property
    def mov(self) -> Path:
        """H.264 and 24-bit PCM, as cameras make it."""
        return self._film("camera.mov", *H264, "-c:a", "pcm_s24le")

    @property
    def webm(self) -> Path:
        """VP8 and Opus."""
        return self._film("page.webm", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")

    @property
    def surround(self) -> Path:
        """5.1 in FLAC: the programme in front, a little of it behind."""
        channels = "pan=5.1|FL=0.5*c0|FR=0.5*c1|FC=0.5*c0+0.5*c1|LFE=0.1*c0|BL=0.2*c1|BR=0.2*c0"
        return self._film("surround.mkv", *H264, "-af", channels, "-c:a", "flac")

    @property
    def telephone(self) -> Path:
        """Mono at 8 kHz."""
        return self._film("telephone.mkv", *H264, "-ac", "1", "-ar", "8000", "-c:a", "pcm_s16le")

    @property
    def studio(self) -> Path:
        """24 bits at 96 kHz."""
        return self._film("studio.mkv", *H264, "-ar", "96000", "-c:a", "pcm_s24le")

    @property
    def silence(self) -> Path:
        """A picture with a soundtrack in which nothing is heard."""
        return self._film("silence.mov", *H264, "-af", "volume=0", "-c:a", "pcm_s16le")

    @property
    def blip(self) -> Path:
        """Ten milliseconds of sound under six seconds of picture."""
        return self._film("blip.mov", *H264, "-af", "atrim=end_sample=480", "-c:a", "pcm_s16le")

    @property
    def flac(self) -> Path:
        return self._made("song.flac", "-i", self.sound, "-c:a", "flac")

    @property
    def mp3(self) -> Path:
        return self._made("song.mp3", "-i", self.sound, "-b:a", "192k")

    @property
    def mute(self) -> Path:
        """A picture without a soundtrack."""
        return self._made("mute.mp4", *PICTURE, *H264)

    @property
    def music(self) -> Path:
        """Three seconds of other music."""
        tones = f"sine=frequency={MUSIC_HZ}:duration=3,volume=0.3"
        return self._made("music.flac", "-f", "lavfi", "-i", tones, "-ac", "2", "-ar", "48000")

    @property
    def film(self) -> Path:
        """Matroska with two soundtracks, the second one in FLAC, subtitles, chapters and an attachment."""
        words, chapters, note = (self.folder / name for name in ("words.srt", "chapters.txt", "note.txt"))
        words.write_text(SUBTITLES, encoding="utf-8")
        chapters.write_text(CHAPTERS, encoding="utf-8")
        note.write_text("The font of the titles would lie here.\n", encoding="utf-8")
        inputs = ("-i", self.sound, "-i", words, "-i", chapters)
        maps = ("-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "2:s", "-map_chapters", "3", "-map_metadata", "3")
        tracks = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", "-metadata:s:a:1", "title=Ton")
        flags = ("-disposition:a:0", "default", "-disposition:a:1", "0", "-filter:a:1", "volume=0.5")
        attached = ("-attach", note, "-metadata:s:t:0", "mimetype=text/plain")
        codecs = (*H264, "-c:a:0", "aac", "-c:a:1", "flac", "-c:s", "srt")
        return self._made("film.mkv", *PICTURE, *inputs, *maps, *codecs, *tracks, *flags, *attached)

    @property
    def long(self) -> Path:
        """Five minutes, so that there is time to interrupt whatever is done with it."""
        picture = ("-f", "lavfi", "-i", f"testsrc2=size=64x36:rate=5:duration={50 * SECONDS}")
        sound = ("-stream_loop", "49", "-i", self.sound)
        return self._made("long.mkv", *picture, *sound, *H264, "-c:a", "flac", "-compression_level", "0")

    @property
    def cut_off(self) -> Path:
        """An MP4 whose copying was interrupted, so that its index is missing."""
        path = self.folder / "cut off.mp4"
        if not path.exists():
            whole = self.mp4.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
        return path

    @property
    def cut_off_mkv(self) -> Path:
        """A Matroska file without its second half, which plays as far as it goes."""
        path = self.folder / "cut off.mkv"
        if not path.exists():
            whole = self.film.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
        return path

    @property
    def text(self) -> Path:
        path = self.folder / "text.mp4"
        path.write_text("This is no video.\n" * 100, encoding="utf-8")
        return path

    @property
    def empty(self) -> Path:
        path = self.folder / "empty.mp4"
        path.touch()
        return path

    def _film(self, name: str, *arguments: str | Path) -> Path:
        return self._made(name, *PICTURE, "-i", self.sound, *arguments)

    def _made(self, name: str, *arguments: str | Path) -> Path:
        path = self.folder / name
        if not path.exists():
            self.run_ffmpeg(*arguments, path)
        return path
