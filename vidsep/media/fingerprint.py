"""Everything about a file that a remix must not change: each stream's packets, form, flags and tags, the chapters."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vidsep.media.info import AudioStream, MediaInfo, Stream, VideoStream
from vidsep.media.nal import NalReader, has_nal_units
from vidsep.media.probe import decodable, opened
from vidsep.media.restore import described
from vidsep.progress import Advance, ignore

STEP_SECONDS = 10.0  # of film, between two words about how far it is read
# What belongs to the whole picture of a frame's side data, not to the frame (libavutil/frame.h).
PICTURE_SIDE_DATA = {
    "DISPLAYMATRIX": "display matrix",
    "MASTERING_DISPLAY_METADATA": "mastering display",
    "CONTENT_LIGHT_LEVEL": "content light level",
    "AMBIENT_VIEWING_ENVIRONMENT": "ambient viewing environment",
    "DOVI_METADATA": "Dolby Vision",
    "STEREO3D": "stereo 3D",
    "SPHERICAL": "spherical",
    "ICC_PROFILE": "colour profile",
}


@dataclass(frozen=True)
class StreamPrint:
    """One stream. ``name`` is its kind and its number among those of its kind from 1, such as ``audio:2``.

    ``sha256`` covers the payloads of its packets in order, ``units_sha256`` those of H.264 and HEVC without what
    containers add. ``seconds`` are the packets' times, NaN where there is none. ``form`` is what it is, in words;
    ``boxes`` are what only MP4 and MOV say of pictures and data, None for other files.
    """

    name: str
    codec: str
    form: Mapping[str, str]
    tags: Mapping[str, str]
    dispositions: tuple[str, ...]
    n_packets: int
    sha256: str
    units_sha256: str
    boxes: Mapping[str, str] | None
    seconds: npt.NDArray[np.float64] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Chapter:
    """A chapter, from and to in seconds."""

    start_seconds: float
    end_seconds: float
    tags: Mapping[str, str]


@dataclass(frozen=True)
class FilePrint:
    """A file."""

    path: Path
    streams: tuple[StreamPrint, ...]
    chapters: tuple[Chapter, ...]
    tags: Mapping[str, str]


def file_print(info: MediaInfo, advance: Advance = ignore) -> FilePrint:
    """Read all of the file that was probed as ``info``; nothing is decoded but its first pictures.

    ``advance`` gets the seconds of film read. Raises `MediaError` as `probe` does.
    """
    path = info.path
    done_seconds = info.start_seconds
    with opened(path) as container:
        tallies = [_Tally(stream) for stream in container.streams]
        for packet in container.demux():
            if packet.size and packet.stream_index < len(tallies):  # broadcasts may begin a stream later
                seconds = tallies[packet.stream_index].add(packet)
                if seconds > done_seconds + STEP_SECONDS:
                    advance(seconds - done_seconds)
                    done_seconds = seconds
        chapters = tuple(
            Chapter(one["start"] * tick, one["end"] * tick, dict(one["metadata"]))
            for one in container.chapters()
            for tick in (float(one["time_base"] or 0),)
        )
        colours = [_colours(stream) for stream in container.streams]
        ids = [stream.id for stream in container.streams]
    names = _names(info)
    boxes = described(path) if "mov" in info.format_names else None
    side_data = _picture_side_data(path)
    streams = tuple(
        StreamPrint(
            name=names[stream.index],
            codec=stream.codec,
            form=_form(stream) | colours[stream.index] | side_data.get(stream.index, {}),
            tags=stream.tags,
            dispositions=tuple(sorted(stream.dispositions)),
            n_packets=len(tally.seconds),
            sha256=tally.whole.hexdigest(),
            units_sha256=tally.units.hexdigest(),
            boxes=_boxes(stream, ids[stream.index], boxes),
            seconds=np.array(tally.seconds),
        )
        for stream, tally in zip(info.streams, tallies, strict=False)
    )
    return FilePrint(path, streams, chapters, info.tags)


class _Tally:
    """Hashes the packets of a stream as they come."""

    def __init__(self, stream: Any) -> None:
        self.whole, self.units = hashlib.sha256(), hashlib.sha256()
        self.seconds: list[float] = []
        self._reader = NalReader(stream) if has_nal_units(stream) else None
        if stream.type == "attachment":
            self.whole.update(stream.data)

    def add(self, packet: Any) -> float:
        """Returns its time in seconds, or NaN."""
        payload = memoryview(packet)
        seconds = float("nan") if packet.pts is None else packet.pts * float(packet.time_base)
        self.seconds.append(seconds)
        self.whole.update(payload)
        if self._reader is not None:
            for unit in self._reader.pictures(bytes(payload)):
                self.units.update(unit)
        return seconds


def _boxes(stream: Stream, number: int, boxes: Mapping[int, Mapping[str, str]] | None) -> Mapping[str, str] | None:
    return None if boxes is None else boxes.get(number, {}) if stream.kind in ("video", "data") else {}


def _names(info: MediaInfo) -> list[str]:
    counts: Counter[str] = Counter()
    names = []
    for stream in info.streams:
        kind = "cover" if isinstance(stream, VideoStream) and stream.is_attached_picture else stream.kind
        counts[kind] += 1
        names.append(f"{kind}:{counts[kind]}")
    return names


def _form(stream: Stream) -> dict[str, str]:
    if isinstance(stream, AudioStream):
        return {"sample rate": f"{stream.sample_rate} Hz", "channels": stream.layout}
    if isinstance(stream, VideoStream):
        across, down = stream.pixel_aspect
        return {
            "size": f"{stream.width} x {stream.height}",
            "pixel aspect": f"{across}:{down}",
            "rotation": f"{stream.rotation_degrees} degrees",
        }
    return {}


def _colours(stream: Any) -> dict[str, str]:
    """The numbers are those of ITU-T H.273; 2 and 0 say that nobody knows."""
    if stream.type != "video" or stream.codec_context is None:
        return {}
    context = stream.codec_context
    names = {"range": "color_range", "primaries": "color_primaries", "transfer": "color_trc", "matrix": "colorspace"}
    known = {f"colour {name}": int(getattr(context, field)) for name, field in names.items()}
    return {name: str(number) for name, number in known.items() if number not in (0, 2)} | {"pixels": context.pix_fmt}


def _picture_side_data(path: Path) -> dict[int, dict[str, str]]:
    """What the first frame of each picture says of the whole, by stream index; a hash stands for each content."""
    found: dict[int, dict[str, str]] = {}
    with opened(path) as container:
        left = decodable(container.streams.video)
        for packet in container.demux(container.streams.video) if left else ():
            index = packet.stream.index
            if index in left and (frames := _decoded(packet)):
                found[index] = _side_data(frames[0])
                left.discard(index)
            if not left:
                break
    return found


def _decoded(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except (OSError, ValueError):  # PyAV's errors are OSErrors or ValueErrors
        return []


def _side_data(frame: Any) -> dict[str, str]:
    try:
        entries = [(PICTURE_SIDE_DATA.get(one.type.name), bytes(one)) for one in frame.side_data]
    except ValueError:  # of a kind that this PyAV does not know
        return {}
    return {name: hashlib.sha256(content).hexdigest()[:16] for name, content in entries if name}
