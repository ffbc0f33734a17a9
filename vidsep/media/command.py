"""The ffmpeg command that writes a file: everything copied, the new soundtracks encoded in their places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from vidsep.media import ffmpeg
from vidsep.media.boxes import index_comes_first
from vidsep.media.clock import clock_options, start_on_clock, with_witness
from vidsep.media.containers import Container
from vidsep.media.covers import ATTACH, cover_tags
from vidsep.media.fits import Kept
from vidsep.media.info import MediaInfo, Stream
from vidsep.media.reorder import decoded_earlier
from vidsep.media.tracks import CopiedTrack, EncodedTrack

Place: TypeAlias = Kept | CopiedTrack | int
"""What one output stream is made of; a number is that of a new track."""

# Counts and sizes of packets that are no longer there, and who wrote them.
STALE_TAGS = ("BPS", "DURATION", "NUMBER_OF_", "_STATISTICS", "encoder", "vendor_id")
BRAND_TAGS = ("major_brand", "minor_version", "compatible_brands")  # of the input's MP4 header, not of its content
# Tags that ffmpeg writes to MP4 and MOV in places where players look; others need its general store (mdta).
MP4_TAGS = {
    "title", "artist", "album_artist", "author", "composer", "album", "date", "comment", "genre", "copyright",
    "grouping", "lyrics", "description", "synopsis", "show", "episode_id", "network", "keywords", "track", "disc",
    "encoder", "encoding_tool", "creation_time", "location", "location-eng", "media_type", "timecode", *BRAND_TAGS,
}  # fmt: skip
TS_LEAST_START_SECONDS = 1.0  # MPEG-TS clocks run 0.7 s ahead of the packets and cannot be below zero


@dataclass
class Parts:
    """The output streams so far and the options of each, numbered by their places in the output."""

    streams: list[ffmpeg.Node] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def add(self, stream: ffmpeg.Node, **options: Any) -> None:
        place = len(self.streams)
        self.streams.append(stream)
        self.options |= {f"{name}:{place}": value for name, value in options.items() if name != "metadata"}
        if options.get("metadata"):
            self.options[f"metadata:s:{place}"] = options["metadata"]

    def attach(self, file: Path, tags: list[str]) -> None:
        """A file to attach; ffmpeg numbers these behind all streams, so they come last."""
        files = self.options.setdefault("attach", [])
        self.options[f"metadata:s:{len(self.streams) + len(files)}"] = tags
        files.append(str(file))


def arranged(
    info: MediaInfo, kept: Sequence[Kept], new: Sequence[EncodedTrack], copied: Sequence[CopiedTrack]
) -> list[Place]:
    """What goes into the output, in its order.

    The first new track that replaces a stream stands in its place. Copies of soundtracks and all other new tracks
    stand behind them, in this order, and attached files at the end, where ffmpeg wants them.
    """
    places: list[Place] = []
    waiting = list(range(len(new)))
    by_index = {one.stream.index: one for one in kept}
    for stream in info.streams:
        replacing = next((place for place in waiting if new[place].track.replaces == stream.index), None)
        if replacing is not None:
            waiting.remove(replacing)
            places.append(replacing)
        elif stream.index in by_index:
            places.append(by_index[stream.index])
    places += [*copied, *waiting]
    return sorted(places, key=_rank)


def _rank(place: Place) -> int:
    if isinstance(place, Kept):
        return 2 if place.codec == ATTACH else int(place.stream.kind == "attachment")
    return 0


def compose(
    info: MediaInfo,
    places: Sequence[Place],
    new: Sequence[tuple[EncodedTrack, Path | None]],
    covers: Mapping[int, Path],
    container: Container,
    draft: Path,
) -> ffmpeg.Node:
    """The node of ffmpeg-python that writes ``places`` to ``draft``.

    New tracks come with the raw file of their samples, or None for ``pipe:0``; ``covers`` are the files to attach.
    """
    source = ffmpeg.source(info.path, fflags="+genpts")
    parts = Parts()
    earlier = decoded_earlier(info)
    for place in places:
        if isinstance(place, Kept) and place.codec == ATTACH:
            parts.attach(covers[place.stream.index], cover_tags(place.stream))
        elif isinstance(place, Kept):
            timing = earlier.get(place.stream.index)
            parts.add(source[str(place.stream.index)], c=place.codec, **({"bsf": timing} if timing else {}))
        elif isinstance(place, CopiedTrack):
            _add_copy(parts, source, place, info.streams[place.index])
        else:
            _add_new(parts, *new[place], info)
    nothing = source["999?"]  # no stream, but the tags of a file of which no stream is kept
    options = _global_options(info, container, draft.suffix) | parts.options
    number = _input_number(ffmpeg.output(*parts.streams, nothing, name="-"), info)
    tags = {"map_metadata": number, "map_chapters": number}
    node = ffmpeg.output(*parts.streams, nothing, name=ffmpeg.url(draft), **tags, **options)
    return with_witness(node, source, info)


def _input_number(node: ffmpeg.Node, info: MediaInfo) -> int:
    """The number that ffmpeg-python gives the input file; it sorts inputs by their first use."""
    arguments = node.get_args()
    names = [value for option, value in pairwise(arguments) if option == "-i"]
    return names.index(ffmpeg.url(info.path))


def _add_new(parts: Parts, encoded: EncodedTrack, raw_file: Path | None, info: MediaInfo) -> None:
    track = encoded.track
    replaced = info.streams[track.replaces] if track.replaces is not None else None
    tags = dict(replaced.tags) if replaced is not None else {}
    tags = {key: value for key, value in tags.items() if not key.startswith(STALE_TAGS)}
    tags |= {key: value for key, value in (("title", track.title), ("language", track.language)) if value}
    dispositions = set(replaced.dispositions) if replaced is not None else set()
    if track.default is not None:
        dispositions = dispositions - {"default"} | ({"default"} if track.default else set())
    parts.add(
        encoded.input(raw_file)["a"],
        **encoded.options,
        disposition="+".join(sorted(dispositions)) or "0",
        metadata=[f"{key}={value}" for key, value in tags.items()],
    )


def _add_copy(parts: Parts, source: ffmpeg.Node, track: CopiedTrack, stream: Stream) -> None:
    dispositions = set(stream.dispositions) - {"default"} | ({"default"} if track.default else set())
    parts.add(
        source[str(stream.index)],
        c="copy",
        disposition="+".join(sorted(dispositions)) or "0",
        metadata=[f"title={track.title}"] if track.title else [],
    )


def _global_options(info: MediaInfo, container: Container, suffix: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "format": container.muxer,
        **clock_options(info),  # the picture keeps its times, whatever time the file starts at
        "strict": -2,  # Dolby Vision, spherical video and TrueHD count as not quite official in MP4
        "copy_unknown": None,
        # ffmpeg would pack invisible VP9 frames anew on the way from WebM to WebM, and more of that kind
        **({"fflags": "-autobsf"} if container.is_that_of(info) else {}),
        "max_muxing_queue_size": 9999,  # the picture waits until the first sound is mixed
        **container.options,
    }
    options["metadata"] = [f"{tag}=" for tag in BRAND_TAGS if tag in info.tags]
    created, _, twice = info.tags.get("creation_time", "").partition(";")
    if twice:  # ffmpeg reads it from two places and writes nothing unless it is one time
        options["metadata"].append(f"creation_time={created}")
    if container.muxer in ("mp4", "mov", "3gp"):
        options |= _mov_flags(info, container)
    if container.muxer == "mpegts":
        options |= {"mpegts_copyts": int(start_on_clock(info, info.start_seconds) >= TS_LEAST_START_SECONDS)}
        if suffix.lower() in (".mts", ".m2ts"):  # packets of 192 bytes, as camcorders write them
            options["mpegts_m2ts_mode"] = 1
    return options


def _mov_flags(info: MediaInfo, container: Container) -> dict[str, Any]:
    flags = ""
    if index_comes_first(info.path):
        flags += "+faststart"
    if any(tag not in MP4_TAGS for tag in info.tags) and container.muxer != "3gp":
        flags += "+use_metadata_tags"
    return {"movflags": flags} if flags else {}
