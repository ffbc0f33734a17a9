"""The table of containers: their names, what soundtracks their users expect, and what they need to be written well."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from vidsep.errors import OutputError
from vidsep.media.codecs import ENCODERS
from vidsep.media.info import AudioStream, MediaInfo

WAVE_PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_u8", "pcm_alaw", "pcm_mulaw")
BIG_ENDIAN_PCM = ("pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", "pcm_f64be", "pcm_s8")


@dataclass(frozen=True)
class Container:
    """One row. ``audio`` holds the codecs that players of this container take, the usual one first.

    ``demuxers`` are the format names that probing gives such files; ``text_subtitle`` the codec of its text subtitles;
    ``starts_late`` says whether sound can start later than the picture, ``hides_priming`` whether players are told, or
    see from the packets' times, that an encoder's priming is not to be heard. Sound that starts less than
    ``late_samples`` after the file gets silence before it; ``opus_late_seconds`` is what the muxer adds to Opus.
    ``pictures`` are the codecs of pictures that its players take, where ffmpeg would write others, too; empty is all
    that ffmpeg writes. ``keeps_order`` says whether pictures can be shown in another order than they are decoded in.
    """

    name: str
    muxer: str
    suffixes: tuple[str, ...]
    demuxers: tuple[str, ...]
    audio: tuple[str, ...]
    text_subtitle: str = ""
    starts_late: bool = True
    hides_priming: bool = True
    most_channels: int = 64
    late_samples: int = 0
    opus_late_seconds: float = 0.0
    pictures: frozenset[str] = frozenset()
    keeps_order: bool = True
    options: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))

    def is_that_of(self, info: MediaInfo) -> bool:
        """Whether the file is of this kind already, so that its packets need no new framing."""
        return bool(set(self.demuxers) & set(info.format_names))


# ffmpeg's reader of MP4 loses the end of sound that starts late by less than one packet (4608 samples in FLAC).
MOV_LATE_SAMPLES = 8192
# ffmpeg's writer of Matroska rounds both the pre-skip of Opus (6.5 ms) and the time of its packets up to milliseconds.
MATROSKA_OPUS_LATE_SECONDS = 0.0005

MPEG_PICTURES = frozenset({"mpeg1video", "mpeg2video"})
BROADCAST_PICTURES = MPEG_PICTURES | {"mpeg4", "h264", "hevc", "vvc", "jpeg2000", "dirac", "cavs", "avs2", "avs3"}
FLASH_PICTURES = frozenset({"flv1", "flashsv", "flashsv2", "vp6f", "vp6a", "h264", "hevc", "vp9", "av1"})

MATROSKA_OPTIONS = MappingProxyType({"default_mode": "passthrough"})  # the tracks keep their flags

CONTAINERS = (
    Container("MP4", "mp4", (".mp4", ".m4v", ".m4a"), ("mp4", "mov"),
              ("aac", "alac", "mp3", "ac3", "eac3", "flac", "opus", "mp2"), "mov_text",
              late_samples=MOV_LATE_SAMPLES),
    Container("MOV", "mov", (".mov", ".qt"), ("mov",),
              ("aac", *WAVE_PCM, *BIG_ENDIAN_PCM, "alac", "mp3", "ac3", "eac3"), "mov_text",
              late_samples=MOV_LATE_SAMPLES),
    Container("3GP", "3gp", (".3gp", ".3g2"), ("3gp", "mov"), ("aac",), "mov_text",
              late_samples=MOV_LATE_SAMPLES),
    Container("Matroska", "matroska", (".mkv", ".mka", ".mk3d"), ("matroska",),
              ("aac", "flac", "opus", "vorbis", "ac3", "eac3", "mp3", "mp2", "alac", *WAVE_PCM, *BIG_ENDIAN_PCM[:3]),
              "subrip", options=MATROSKA_OPTIONS, opus_late_seconds=MATROSKA_OPUS_LATE_SECONDS),
    Container("WebM", "webm", (".webm",), ("webm",), ("opus", "vorbis"), "webvtt",
              options=MATROSKA_OPTIONS, opus_late_seconds=MATROSKA_OPUS_LATE_SECONDS),
    Container("MPEG-TS", "mpegts", (".ts", ".m2t", ".m2ts", ".mts"), ("mpegts",), ("aac", "ac3", "mp2", "eac3", "mp3"),
              most_channels=6, pictures=BROADCAST_PICTURES),
    Container("MPEG-PS", "vob", (".mpg", ".mpeg", ".vob", ".ps", ".m2p"), ("mpeg",), ("mp2", "ac3"),
              pictures=MPEG_PICTURES),
    Container("AVI", "avi", (".avi",), ("avi",), ("mp3", "ac3", *WAVE_PCM, "mp2", "aac"),
              starts_late=False, hides_priming=False, keeps_order=False),
    Container("FLV", "flv", (".flv", ".f4v"), ("flv",), ("aac", "mp3"), pictures=FLASH_PICTURES),
    Container("ASF", "asf", (".wmv", ".asf", ".wma"), ("asf",), ("wmav2", "ac3", "mp3", "aac", *WAVE_PCM),
              keeps_order=False),
    Container("Ogg", "ogg", (".ogv", ".ogg", ".oga", ".opus"), ("ogg",), ("vorbis", "opus", "flac"),
              starts_late=False),
    Container("MXF", "mxf", (".mxf",), ("mxf",), ("pcm_s24le", "pcm_s16le")),
    Container("WAVE", "wav", (".wav",), ("wav", "w64"), WAVE_PCM, starts_late=False),
    Container("FLAC", "flac", (".flac",), ("flac",), ("flac",), starts_late=False),
    Container("MP3", "mp3", (".mp3",), ("mp3",), ("mp3",), starts_late=False),
)  # fmt: skip


def container_for(output: Path, info: MediaInfo) -> Container:
    """The container that ``output`` is named for; for a name without a known suffix, that of the input.

    Raises `OutputError` when neither is known.
    """
    suffix = output.suffix.lower()
    for container in CONTAINERS:
        if suffix in container.suffixes:
            return container
    for container in CONTAINERS:
        if suffix == info.path.suffix.lower() and set(container.demuxers) & set(info.format_names):
            return container
    known = " ".join(suffix for container in CONTAINERS for suffix in container.suffixes)
    raise OutputError(f"vidsep writes no files called {suffix or 'without a suffix'}", f"use one of {known}")


def codec_for(container: Container, n_channels: int, layout: str, source: AudioStream | None) -> str:
    """The codec of new sound in ``container`` that takes the place of ``source``.

    It is the source's own where the container's players take it and ffmpeg can make it. Otherwise lossless sound
    stays lossless where the container has such a codec (TrueHD and DTS-HD MA become FLAC in Matroska, PCM becomes
    ALAC in MP4), and everything else takes the container's usual codec that holds the channels.
    Raises `OutputError` when there is none.
    """
    able = [codec for codec in container.audio if ENCODERS[codec].holds(n_channels, layout)]
    if not able or n_channels > container.most_channels:
        raise OutputError(
            f"{container.name} has no codec for {n_channels} channels ({layout})",
            "write to .mkv or .mp4, or set output.channels to 5.1",
        )
    if source is not None and source.codec in able:
        return source.codec
    if source is not None and source.bits:
        lossless = [codec for codec in able if ENCODERS[codec].is_lossless]
        compressed = [codec for codec in lossless if not codec.startswith("pcm_")]
        same_depth = [codec for codec in lossless if codec.startswith(f"pcm_s{source.bits}")]
        if chosen := compressed or same_depth or lossless:
            return chosen[0]
    return able[0]
