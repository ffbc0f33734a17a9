"""Puts back into a written MP4 or MOV what ffmpeg does not write although the input had it.

Of pictures that is how Dolby Vision, stereo pairs and the like are to be shown, of data tracks (the metadata that
phones and cameras record) what they are at all: ffmpeg copies their content and leaves their description empty.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from vidsep.errors import OutputError
from vidsep.media.mp4 import Box, BrokenBoxesError, read_index, split_boxes, write_index

PICTURE_HEAD_BYTES = 78  # of a picture's sample entry, before the boxes in it: ISO/IEC 14496-12, 12.1.3
# What sample entries say of the whole picture: Dolby Vision, a second eye (MV-HEVC), projections, light, clean edges.
PICTURE_BOXES = frozenset(
    {b"dvcC", b"dvvC", b"dvwC", b"hvcE", b"avcE", b"lhvC", b"vexu", b"hfov", b"st3d", b"sv3d", b"proj", b"pack",
     b"mdcv", b"clli", b"SmDm", b"CoLL", b"amve", b"clap", b"fiel"}
)  # fmt: skip
PICTURES = b"vide"
MEDIA_HEADERS = (b"gmhd", b"nmhd")


def restore(source: Path, written: Path, tracks: Sequence[int | None]) -> None:
    """Complete the copied tracks of ``written`` from those of ``source``; it stays as it is where nothing is missing.

    ``tracks`` are the numbers (``track_ID``) in ``source`` of what the tracks of ``written`` were made of, in their
    order; None is a track of something else. Files that are no MP4 or MOV are left alone, and so are those whose
    index cannot be understood. Raises `OutputError` when the disk is full.
    """
    try:
        old, new = read_index(source), read_index(written)
        if old is None or new is None:
            return
        moov, place, n_bytes = new
        before = moov.to_bytes()
        theirs, ours = _tracks(old[0]), _tracks(moov)
        numbers = {one: other for one, other in zip(tracks, ours, strict=False) if one is not None and one in theirs}
        for one, other in numbers.items():
            _complete(theirs[one], ours[other], numbers)
        if moov.to_bytes() != before:
            write_index(written, moov, place, n_bytes)
    except BrokenBoxesError:
        return
    except OSError as error:
        raise OutputError(
            f"cannot complete {written.name}: {error.strerror or error}", "free some space, or write to another disk"
        ) from error


def described(path: Path) -> dict[int, dict[str, str]] | None:
    """What an MP4 or MOV says of its pictures and data in such boxes, by track number; None for other files.

    A name of a box stands with a hash of its content, ``description`` with the kind of the samples.
    """
    try:
        index = read_index(path)
    except BrokenBoxesError:
        return None
    if index is None:
        return None
    found = {}
    for number, track in _tracks(index[0]).items():
        table = track.find(b"mdia", b"minf", b"stbl", b"stsd")
        entry = table.children[0] if table is not None and table.children else Box(b"none")
        boxes = split_boxes(entry.head[PICTURE_HEAD_BYTES:])[0] if _kind(track) == PICTURES else []
        names = {box.kind.decode("latin-1"): box for box in boxes if box.kind in PICTURE_BOXES}
        hashes = {name: hashlib.sha256(box.to_bytes()).hexdigest()[:16] for name, box in sorted(names.items())}
        found[number] = hashes or {"description": entry.kind.decode("latin-1")}
    return found


def _tracks(moov: Box) -> dict[int, Box]:
    """The tracks of an index by their numbers."""
    found = {}
    for track in moov.children:
        header = track.find(b"tkhd") if track.kind == b"trak" else None
        if header is not None:
            at = 20 if header.head[:1] == b"\x01" else 12  # times are longer in version 1
            found[int.from_bytes(header.head[at : at + 4], "big")] = track
    return found


def _complete(theirs: Box, ours: Box, numbers: dict[int, int]) -> None:
    if _kind(theirs) == PICTURES == _kind(ours):
        _complete_picture(theirs, ours)
    elif _is_undescribed(ours):
        _describe(theirs, ours, numbers)


def _kind(track: Box) -> bytes:
    handler = track.find(b"mdia", b"hdlr")
    return handler.head[8:12] if handler is not None else b""


def _complete_picture(theirs: Box, ours: Box) -> None:
    path = (b"mdia", b"minf", b"stbl", b"stsd")
    their_entries, our_entries = theirs.find(*path), ours.find(*path)
    if their_entries is None or our_entries is None or not their_entries.children or not our_entries.children:
        return
    one, other = their_entries.children[0], our_entries.children[0]
    if len(their_entries.children) > 1 or one.kind != other.kind:
        return
    had, _ = split_boxes(one.head[PICTURE_HEAD_BYTES:])
    has, tail = split_boxes(other.head[PICTURE_HEAD_BYTES:])
    kinds = {box.kind for box in has}
    lost = [box for box in had if box.kind in PICTURE_BOXES and box.kind not in kinds]
    boxes = b"".join(box.to_bytes() for box in (*has, *lost))
    other.head = other.head[:PICTURE_HEAD_BYTES] + boxes + tail


def _is_undescribed(track: Box) -> bool:
    entries = track.find(b"mdia", b"minf", b"stbl", b"stsd")
    return entries is not None and not entries.children


def _describe(theirs: Box, ours: Box, numbers: dict[int, int]) -> None:
    """Give a data track the description that it had: what it is, and which track it is about."""
    media, our_media = theirs.find(b"mdia"), ours.find(b"mdia")
    info, our_info = theirs.find(b"mdia", b"minf"), ours.find(b"mdia", b"minf")
    table, our_table = theirs.find(b"mdia", b"minf", b"stbl"), ours.find(b"mdia", b"minf", b"stbl")
    if media is None or our_media is None or info is None or our_info is None or table is None or our_table is None:
        return
    for holder, our_holder, kind in ((media, our_media, b"hdlr"), (table, our_table, b"stsd")):
        had, has = holder.find(kind), our_holder.find(kind)
        if had is not None and has is not None:
            our_holder.replace(has, had)
    our_info.children = [box for box in info.children if box.kind in MEDIA_HEADERS] + our_info.children
    references = theirs.find(b"tref")
    if references is not None and ours.find(b"tref") is None and (kept := _references(references, numbers)):
        ours.children.insert(ours.children.index(our_media), kept)


def _references(theirs: Box, numbers: dict[int, int]) -> Box | None:
    """References to tracks under their new numbers, of those that were copied."""
    children, _ = split_boxes(theirs.head)
    kept = []
    for child in children:
        told = [int.from_bytes(child.head[at : at + 4], "big") for at in range(0, len(child.head), 4)]
        if all(number in numbers for number in told):
            kept.append(Box(child.kind, b"".join(numbers[number].to_bytes(4, "big") for number in told)))
    return Box(b"tref", children=kept) if kept else None
