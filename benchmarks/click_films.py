"""Films in which a click tells the sound's time and a flash the picture's, made by ffmpeg in every odd way.

`CASES` is the table: to add one, add a line. `benchmarks.click_times` tells when the clicks are heard.
"""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from vidsep.media import ffmpeg

SECONDS = 3.0
FLASH_FRAMES = (5, 40, 70)  # of 25 a second
CLICK_SECONDS = (0.06, 1.5, 2.92)  # counted from the first sample: just behind the start, amid, just before the end
CLICK_MS = 12

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25")
MPEG4 = ("-c:v", "mpeg4", "-g", "25")
MPEG2 = ("-c:v", "mpeg2video", "-g", "25", "-bf", "2")

RunFfmpeg = Callable[..., None]


@dataclass(frozen=True)
class Case:
    """One film: its name in tables, its container, its codecs, and what is odd about it.

    ``audio_late`` and ``video_late`` are seconds; ``audio_seconds`` is how long the sound is; ``output`` are more
    options of the muxer, ``copied`` those of a second pass that copies the finished film, and ``joined`` says whether
    the film is two, one behind the other. ``priming`` is how many samples its edit list leaves out of the sound.
    """

    name: str
    suffix: str
    video: tuple[str, ...]
    audio: tuple[str, ...]
    rate: int = 48000
    channels: int = 2
    audio_late: float = 0.0
    video_late: float = 0.0
    audio_seconds: float = SECONDS
    picture: str = ""
    output: tuple[str, ...] = ()
    before_copy: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    joined: bool = False
    priming: int = 0


def _codecs(suffix: str, video: tuple[str, ...], *audio: str, output: tuple[str, ...] = ()) -> Iterator[Case]:
    """The container with each of the codecs; ``codec@rate/channels`` asks for another form than 48 kHz stereo."""
    for spec in audio:
        form, _, channels = spec.partition("/")
        codec, _, rate = form.partition("@")
        options = ("-c:a", codec, "-strict", "-2")
        yield Case(f"{suffix} {spec}", suffix, video, options, int(rate or 48000), int(channels or 2), output=output)


CONTAINERS = (
    *_codecs("mp4", H264, "aac", "aac@44100/1", "libmp3lame@44100", "ac3", "eac3", "libopus", "flac@44100", "alac",
             "mp2", "aac/6", "flac/8"),
    *_codecs("mov", H264, "aac", "pcm_s16le", "pcm_s24le@96000", "pcm_f32le", "pcm_s16be", "alac@44100", "ac3"),
    *_codecs("3gp", MPEG4, "aac"),
    *_codecs("mkv", H264, "aac", "libopus", "libvorbis@44100", "flac", "ac3", "eac3", "libmp3lame@44100", "mp2",
             "pcm_s16le@8000/1", "pcm_s24le", "libopus/6", "flac/6", "dca/6", "truehd", "tta", "wavpack"),
    *_codecs("webm", VP8, "libopus", "libvorbis@44100", "libvorbis/6"),
    *_codecs("ts", H264, "aac", "ac3@44100", "mp2", "eac3", "libmp3lame", "aac/6"),
    *_codecs("m2ts", H264, "ac3", "pcm_bluray"),
    *_codecs("mpg", MPEG2, "mp2", "ac3", output=("-f", "vob")),
    *_codecs("avi", MPEG4, "libmp3lame@44100", "pcm_s16le", "ac3", "mp2"),
    *_codecs("flv", H264, "aac@44100", "libmp3lame@44100"),
    *_codecs("wmv", ("-c:v", "wmv2"), "wmav2@44100", "wmav1@44100"),
    *_codecs("ogv", ("-c:v", "libtheora", "-g", "25"), "libvorbis", "libvorbis@44100/1", "libopus", "flac"),
    *_codecs("mxf", MPEG2, "pcm_s16le"),
)  # fmt: skip

MP4, MOV, MKV, TS, WEBM = (
    Case(suffix, suffix, video, ("-c:a", codec))
    for suffix, video, codec in (
        ("mp4", H264, "aac"), ("mov", H264, "pcm_s16le"), ("mkv", H264, "flac"), ("ts", H264, "aac"),
        ("webm", VP8, "libopus"),
    )
)  # fmt: skip
EVERYDAY = (MP4, MOV, MKV, TS, WEBM)
VFR = "select='lt(mod(n,7),3)+eq(n,5)+eq(n,40)+eq(n,70)'"
DROP = "noise=drop='between(pts*tb,{0}+0.7,{0}+1.2)'"
TURN_SECONDS = 2**33 / 90000  # when the clock of MPEG-TS starts over (ISO/IEC 13818-1, 2.4.3.7)
AVI, FLV, WMV, OGV, MPG = (
    next(case for case in CONTAINERS if case.suffix == suffix) for suffix in ("avi", "flv", "wmv", "ogv", "mpg")
)


def _each(cases: Sequence[Case], what: str, **changes: object) -> Iterator[Case]:
    for case in cases:
        yield replace(case, name=f"{case.suffix}, {what}", **changes)  # type: ignore[arg-type]


TIMES = (
    *_each((*EVERYDAY, FLV, WMV, MPG), "sound 350 ms late", audio_late=0.35),
    *_each((*EVERYDAY, AVI, OGV), "sound 7 ms late", audio_late=0.007),
    *_each((*EVERYDAY, AVI, FLV, OGV), "picture 500 ms late", video_late=0.5),
    *_each((*EVERYDAY, AVI), "sound ends 1 s early", audio_seconds=SECONDS - 1),
    *_each((*EVERYDAY, AVI), "sound 1.3 s longer", audio_seconds=SECONDS + 1.3),
    *_each((*EVERYDAY, FLV), "variable frame rate", picture=VFR, output=("-fps_mode", "vfr")),
    *_each((MP4, MOV, MKV, TS, WEBM), "starts at 10 s",
           copied=("-copyts", "-avoid_negative_ts", "disabled", "-output_ts_offset", "10")),
    *_each((MKV, TS, MP4), "gap in the sound", copied=("-bsf:a", DROP.format(0)), audio=("-c:a", "aac")),
    *_each((WEBM,), "gap in the sound", copied=("-bsf:a", DROP.format(0))),
    *_each((replace(TS, audio=("-c:a", "mp2")),), "gap in the sound of MP2", copied=("-bsf:a", DROP.format(1.4))),
    *_each((MP4, MOV), "cut by an edit list", before_copy=("-ss", "0.13"), output=("-g", "100"),
           copied=("-avoid_negative_ts", "make_zero")),
    *_each((MP4,), "no edit list", copied=("-use_editlist", "0")),
    *_each((MP4, MOV), "negative first times", copied=("-movflags", "+negative_cts_offsets")),
    *_each((MKV,), "negative first times", audio_late=-0.2, output=("-avoid_negative_ts", "disabled", "-copyts")),
    *_each((replace(MKV, audio=("-c:a", "aac")),), "negative first times, AAC", audio_late=-0.2,
           output=("-avoid_negative_ts", "disabled", "-copyts")),
    *_each((MP4, replace(MP4, suffix="mov", audio=("-c:a", "pcm_s16le"))), "fragmented",
           copied=("-movflags", "+frag_keyframe+empty_moov+default_base_moof")),
    *_each((MP4,), "fragmented, late moov", copied=("-movflags", "+frag_keyframe+delay_moov")),
    *_each((MP4, MOV, MKV), "no B-frames", video=(*H264, "-bf", "0")),
    *_each((TS,), "clock turns over", copied=("-output_ts_offset", f"{TURN_SECONDS - 1.5:.3f}")),
    *_each((replace(TS, audio=("-c:a", "mp2")),), "clock turns over, MP2",
           copied=("-output_ts_offset", f"{TURN_SECONDS - 1.5:.3f}")),
    *_each((TS, MPG), "two films joined", joined=True),
    *_each((replace(MP4, rate=44100), replace(MP4, suffix="mov")), "priming of 2112 samples", priming=2112),
)  # fmt: skip
CASES = (*CONTAINERS, *TIMES)


def click(rate: int) -> npt.NDArray[np.float32]:
    """A sweep from 400 Hz to 3 kHz: unlike itself at any delay, and low enough for a telephone."""
    t = np.arange(round(CLICK_MS / 1000 * rate)) / rate
    phase = 2 * np.pi * (400 * t + (3000 - 400) / (2 * CLICK_MS / 1000) * t**2)
    return (0.5 * np.sin(phase) * np.hanning(len(t))).astype(np.float32)


def run_ffmpeg(*arguments: str | Path | float) -> None:
    """Run ffmpeg with these arguments."""
    command = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=3600)


def make(case: Case, folder: Path, run_ffmpeg: RunFfmpeg) -> Path:
    """The film of ``case`` in ``folder``."""
    path = folder / f"film.{case.suffix}"
    first = folder / f"first.{case.suffix}" if case.copied or case.joined else path
    sound = np.zeros((round(case.audio_seconds * case.rate), case.channels), np.float32)
    burst = click(case.rate)
    for second in (*CLICK_SECONDS[:2], case.audio_seconds - (SECONDS - CLICK_SECONDS[2])):
        start = round(second * case.rate)
        sound[start : start + len(burst)] += burst[: len(sound) - start, None]
    soundfile.write(folder / "clicks.wav", sound, case.rate, subtype="FLOAT")
    flashes = "+".join(f"eq(n,{frame})" for frame in FLASH_FRAMES)
    picture = f"color=black:s=64x48:r=25:d={SECONDS},drawbox=c=white:t=fill:enable='{flashes}'"
    picture = ",".join(filter(None, (picture, case.picture)))
    pictures = ("-itsoffset", case.video_late, "-f", "lavfi", "-i", picture)
    sounds = ("-itsoffset", case.audio_late, "-i", folder / "clicks.wav")
    run_ffmpeg(*pictures, *sounds, "-map", "0:v", "-map", "1:a", *case.video, *case.audio, *case.output, first)
    if case.joined:
        path.write_bytes(first.read_bytes() * 2)
    elif case.copied:
        run_ffmpeg(*case.before_copy, "-i", first, "-map", "0", "-c", "copy", *case.copied, path)
    if case.priming:
        path.write_bytes(_with_priming(path.read_bytes(), case.priming))
    return path


def _with_priming(film: bytes, n_samples: int) -> bytes:
    """The MP4 as other encoders prime their sound; ffmpeg's has 1024 samples (edit list: ISO/IEC 14496-12, 8.6.6)."""
    at = film.rindex(b"elst") + 16
    if film[at : at + 4] != (1024).to_bytes(4, "big"):
        raise ValueError("the last edit list is not that of the sound")
    return film[:at] + n_samples.to_bytes(4, "big") + film[at + 4 :]
