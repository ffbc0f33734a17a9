"""Pictures that are shown before they are decoded, if one believes their file: edit lists of phones make such times.

ffmpeg mends each of these times on its own and so shows the pictures in another order. When all of them are decoded a
little earlier instead, every picture keeps the time at which it is shown.
"""

from collections.abc import Iterator
from itertools import islice

from vidsep.media.info import MediaInfo
from vidsep.media.probe import opened

LOOK_PACKETS = 1000  # B-frames come in every group of pictures, and the groups are alike


def decoded_earlier(info: MediaInfo) -> dict[int, str]:
    """For each picture track that needs it, by stream index, the bitstream filter that has it decoded earlier."""
    late: dict[int, int] = {}
    for index, ahead in _ticks_ahead(info) if "mov" in info.format_names else ():
        late[index] = max(late.get(index, 0), -ahead)
    return {index: f"setts=pts=PTS:dts=DTS-{ticks}" for index, ticks in late.items() if ticks > 0}


def is_reordered(info: MediaInfo) -> bool:
    """Whether pictures are shown in another order than they are decoded in (B-frames)."""
    ahead: dict[int, set[int]] = {}
    for index, ticks in _ticks_ahead(info):
        ahead.setdefault(index, set()).add(ticks)
    return any(len(different) > 1 for different in ahead.values())


def _ticks_ahead(info: MediaInfo) -> Iterator[tuple[int, int]]:
    """By how many ticks of its track each of the first pictures is decoded before it is shown, behind its stream."""
    if not info.video:
        return
    with opened(info.path) as container:
        pictures = [container.streams[stream.index] for stream in info.video]
        for packet in islice(container.demux(*pictures), LOOK_PACKETS):
            if packet.pts is not None and packet.dts is not None:
                yield packet.stream_index, packet.pts - packet.dts
