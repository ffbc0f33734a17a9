"""Writing a file with new soundtracks under the same picture: everything else is copied, and the copy is proved."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vidsep.errors import VerificationError
from vidsep.media import ffmpeg
from vidsep.media.aac import in_pieces
from vidsep.media.clock import clock_jumps, start_on_clock
from vidsep.media.command import Place, arranged, compose
from vidsep.media.containers import Container, container_for
from vidsep.media.covers import ATTACH, cover_files
from vidsep.media.draft import Draft, draft
from vidsep.media.fits import Kept, what_fits
from vidsep.media.info import MediaInfo
from vidsep.media.picture import PictureHash, hash_ahead, picture_hash
from vidsep.media.probe import opened, probe
from vidsep.media.restore import restore
from vidsep.media.tags import lost
from vidsep.media.tracks import CopiedTrack, EncodedTrack, NewTrack, encoded
from vidsep.progress import Advance, ignore
from vidsep.spool import spool
from vidsep.work import work_folder

__all__ = ["CopiedTrack", "MuxResult", "NewTrack", "Written", "remux", "write"]

MOV_MUXERS = ("mp4", "mov", "3gp")
MOST_DELAY_SECONDS = 0.09  # sound that is further ahead of its picture is not accepted, ITU-R BT.1359-1
LEAST_DELAY_SECONDS = 0.002  # containers round to milliseconds, each in its own way


@dataclass(frozen=True)
class MuxResult:
    """What was written.

    ``picture`` is the hash of the picture's packets, equal before and after. Of the new tracks, in the order they were
    given in, ``codecs`` are the codecs and ``numbers`` the places among all audio tracks, counted from 1. ``dropped``
    names what the container cannot hold, ``warnings`` what was changed.
    """

    path: Path
    picture: PictureHash
    codecs: tuple[str, ...]
    numbers: tuple[int, ...]
    dropped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A complete and proved file that has not got its name yet: look at ``path``, then `commit`."""

    path: Path
    result: MuxResult
    _draft: Draft

    def commit(self) -> MuxResult:
        """Give the file its name. Raises `OutputError` when that cannot be done."""
        self._draft.commit()
        return self.result


def remux(
    info: MediaInfo,
    tracks: Sequence[NewTrack | CopiedTrack],
    output: Path,
    overwrite: bool = False,
    advance: Advance = ignore,
) -> MuxResult:
    """`write` and commit in one."""
    with write(info, tracks, output, overwrite, advance) as written:
        return written.commit()


@contextmanager
def write(
    info: MediaInfo,
    tracks: Sequence[NewTrack | CopiedTrack],
    output: Path,
    overwrite: bool = False,
    advance: Advance = ignore,
) -> Iterator[Written]:
    """Write ``info``'s file with ``tracks`` to a file beside ``output``, which is gone unless it is committed.

    The container is that of ``output``'s suffix. ``advance`` gets the seconds of film written. Raises `OutputError`
    when the output is the input, exists, or cannot be written; `VerificationError` when the picture's packets are not
    those of the input or a soundtrack has not the length it promised; `MediaError` when ffmpeg fails.
    """
    container = container_for(output, info)
    new = [track for track in tracks if isinstance(track, NewTrack)]
    copied = [track for track in tracks if isinstance(track, CopiedTrack)]
    decided = [_decided(info, track, container) for track in new]
    with draft(output, info.path, overwrite) as file:
        gone = {track.replaces for track in new} | {track.index for track in copied}
        fit = what_fits(info, [stream for stream in info.streams if stream.index not in gone], container)
        places = arranged(info, fit.kept, decided, copied)
        hashed = hash_ahead(info.path)
        _run(info, places, decided, container, file.path, advance)
        if container.muxer in MOV_MUXERS and "mov" in info.format_names:
            restore(info.path, file.path, _track_numbers(info, places, new))
        info.check_unchanged()
        after = probe(file.path)
        picture, written = hashed(), picture_hash(file.path)
        result = MuxResult(
            path=file.output,
            picture=picture if written == picture else _same_units(info.path, file.path),
            codecs=tuple(one.codec for one in decided),
            numbers=_numbers(places, len(decided)),
            dropped=fit.dropped + _missing(info, places, after, container),
            warnings=(
                *fit.changed,
                *_late_pictures(info, picture, written),
                *_lost_tags(info, places, after, container),
            ),
        )
        yield Written(file.path, result, file)


def _track_numbers(info: MediaInfo, places: Sequence[Place], new: Sequence[NewTrack]) -> list[int | None]:
    """The number in the input of each track that was written; pictures that are cover art are no tracks."""
    with opened(info.path) as container:
        ids: dict[int | None, int] = {stream.index: stream.id for stream in container.streams}
    indexes: list[int | None] = []
    for place in places:
        if isinstance(place, int):
            indexes.append(new[place].replaces)
        elif isinstance(place, CopiedTrack):
            indexes.append(place.index)
        elif "attached_pic" not in place.stream.dispositions:
            indexes.append(place.stream.index)
    return [ids.get(index) for index in indexes]


def _decided(info: MediaInfo, track: NewTrack, container: Container) -> EncodedTrack:
    source = next((stream for stream in info.audio if stream.index == track.replaces), None)
    track = replace(track, start_seconds=start_on_clock(info, track.start_seconds))
    file_start = start_on_clock(info, info.start_seconds)
    return encoded(track, container, source or next(iter(info.audio), None), file_start)


def _run(
    info: MediaInfo,
    places: Sequence[Place],
    decided: Sequence[EncodedTrack],
    container: Container,
    path: Path,
    advance: Advance,
) -> None:
    """ffmpeg takes the sound of one track from its standard input and that of the others from raw files."""
    with work_folder() as folder:
        inputs: list[tuple[EncodedTrack, Path | None]] = []
        feed: EncodedTrack | None = None
        for place, one in enumerate(decided):
            if one.track.raw_file is not None and not one.shift_samples:
                inputs.append((one, one.track.raw_file))
            elif feed is None:
                feed = in_pieces(one, container)
                inputs.append((feed, None))
            else:
                raw_file = folder / f"{place}.f32"
                inputs.append((one, spool(one.blocks, raw_file, one.track.n_channels).path))
        covers = [place.stream for place in places if isinstance(place, Kept) and place.codec == ATTACH]
        node = compose(info, places, inputs, cover_files(info, covers, folder), container, path)
        ffmpeg.run(node, feed.feed if feed is not None else (), advance)


def _kind(place: Place) -> str:
    return place.stream.kind if isinstance(place, Kept) else "audio"


def _numbers(places: Sequence[Place], n_new: int) -> tuple[int, ...]:
    audio = [place for place in places if _kind(place) == "audio"]
    return tuple(audio.index(place) + 1 for place in range(n_new))


def _missing(info: MediaInfo, places: Sequence[Place], written: MediaInfo, container: Container) -> tuple[str, ...]:
    """In words, what ffmpeg was told to write and what is not there."""
    expected = Counter(_kind(place) for place in places)
    found = Counter(stream.kind for stream in written.streams)
    missing = [f"{count} {kind} stream(s) without content" for kind, count in (expected - found).items()]
    if written.n_chapters < info.n_chapters:
        missing.append(f"{info.n_chapters - written.n_chapters} chapters: {container.name} cannot hold them")
    return tuple(missing)


def _lost_tags(info: MediaInfo, places: Sequence[Place], written: MediaInfo, container: Container) -> tuple[str, ...]:
    """In words, the tags of the file and of copied streams that are not there any more."""
    names = lost(info.tags, written.tags)
    for place, stream in zip(places, written.streams, strict=False):
        if isinstance(place, Kept) and place.codec != ATTACH and place.stream.kind == stream.kind:
            names += [f"{name} of {place.stream.describe()}" for name in lost(place.stream.tags, stream.tags)]
    return (f"{container.name} does not keep these tags: {', '.join(names)}",) if names else ()


def _late_pictures(info: MediaInfo, old: PictureHash, new: PictureHash) -> tuple[str, ...]:
    """In words, whether pictures are shown at other times than in the input.

    Raises `VerificationError` when the sound would be out of sync.
    """
    if clock_jumps(info):
        return ()
    seconds = old.largest_delay(new)
    if seconds <= LEAST_DELAY_SECONDS:
        return ()
    if seconds > MOST_DELAY_SECONDS:
        raise VerificationError(
            f"pictures would be shown up to {seconds:.3f} s earlier or later than in the input",
            "write to another container such as .mkv, or set VIDSEP_FFMPEG to another build of ffmpeg",
        )
    return (f"some pictures are shown up to {seconds:.3f} s earlier or later than in the input",)


def _same_units(before: Path, after: Path) -> PictureHash:
    """The hash of the picture of both files, whatever frames it. Raises `VerificationError` when they differ.

    Other containers frame H.264 and HEVC in other ways; MPEG-TS adds delimiters even to its own kind.
    """
    units = picture_hash(before, units_only=True)
    if picture_hash(after, units_only=True) == units:
        return units
    raise VerificationError("the picture would not be that of the input", "nothing was written; keep its container")
