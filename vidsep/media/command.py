"""The ffmpeg command that writes a file: everything copied, the new soundtracks encoded in their places."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from vidsep.media import ffmpeg
from vidsep.media.boxes import index_comes_first
from vidsep.media.containers import Container
from vidsep.media.fits import Kept
from vidsep.media.info import MediaInfo, Stream
from vidsep.media.tracks import CopiedTrack, EncodedTrack

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


def compose(
    info: MediaInfo,
    kept: Sequence[Kept],
    new: Sequence[tuple[EncodedTrack, Path | None]],
    copied: Sequence[CopiedTrack],
    container: Container,
    draft: Path,
) -> ffmpeg.Node:
    """The node of ffmpeg-python that writes ``draft``.

    The first new track that replaces a stream stands in its place, all others at the end, in their order; ``copied``
    tracks stand between them as given. New tracks come with the raw file of their samples, or None for ``pipe:0``.
    """
    source = ffmpeg.source(info.path, fflags="+genpts")
    parts = Parts()
    waiting = list(new)
    by_index = {one.stream.index: one for one in kept}
    for stream in info.streams:
        replacing = next((pair for pair in waiting if pair[0].track.replaces == stream.index), None)
        if replacing is not None:
            waiting.remove(replacing)
            _add_new(parts, *replacing, stream)
        elif stream.index in by_index:
            parts.add(source[str(stream.index)], c=by_index[stream.index].codec)
    for track in copied:
        _add_copy(parts, source, track, info.streams[track.index])
    for encoded, raw_file in waiting:
        _add_new(parts, encoded, raw_file, None)
    parts.streams.append(source["999?"])  # no stream, but the tags of a file of which no stream is kept
    options = _global_options(info, container) | parts.options
    place = _place_of_input(ffmpeg.output(*parts.streams, name="-"), info)
    return ffmpeg.output(*parts.streams, name=ffmpeg.url(draft), map_metadata=place, map_chapters=place, **options)


def _place_of_input(node: ffmpeg.Node, info: MediaInfo) -> int:
    """The number that ffmpeg-python gives the input file; it sorts inputs by their first use."""
    arguments = node.get_args()
    names = [value for option, value in pairwise(arguments) if option == "-i"]
    return names.index(ffmpeg.url(info.path))


def _add_new(parts: Parts, encoded: EncodedTrack, raw_file: Path | None, replaced: Stream | None) -> None:
    track = encoded.track
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


def _global_options(info: MediaInfo, container: Container) -> dict[str, Any]:
    options: dict[str, Any] = {
        "format": container.muxer,
        "copyts": None,  # the picture keeps its times, whatever time the file starts at
        "strict": -2,  # Dolby Vision, spherical video and TrueHD count as not quite official in MP4
        "copy_unknown": None,
        # ffmpeg would pack invisible VP9 frames anew on the way from WebM to WebM, and more of that kind
        **({"fflags": "-autobsf"} if container.is_that_of(info) else {}),
        "max_muxing_queue_size": 9999,  # the picture waits until the first sound is mixed
        **container.options,
    }
    if brands := [f"{tag}=" for tag in BRAND_TAGS if tag in info.tags]:
        options["metadata"] = brands
    if container.muxer in ("mp4", "mov", "3gp"):
        options |= _mov_flags(info, container)
    if container.muxer == "mpegts":
        options |= {"mpegts_copyts": int(info.start_seconds >= TS_LEAST_START_SECONDS)}
        if info.path.suffix.lower() in (".mts", ".m2ts"):
            options["mpegts_m2ts_mode"] = 1
    return options


def _mov_flags(info: MediaInfo, container: Container) -> dict[str, Any]:
    flags = ""
    if index_comes_first(info.path):
        flags += "+faststart"
    if any(tag not in MP4_TAGS for tag in info.tags) and container.muxer != "3gp":
        flags += "+use_metadata_tags"
    return {"movflags": flags} if flags else {}
