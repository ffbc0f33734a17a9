"""The index of an MP4 or MOV file as a tree of boxes (ISO/IEC 14496-12, 4.2), to be read, changed and written back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 64 * 1024 * 1024  # of an index: that of a film of three hours has about ten million
CHUNK_BYTES = 4 * 1024 * 1024
HOLDERS = {b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"stsd": 8}  # bytes before the boxes in them
MOST_LEVELS = 8  # the index proper has six
OFFSETS = {b"stco": 4, b"co64": 8}  # boxes of places in the file, and the bytes of each


class BrokenBoxesError(ValueError):
    """The boxes of a file do not fit into each other."""


@dataclass
class Box:
    """A box: its kind of four letters, what stands before and behind the boxes in it, and these boxes."""

    kind: bytes
    head: bytes = b""
    children: list["Box"] = field(default_factory=list)
    tail: bytes = b""

    def to_bytes(self) -> bytes:
        body = self.head + b"".join(child.to_bytes() for child in self.children) + self.tail
        return (8 + len(body)).to_bytes(4, "big") + self.kind + body

    def find(self, *kinds: bytes) -> "Box | None":
        """The first box along a path of kinds below this one."""
        box: Box | None = self
        for kind in kinds:
            box = next((child for child in box.children if child.kind == kind), None) if box is not None else None
        return box

    def replace(self, old: "Box", new: "Box") -> None:
        """Put ``new`` in the place of the child ``old``."""
        self.children[next(place for place, child in enumerate(self.children) if child is old)] = new


def split_boxes(data: bytes, levels: int = MOST_LEVELS) -> tuple[list[Box], bytes]:
    """The boxes that stand one behind the other in ``data``, and what is left behind them.

    Boxes in boxes are looked into so many ``levels`` deep; what lies deeper is bytes.
    """
    boxes = []
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        if size < 8 or place + size > len(data):
            break
        boxes.append(_box(data[place + 4 : place + 8], data[place + 8 : place + size], levels))
        place += size
    return boxes, data[place:]


def _box(kind: bytes, body: bytes, levels: int) -> Box:
    if kind not in HOLDERS or not levels:
        return Box(kind, body)
    children, rest = split_boxes(body[HOLDERS[kind] :], levels - 1)
    return Box(kind, body[: HOLDERS[kind]], children, rest)


def read_index(path: Path) -> tuple[Box, int, int] | None:
    """The index (``moov``) of a file, its place and its length; None where there is none. Raises `BrokenBoxesError`."""
    with path.open("rb") as file:
        for kind, place, size in _top_boxes(file):
            if kind == b"moov":
                if size > MOST_BYTES:
                    raise BrokenBoxesError(f"an index of {size} bytes")
                file.seek(place)
                boxes, rest = split_boxes(file.read(size))
                if len(boxes) != 1 or rest:
                    raise BrokenBoxesError("the index is no box")
                return boxes[0], place, size
    return None


def write_index(path: Path, moov: Box, place: int, old_bytes: int) -> None:
    """Write ``moov`` where the index of ``old_bytes`` stood; what stands behind it moves, and the index is told.

    Raises `BrokenBoxesError` when a place in the file cannot be told any more in its four bytes.
    """
    with path.open("rb+") as file:
        end = file.seek(0, 2)
        by = len(moov.to_bytes()) - old_bytes
        if place + old_bytes < end:
            _tell_moved(moov, place, by)
            _move(file, place + old_bytes, end, by)
        file.seek(place)
        file.write(moov.to_bytes())
        file.truncate(end + by)


def _top_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The kind, the place and the length of each box of a file."""
    end = file.seek(0, 2)
    place = 0
    while place + 8 <= end:
        file.seek(place)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:  # the size is in the next 8 bytes
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:  # to the end of the file
            size = end - place
        if size < 8 or place + size > end:
            raise BrokenBoxesError(f"a box of {size} bytes at {place}")
        yield head[4:8], place, size
        place += size


def _tell_moved(box: Box, place: int, by: int) -> None:
    """Add ``by`` to what the boxes below ``box`` say of places behind ``place``."""
    for child in box.children:
        _tell_moved(child, place, by)
        if (size := OFFSETS.get(child.kind)) is not None:
            numbers = child.head[8:]
            told = [int.from_bytes(numbers[at : at + size], "big") for at in range(0, len(numbers), size)]
            moved = [one + by if one > place else one for one in told]
            if max(moved, default=0) >= 256**size:
                raise BrokenBoxesError("the file is too long for its index")
            child.head = child.head[:8] + b"".join(one.to_bytes(size, "big") for one in moved)


def _move(file: BinaryIO, start: int, end: int, by: int) -> None:
    """Move the bytes from ``start`` to ``end`` by so many, within the file."""
    chunks = range(start, end, CHUNK_BYTES)
    for first in reversed(chunks) if by > 0 else chunks:
        file.seek(first)
        content = file.read(min(CHUNK_BYTES, end - first))
        file.seek(first + by)
        file.write(content)
