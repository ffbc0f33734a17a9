"""Asking a file what it holds, through PyAV: no ffprobe is needed and no console text is parsed."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av
import av.error
import av.stream

from vidsep.audio import DEFAULT_LAYOUTS
from vidsep.errors import MediaError
from vidsep.media.ffmpeg import FORMATS, undisguised, url
from vidsep.media.info import AudioStream, MediaInfo, Stream, VideoStream
from vidsep.media.limits import MOST_LOOK_SECONDS, MOST_PIXELS, check_claims

__all__ = ["AudioStream", "MediaInfo", "Stream", "VideoStream", "decodable", "opened", "probe"]

# What tags that are no UTF-8 become; from version 19 on PyAV cannot be asked and does so by itself.
_ODD_TEXT: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
LOOK_AHEAD_PACKETS = 3000  # how far into a file the first sound of each track is looked for
PROTECTED_TAGS = {"encv", "enca", "drms", "drmi"}  # sample entries of encrypted tracks, ISO/IEC 14496-12 8.12
LOSSLESS = {"flac", "alac", "ape", "mlp", "tak", "tta", "truehd", "wavpack", "wmalossless"}
DECODER_OPTIONS = {"max_pixels": str(MOST_PIXELS)}
SAMPLE_BITS = {"u8": 8, "s16": 16, "s32": 24, "flt": 32, "dbl": 64}  # codecs that give s32 hold 24 bits, PCM aside


def probe(path: Path | str) -> MediaInfo:
    """What the file at ``path`` holds.

    Raises `MediaError` when it is missing, a folder, empty, protected, broken, nothing with sound or picture, or claims
    what cannot be (see `vidsep.media.limits`).
    """
    path = Path(path)
    with opened(path) as container:
        found = path.stat()
        check_claims(path.name, (container.duration or 0) / av.time_base, found.st_size, len(container.streams))
        first = _first_frames(container)
        streams = tuple(_stream(stream, first.get(stream.index)) for stream in container.streams)
        if not any(stream.kind in ("audio", "video") for stream in streams):
            raise MediaError(f"{path.name} holds neither picture nor sound", "choose a video or sound file")
        _refuse_protected(container, path)
        duration_seconds = (container.duration or 0) / av.time_base
        return MediaInfo(
            path=path,
            format_names=tuple(container.format.name.split(",")),
            size_bytes=found.st_size,
            start_seconds=(container.start_time or 0) / av.time_base,
            duration_seconds=duration_seconds or _scanned_duration(path),
            bit_rate=container.bit_rate,
            tags=dict(container.metadata),
            n_chapters=len(container.chapters()),
            streams=streams,
            modified_ns=found.st_mtime_ns,
        )


@contextmanager
def opened(path: Path) -> Iterator["av.container.InputContainer"]:
    """The file in PyAV, fenced in as `vidsep.media.ffmpeg.source` is. Raises `MediaError` as `probe` does."""
    _refuse_what_is_no_file(path)
    fences = {"protocol_whitelist": "file", "format_whitelist": FORMATS, **DECODER_OPTIONS}
    try:
        container = av.open(undisguised(url(path)), options=fences, timeout=MOST_LOOK_SECONDS, **_ODD_TEXT)
    except PermissionError as error:
        raise MediaError(f"{path} may not be read", "give yourself the right to read it") from error
    except av.error.ExitError as error:
        raise _too_slow(path) from error
    except (av.error.FFmpegError, ValueError) as error:
        raise _unreadable(path) from error
    with container:
        try:
            yield container
        except av.error.ExitError as error:
            raise _too_slow(path) from error
        except av.error.FFmpegError as error:
            raise MediaError(f"{path.name} is broken: {error.strerror}", "see whether a player plays it") from error


def _refuse_what_is_no_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise MediaError(f"{path} is a folder", "name a file in it")
        if not path.exists():
            raise MediaError(f"{path} does not exist", "check its name")
        if not path.is_file():
            raise MediaError(f"{path} is no regular file", "copy what it gives to a file first")
        if path.stat().st_size == 0:
            raise MediaError(f"{path} is empty", "copy it again from its source")
    except (OSError, ValueError) as error:
        raise MediaError(f"{str(path)[:200]} cannot be looked at: {error}", "check its name and its folder") from error


def _too_slow(path: Path) -> MediaError:
    return MediaError(
        f"nothing was found in {path.name} for {MOST_LOOK_SECONDS:g} s",
        "see that the disk answers and a player plays it",
    )


def _unreadable(path: Path) -> MediaError:
    start = b""
    with suppress(OSError), path.open("rb") as file:
        start = file.read(12)
    if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return MediaError(f"{path.name} is cut off or damaged: its index is missing", "copy it again from its source")
    return MediaError(f"{path.name} is no video or sound file", "choose a video such as MP4, MOV, MKV or WebM")


def _refuse_protected(container: "av.container.InputContainer", path: Path) -> None:
    for stream in container.streams:
        if _codec_tag(stream.codec_context) in PROTECTED_TAGS:
            raise MediaError(f"{path.name} is protected against copying", "use a copy without protection")


def _codec_tag(context: Any) -> str:
    try:
        return context.codec_tag if context is not None else ""
    except UnicodeDecodeError:  # the tags of MPEG-TS are numbers
        return ""


def _first_frames(container: "av.container.InputContainer") -> dict[int, Any]:
    """The first decoded frame of each sound and picture track, by stream index, of those found near the start.

    Only decoding tells when the sound begins (decoders leave the encoder's priming out) and how players turn the
    picture. It stops at once when every track has answered.
    """
    wanted = decodable(container.streams)
    found: dict[int, Any] = {}
    try:
        for n_packets, packet in enumerate(container.demux()):
            if not wanted or n_packets > LOOK_AHEAD_PACKETS:
                break
            index = packet.stream.index  # not packet.stream_index, which is 0 for what ends each stream
            if index in wanted and (frames := _decoded(packet)):
                found[index] = frames[0]
                wanted.discard(index)
    except av.error.FFmpegError:  # a broken beginning: what is known of the streams has to do
        pass
    return found


def decodable(streams: Iterable[Any]) -> set[int]:
    """The indices of the sound and picture tracks that have a decoder; it is made ready for hostile files."""
    found = [one for one in streams if one.type in ("audio", "video") and one.codec_context is not None]
    for stream in found:
        stream.codec_context.options = DECODER_OPTIONS
        stream.codec_context.thread_count = 1  # with frame threads the first frame comes out late
    return {stream.index for stream in found}


def _decoded(packet: "av.Packet[Any]") -> list[Any]:
    try:
        return list(packet.decode())
    except (av.error.FFmpegError, ValueError):
        return []


def _stream(stream: Any, frame: Any) -> Stream:
    context = stream.codec_context
    tags = dict(stream.metadata)
    facts: dict[str, Any] = {
        "index": stream.index,
        "kind": stream.type or "data",
        "codec": context.codec.canonical_name if context is not None else "",
        "tags": tags,
        "dispositions": tuple(item.name for item in type(stream.disposition) if item in stream.disposition),
        "start_seconds": _seconds(stream.start_time, stream.time_base),
        "duration_seconds": _seconds(stream.duration, stream.time_base),
        "bit_rate": _bit_rate(context, tags),
    }
    if stream.type == "audio":
        return _audio(stream, frame, facts)
    if stream.type == "video":
        return _video(stream, frame, facts)
    return Stream(**facts)


def _audio(stream: Any, frame: Any, facts: dict[str, Any]) -> AudioStream:
    context = stream.codec_context
    if frame is not None and frame.pts is not None:
        facts["start_seconds"] = float(frame.pts * frame.time_base)
    if context is None:
        return AudioStream(**facts, sample_rate=0, n_channels=0, layout="", sample_format="", bits=0)
    known = frame if frame is not None else context  # some codecs tell their channels only when decoded
    return AudioStream(
        **facts,
        sample_rate=known.sample_rate or 0,
        n_channels=known.layout.nb_channels,
        layout=_layout(known.layout),
        sample_format=known.format.name if known.format else "",
        bits=_bits(facts["codec"], stream.profile or "", known.format),
    )


def _layout(layout: Any) -> str:
    """ffmpeg's name; a layout that is only a count of channels is taken for what ffmpeg takes it for."""
    name: str = layout.name
    return DEFAULT_LAYOUTS.get(layout.nb_channels, name) if name.endswith("channels") else name


def _video(stream: Any, frame: Any, facts: dict[str, Any]) -> VideoStream:
    context = stream.codec_context
    aspect = stream.sample_aspect_ratio if context is not None else None
    return VideoStream(
        **facts,
        width=context.width if context is not None else 0,
        height=context.height if context is not None else 0,
        fps=float(stream.average_rate or 0) if context is not None else 0.0,
        pixel_aspect=(aspect.numerator, aspect.denominator) if aspect else (1, 1),
        rotation_degrees=round(frame.rotation) if frame is not None else 0,
        is_attached_picture="attached_pic" in facts["dispositions"],
    )


def _seconds(count: int | None, time_base: Any) -> float | None:
    return None if count is None or time_base is None else float(count * time_base)


def _bit_rate(context: Any, tags: Mapping[str, str]) -> int | None:
    told = getattr(context, "bit_rate", None) or tags.get("BPS") or tags.get("BPS-eng") or "0"
    return int(told) or None if str(told).isdigit() else None


def _bits(codec: str, profile: str, sample_format: Any) -> int:
    if codec.startswith("pcm_"):
        digits = re.search(r"\d+", codec)
        return int(digits.group()) if digits else 0
    if codec in LOSSLESS or profile.startswith("DTS-HD MA"):
        return SAMPLE_BITS.get(sample_format.name.removesuffix("p"), 0) if sample_format else 0
    return 0


def _scanned_duration(path: Path) -> float:
    """The length of a file that does not tell it (live recordings), by a look at all packets."""
    first, last = math.inf, -math.inf
    with opened(path) as container:
        for packet in container.demux():
            if packet.pts is not None:
                first = min(first, float(packet.pts * packet.time_base))
                last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return max(0.0, last - first) if last > -math.inf else 0.0
