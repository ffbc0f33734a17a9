"""The soundtracks that a file is written with: new ones, and copies of the ones it had."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg as composer
import numpy as np

from vidsep.audio import Audio, FloatArray
from vidsep.errors import VerificationError
from vidsep.media.codecs import Encoder, bitrate_kbps, encoder_of, encoder_options
from vidsep.media.containers import Container, codec_for
from vidsep.media.ffmpeg import Node, url
from vidsep.media.info import AudioStream
from vidsep.spool import SpooledSamples


@dataclass(frozen=True)
class NewTrack:
    """A soundtrack to encode.

    ``blocks`` are ``n_samples`` samples of shape ``(any, n_channels)``, heard from ``start_seconds`` on the file's
    timeline. ``replaces`` is the index of the stream whose place, tags and dispositions it takes; None adds a track
    at the end. Empty, 0 and None mean: as the replaced stream has it, or what the container's users expect.
    """

    blocks: Iterable[FloatArray]
    sample_rate: int
    n_channels: int
    layout: str
    n_samples: int
    start_seconds: float = 0.0
    replaces: int | None = None
    title: str = ""
    language: str = ""
    default: bool | None = None
    codec: str = ""
    bitrate_kbps: int = 0
    bits: int = 0
    raw_file: Path | None = None  # the same samples as interleaved float32, where they lie in a file

    @classmethod
    def of(cls, audio: Audio, **fields: Any) -> "NewTrack":
        """A track of sound at hand; ``fields`` are the others of this class."""
        samples = audio.samples
        raw_file = samples.path if isinstance(samples, SpooledSamples) else None
        size = (audio.sample_rate, audio.n_channels, audio.layout, audio.n_samples)
        return cls(audio.blocks(), *size, raw_file=raw_file, **fields)


@dataclass(frozen=True)
class CopiedTrack:
    """A soundtrack of the input, copied to the end of the tracks, such as the original below a new mix."""

    index: int
    title: str = ""
    default: bool = False


@dataclass(frozen=True)
class EncodedTrack:
    """A `NewTrack` with everything decided: its codec, ffmpeg's options for it, and how its samples are handed over."""

    track: NewTrack
    codec: str
    options: dict[str, Any]
    layout: str
    shift_samples: int  # silence before the sound; below zero: samples cut from its beginning
    start_samples: int  # the time of the first sample that is encoded, counted in samples of the track

    @property
    def feed(self) -> "Iterator[FloatArray] | Iterator[bytes]":
        """What ffmpeg reads from ``pipe:0``."""
        return self.blocks

    @property
    def blocks(self) -> Iterator[FloatArray]:
        """The samples to encode. Raises `VerificationError` when they are not as many as promised."""
        track = self.track
        return shifted(counted(track.blocks, track.n_samples), self.shift_samples, track.n_channels)

    def input(self, raw_file: Path | None) -> Node:
        """ffmpeg-python's node that reads the samples from ``raw_file``, or from ``pipe:0`` when that is None."""
        form: dict[str, Any] = {"f": "f32le", "ar": self.track.sample_rate, "ac": self.track.n_channels}
        if "channels" not in self.layout:
            form["channel_layout"] = self.layout
        name = url(raw_file) if raw_file is not None else "pipe:0"
        return composer.input(name, **form)


def encoded(track: NewTrack, container: Container, source: AudioStream | None, file_start: float) -> EncodedTrack:
    """Decide how ``track`` is written to ``container``; ``file_start`` is the time of the file's first picture.

    Raises `OutputError` when the codec is unknown or cannot hold the channels.
    """
    codec = track.codec or codec_for(container, track.n_channels, track.layout, source)
    encoder = encoder_of(codec, track.n_channels, track.layout)
    kbps = track.bitrate_kbps or (0 if encoder.is_lossless else bitrate_kbps(codec, track.n_channels, source))
    bits = track.bits or (source.bits if source is not None and source.bits else 24)
    asked = bool(track.bitrate_kbps)
    options = encoder_options(codec, track.n_channels, track.sample_rate, kbps, bits, constant=asked)
    start, shift = _placed(track, container, encoder, file_start)
    # Raw samples have no times, and newer versions of ffmpeg ignore -itsoffset for them: a filter sets the start.
    options["filter"] = f"asetpts=PTS+({start})"
    if encoder.lost_end_samples:
        options["filter"] += f",apad=pad_len={encoder.lost_end_samples}"
    return EncodedTrack(track, codec, options, encoder.layout_for(track.layout), shift, start)


def _placed(track: NewTrack, container: Container, encoder: Encoder, file_start: float) -> tuple[int, int]:
    """The time that ffmpeg gives the first sample, and how many samples of silence stand before the sound.

    Both are counted in samples of the track; a negative count of silence cuts samples off.
    """
    scale = track.sample_rate / encoder.rate_for(track.sample_rate)
    priming = round(encoder.priming_samples * scale)
    lost = round(encoder.lost_start_samples * scale)
    late = container.opus_late_seconds if encoder.name == "libopus" else 0.0
    start = round((track.start_seconds - late) * track.sample_rate)
    earliest = round(file_start * track.sample_rate)
    shift = 0
    if not container.starts_late or 0 < start - earliest < container.late_samples:
        start, shift = earliest, start - earliest
    if not container.hides_priming:  # it is heard in place of the first samples, and its packets get no times below 0
        start, shift = start + priming, shift - priming
    return start - lost, shift + lost


def counted(blocks: Iterable[FloatArray], n_samples: int) -> Iterator[FloatArray]:
    """The blocks as they are. Raises `VerificationError` at the end unless they were ``n_samples`` samples."""
    count = 0
    for block in blocks:
        count += len(block)
        yield block
    if count != n_samples:
        raise VerificationError(f"the new soundtrack has {count} samples instead of {n_samples}", "report this")


def shifted(blocks: Iterable[FloatArray], n_samples: int, n_channels: int) -> Iterator[FloatArray]:
    """The sound ``n_samples`` later, with silence before it, or earlier, with its beginning cut off."""
    if n_samples > 0:
        yield np.zeros((n_samples, n_channels), np.float32)
    to_cut = max(0, -n_samples)
    for block in blocks:
        rest = block[to_cut:]
        to_cut -= len(block) - len(rest)
        if len(rest):
            yield rest
