"""Recordings whose clock jumps: MPEG streams that were joined, cut, or recorded through a pause.

The times of a healthy file are taken as they are (``-copyts``), so that nothing about the picture changes. Where the
clock jumps, ffmpeg has to straighten it instead. It does so by the packets that it sees; for decoding and writing to
agree, both runs are made to look at all streams.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import ffmpeg as composer

from vidsep.media.ffmpeg import Node, output
from vidsep.media.info import MediaInfo
from vidsep.media.probe import opened

JUMPING_FORMATS = {"mpegts", "mpeg"}
# What ffmpeg itself takes for a jump (-dts_delta_threshold).
BACK_SECONDS = 0.1
AHEAD_SECONDS = 10.0


def clock_jumps(info: MediaInfo) -> bool:
    """Whether the times of any stream jump; only files that may do so are read for it."""
    if not JUMPING_FORMATS & set(info.format_names):
        return False
    found = info.path.stat()
    return _jumps(info.path, (found.st_size, found.st_mtime_ns))


def clock_options(info: MediaInfo) -> dict[str, Any]:
    """ffmpeg's options for the times of an output made from the file."""
    return {} if clock_jumps(info) else {"copyts": None}


def start_on_clock(info: MediaInfo, seconds: float) -> float:
    """A time of the file as ffmpeg sees it under `clock_options`: a clock that is straightened starts at zero."""
    return seconds - info.start_seconds if clock_jumps(info) else seconds


def with_witness(node: Node, source: Node, info: MediaInfo) -> Node:
    """The output ``node``, made from ``source``, with a second output that looks at all streams if that is needed."""
    if not clock_jumps(info):
        return node
    everything = [source[f"{kind}?"] for kind in "vasd"]
    return composer.merge_outputs(node, output(*everything, name="-", format="null", c="copy", copy_unknown=None))


@lru_cache(maxsize=4)
def _jumps(path: Path, _version: tuple[int, int]) -> bool:
    last: dict[int, float] = {}
    with opened(path) as container:
        for packet in container.demux():
            if packet.dts is None or packet.stream.type not in ("video", "audio"):
                continue
            seconds = float(packet.dts * packet.time_base)
            step = seconds - last.get(packet.stream.index, seconds)
            if step < -BACK_SECONDS or step > AHEAD_SECONDS:
                return True
            last[packet.stream.index] = seconds
    return False
