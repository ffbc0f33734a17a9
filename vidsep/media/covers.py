"""Cover art in Matroska is an attached file; ffmpeg shows it as a picture track and would write it as one."""

from collections.abc import Iterable
from pathlib import Path

from vidsep.media.info import MediaInfo, Stream
from vidsep.media.probe import opened

ATTACH = "attach"
"""In place of a codec: the stream is written as an attached file."""

MIME_TYPES = {"png": "image/png", "mjpeg": "image/jpeg", "gif": "image/gif", "bmp": "image/bmp", "webp": "image/webp"}


def cover_files(info: MediaInfo, streams: Iterable[Stream], folder: Path) -> dict[int, Path]:
    """The pictures of cover-art ``streams`` as files in ``folder``, by the index of the stream."""
    wanted = {stream.index: folder / f"cover-{stream.index}" for stream in streams}
    if not wanted:
        return {}
    with opened(info.path) as container:
        left = set(wanted)
        for packet in container.demux(container.streams.video):
            if packet.size and packet.stream.index in left:
                wanted[packet.stream.index].write_bytes(memoryview(packet))
                left.discard(packet.stream.index)
            if not left:
                break
    return wanted


def cover_tags(stream: Stream) -> list[str]:
    """The tags that make an attached file cover art, as ffmpeg's ``-metadata`` takes them."""
    name = stream.tags.get("filename", f"cover.{'jpg' if stream.codec == 'mjpeg' else stream.codec}")
    return [f"mimetype={stream.tags.get('mimetype', MIME_TYPES[stream.codec])}", f"filename={name}"]
