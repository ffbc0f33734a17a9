"""The order of the boxes of an MP4 or MOV file (ISO/IEC 14496-12, 4.2)."""

from pathlib import Path


def index_comes_first(path: Path) -> bool:
    """Whether the index stands before the media data, so that players on the web start at once.

    True also for files that have no such boxes: their copies may as well begin with the index.
    """
    with path.open("rb") as file:
        while len(head := file.read(16)) >= 8:
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if size == 1:  # the size is in the next 8 bytes
                size = int.from_bytes(head[8:16], "big")
            if size < 8:
                break
            file.seek(size - len(head), 1)
    return True
