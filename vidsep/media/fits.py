"""Which streams of a file go into the container that is written; ffmpeg itself is asked, since versions differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vidsep.errors import OutputError, VidsepError
from vidsep.media import ffmpeg
from vidsep.media.containers import Container
from vidsep.media.covers import ATTACH, MIME_TYPES
from vidsep.media.info import MediaInfo, Stream, VideoStream
from vidsep.media.reorder import is_reordered
from vidsep.work import work_folder

TEXT_SUBTITLES = {"subrip", "ass", "ssa", "mov_text", "webvtt", "text"}
SEVERAL_IN_ONE = {"amr_nb", "amr_wb"}  # 3GP files often have several frames in a packet, which ffmpeg cannot write
TAIL_SECONDS = 0.5  # what is read of the file to try a stream


@dataclass(frozen=True)
class Kept:
    """A stream that goes into the output; ``codec`` is ``copy``, what its text is written as, or `ATTACH`."""

    stream: Stream
    codec: str = "copy"


@dataclass(frozen=True)
class Fit:
    """What is kept, and in words what is dropped or changed."""

    kept: tuple[Kept, ...]
    dropped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def what_fits(info: MediaInfo, streams: Sequence[Stream], container: Container) -> Fit:
    """Sort out which of ``streams`` the container holds, as they are or with their text written anew.

    Raises `OutputError` when it cannot hold a moving picture.
    """
    _refuse_pictures(info, container)
    streams = [stream for stream in streams if not _is_chapter_track(info, stream)]
    covers = [stream for stream in streams if container.name == "Matroska" and _is_cover(stream)]
    fit = _tracks_that_fit(info, [stream for stream in streams if stream not in covers], container)
    return replace(fit, kept=(*fit.kept, *(Kept(stream, ATTACH) for stream in covers)))


def check_copies(info: MediaInfo, tracks: Sequence[Stream], container: Container) -> None:
    """Raise `OutputError` unless the container holds each of these soundtracks of the file as it is."""
    for track in tracks:
        if not _is_held(info, [Kept(track)], container):
            raise OutputError(
                f"{container.name} cannot hold the original, {track.describe()}, beside a new one",
                "write to .mkv, or leave out original",
            )


def _refuse_pictures(info: MediaInfo, container: Container) -> None:
    """Raise `OutputError` for pictures that the container does not hold, or not in their order."""
    if container.is_that_of(info):
        return
    for stream in info.video:
        if container.pictures and stream.codec not in container.pictures:
            raise _misfit(stream, container)
    if info.video and not container.keeps_order and is_reordered(info):
        raise OutputError(f"{container.name} cannot tell in which order B-frames are shown", "write to .mkv or .mp4")


def _misfit(stream: Stream, container: Container) -> OutputError:
    return OutputError(f"{container.name} cannot hold {stream.describe()}", "keep the input's container, or use .mkv")


def _tracks_that_fit(info: MediaInfo, streams: Sequence[Stream], container: Container) -> Fit:
    same = container.is_that_of(info) and info.path.suffix.lower() in container.suffixes
    everyday = all(_is_everyday(stream) for stream in streams)
    if (same and everyday) or _is_held(info, [Kept(stream) for stream in streams], container):
        return Fit(tuple(Kept(stream) for stream in streams))
    kept, dropped, changed = [], [], []
    for stream in streams:
        choice = _first_held(info, stream, container)
        if choice is None and stream in info.video:
            raise _misfit(stream, container)
        if choice is None:
            dropped.append(f"{stream.describe()}: {container.name} cannot hold it")
            continue
        kept.append(choice)
        if choice.codec != "copy":
            changed.append(f"{stream.describe()} was rewritten as {choice.codec}; styling may be lost")
    return Fit(tuple(kept), tuple(dropped), tuple(changed))


def _is_everyday(stream: Stream) -> bool:
    known = stream.codec and stream.codec not in SEVERAL_IN_ONE
    return bool(known) and stream.kind in ("video", "audio", "subtitle")


def _is_cover(stream: Stream) -> bool:
    return isinstance(stream, VideoStream) and stream.is_attached_picture and stream.codec in MIME_TYPES


def _is_chapter_track(info: MediaInfo, stream: Stream) -> bool:
    """Chapters of MP4 and MOV show up as a disabled track of text too; the muxer writes a new one from the chapters."""
    return stream.kind == "data" and not stream.is_default and info.n_chapters > 0 and "mov" in info.format_names


def _first_held(info: MediaInfo, stream: Stream, container: Container) -> Kept | None:
    choices = [Kept(stream)]
    if stream.codec in TEXT_SUBTITLES and container.text_subtitle:
        choices.append(Kept(stream, container.text_subtitle))
    return next((choice for choice in choices if _is_held(info, [choice], container)), None)


def _is_held(info: MediaInfo, kept: Sequence[Kept], container: Container) -> bool:
    """Whether ffmpeg writes the streams, tried on the last moments of the file."""
    if not kept:
        return True
    source = ffmpeg.source(info.path, fflags="+genpts", ss=f"{max(0.0, info.duration_seconds - TAIL_SECONDS):.3f}")
    codecs = {f"c:{place}": one.codec for place, one in enumerate(kept)}
    with work_folder() as folder:
        name = ffmpeg.url(folder / f"trial{container.suffixes[0]}")
        streams = [source[str(one.stream.index)] for one in kept]
        options = {"format": container.muxer, "strict": -2, "copy_unknown": None, "map_chapters": -1}
        try:
            ffmpeg.run(ffmpeg.output(*streams, name=name, **options, **codecs))
        except VidsepError:
            return False
    return True
