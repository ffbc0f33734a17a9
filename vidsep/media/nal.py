"""The NAL units of H.264 and HEVC, in either framing: start codes (MPEG-TS, AVI) or length prefixes (MP4, Matroska)."""

import re
from collections.abc import Iterator
from typing import Any

# Units that muxers add, drop or move into the file's header: parameter sets, delimiters, ends and filler, and in HEVC
# the encoder's remarks (prefix SEI). ITU-T H.264, table 7-1, and ITU-T H.265, table 7-1.
H264_EXTRA = frozenset({7, 8, 9, 10, 11, 12, 13})
HEVC_EXTRA = frozenset({32, 33, 34, 35, 36, 37, 38, 39})

_START_CODE = re.compile(rb"\x00\x00\x01")


def has_nal_units(stream: Any) -> bool:
    """Whether the picture of a PyAV stream is made of NAL units that this module reads."""
    context = stream.codec_context
    return context is not None and context.codec.canonical_name in ("h264", "hevc")


class NalReader:
    """Takes the packets of one stream apart."""

    def __init__(self, stream: Any) -> None:
        header = bytes(stream.codec_context.extradata or b"")
        self._is_hevc = stream.codec_context.codec.canonical_name == "hevc"
        at = 21 if self._is_hevc else 4  # of the field lengthSizeMinusOne in avcC and hvcC, ISO/IEC 14496-15
        framed_by_length = len(header) > at and header[0] == 1
        self._length_size = 1 + (header[at] & 3) if framed_by_length else 0

    def pictures(self, packet: bytes) -> Iterator[bytes]:
        """The units that belong to the picture, in order, each behind its length in 4 bytes."""
        for unit in self._prefixed(packet) if self._length_size else _delimited(packet):
            if unit and not self._is_extra(unit[0]):
                yield len(unit).to_bytes(4, "big")
                yield unit

    def _is_extra(self, first_byte: int) -> bool:
        if self._is_hevc:
            return (first_byte >> 1) & 0x3F in HEVC_EXTRA
        return first_byte & 0x1F in H264_EXTRA

    def _prefixed(self, packet: bytes) -> Iterator[bytes]:
        position = 0
        while position + self._length_size <= len(packet):
            start = position + self._length_size
            length = int.from_bytes(packet[position:start], "big")
            yield packet[start : start + length].rstrip(b"\0")  # trailing zeros belong to no unit
            position = start + length


def _delimited(packet: bytes) -> Iterator[bytes]:
    starts = [match.end() for match in _START_CODE.finditer(packet)]
    ends = [start - 3 for start in starts[1:]] + [len(packet)]
    for start, end in zip(starts, ends, strict=True):
        yield packet[start:end].rstrip(b"\0")
