"""What is known of a media file: plain facts, as a player sees them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vidsep.errors import MediaError

FEWEST_HZ, MOST_HZ = 2_000, 768_000
MOST_CHANNELS = 64


@dataclass(frozen=True)
class Stream:
    """One stream of a file.

    ``kind`` is video, audio, subtitle, data or attachment; ``codec`` is ffmpeg's name or empty; ``dispositions`` are
    ffmpeg's words (``default``, ``forced``, ...); ``start_seconds`` is None where the file does not tell.
    """

    index: int
    kind: str
    codec: str
    tags: Mapping[str, str]
    dispositions: tuple[str, ...]
    start_seconds: float | None
    duration_seconds: float | None
    bit_rate: int | None

    @property
    def language(self) -> str:
        """The ISO 639-2 code, or ``und``."""
        return self.tags.get("language", "und")

    @property
    def title(self) -> str:
        return self.tags.get("title", "")

    @property
    def is_default(self) -> bool:
        return "default" in self.dispositions

    @property
    def form(self) -> str:
        """What its codec and form are, for people: ``aac, 48000 Hz, stereo``."""
        return self.codec or "unknown codec"

    def describe(self) -> str:
        """A few words for messages, such as ``data stream 3 (bin_data)``."""
        return f"{self.kind} stream {self.index} ({self.codec or 'unknown codec'})"


@dataclass(frozen=True)
class AudioStream(Stream):
    """A soundtrack. ``start_seconds`` is the time of its first sample on the file's timeline, priming left out.

    ``bits`` is the depth of a lossless codec's samples and 0 for others; ``sample_format`` is ffmpeg's name.
    """

    sample_rate: int
    n_channels: int
    layout: str
    sample_format: str
    bits: int

    @property
    def form(self) -> str:
        return f"{super().form}, {self.sample_rate} Hz, {self.layout}"

    @property
    def is_usable(self) -> bool:
        """Whether the rate and the channels are those of sound that can be decoded."""
        known = FEWEST_HZ <= self.sample_rate <= MOST_HZ and 0 < self.n_channels <= MOST_CHANNELS
        return known and bool(self.codec)

    @property
    def is_part(self) -> bool:
        """Whether it is only a part of a soundtrack made of objects (IAMF)."""
        return "dependent" in self.dispositions


@dataclass(frozen=True)
class VideoStream(Stream):
    """A picture track; ``rotation_degrees`` is how far players turn it counterclockwise, ``fps`` its average rate."""

    width: int
    height: int
    fps: float
    pixel_aspect: tuple[int, int]
    rotation_degrees: int
    is_attached_picture: bool

    @property
    def form(self) -> str:
        return f"{super().form}, {self.width} x {self.height}, {self.fps:.5g} frames/s"


@dataclass(frozen=True)
class MediaInfo:
    """A file and its streams. ``format_names`` are the demuxer's; times are in seconds, sizes in bytes.

    ``modified_ns`` is when the file was changed last, as the system tells it; 0 if nobody asked.
    """

    path: Path
    format_names: tuple[str, ...]
    size_bytes: int
    start_seconds: float
    duration_seconds: float
    bit_rate: int
    tags: Mapping[str, str]
    n_chapters: int
    streams: tuple[Stream, ...]
    modified_ns: int = 0

    def check_unchanged(self) -> None:
        """Raise `MediaError` if the file is no longer the one that was looked at."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise MediaError(f"{self.path.name} was taken away while it was read", "put it back") from error
        if (found.st_size, found.st_mtime_ns) != (self.size_bytes, self.modified_ns):
            raise MediaError(f"{self.path.name} was changed while it was read", "wait until nobody writes to it")

    @property
    def audio(self) -> tuple[AudioStream, ...]:
        return tuple(stream for stream in self.streams if isinstance(stream, AudioStream))

    @property
    def video(self) -> tuple[VideoStream, ...]:
        """The moving pictures, cover art left out."""
        found = (stream for stream in self.streams if isinstance(stream, VideoStream))
        return tuple(stream for stream in found if not stream.is_attached_picture)

    def audio_stream(self, track: int = 1) -> AudioStream:
        """The soundtrack number ``track``, counted from 1 as people do.

        Raises `MediaError` when there is none or when it is nothing that can be decoded.
        """
        if not self.audio:
            raise MediaError(f"{self.path.name} has no soundtrack", "choose a file with sound")
        if not 1 <= track <= len(self.audio):
            raise MediaError(f"{self.path.name} has no audio track {track}", f"choose one of 1 to {len(self.audio)}")
        stream = self.audio[track - 1]
        if any(other.is_part for other in self.audio):
            raise MediaError(f"the sound of {self.path.name} is made of objects (IAMF)", "render it to channels first")
        if not stream.is_usable:
            raise MediaError(
                f"audio track {track} of {self.path.name} cannot be decoded: {stream.codec or 'unknown codec'}, "
                f"{stream.sample_rate} Hz, {stream.n_channels} channels",
                "convert the sound to a usual codec such as AAC first",
            )
        return stream

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        return {**asdict(self), "path": str(self.path)}


def described(stream: Stream) -> str:
    """A stream in one line for people: its form, its language, its title, whether it is the default."""
    language = "" if stream.language == "und" else stream.language
    parts = (stream.form, language, stream.title, "default" if stream.is_default else "")
    return " ".join(", ".join(filter(None, parts)).split())  # a title may have several lines
