"""Stems as sound files.

The codecs are ffmpeg's. Float WAV keeps every bit; what the others make of the sound stands in `CODECS`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from vidsep.audio import Audio, FloatArray
from vidsep.errors import OutputError
from vidsep.media.draft import draft
from vidsep.media.encode import encode
from vidsep.progress import Advance, ignore

DEFAULT_KBPS_PER_CHANNEL = 96
SAMPLE_FORMATS = ("f32", "s24", "s16")


@dataclass(frozen=True)
class StemCodec:
    """How ffmpeg writes one kind of sound file.

    ``encoders`` maps sample formats, the best one first, to ffmpeg's options; a lossy codec has one, called "".
    """

    muxer: str
    encoders: Mapping[str, Mapping[str, str]]
    options: Mapping[str, str] = field(default_factory=dict)
    most_channels: int = 8
    most_hertz: int = 0  # resampled where the sound has more and ffmpeg does not do so by itself

    @property
    def is_lossy(self) -> bool:
        return "" in self.encoders


CODECS = {
    "wav": StemCodec(
        "wav",
        {"f32": {"acodec": "pcm_f32le"}, "s24": {"acodec": "pcm_s24le"}, "s16": {"acodec": "pcm_s16le"}},
        {"rf64": "auto"},  # 64-bit sizes beyond 4 GiB, EBU Tech 3306
    ),
    "flac": StemCodec(
        "flac",
        {
            "s24": {"acodec": "flac", "sample_fmt": "s32", "bits_per_raw_sample": "24"},
            "s16": {"acodec": "flac", "sample_fmt": "s16"},
        },
    ),
    "mp3": StemCodec("mp3", {"": {"acodec": "libmp3lame"}}, most_channels=2),
    "ogg": StemCodec("ogg", {"": {"acodec": "libvorbis"}}),
    "m4a": StemCodec("ipod", {"": {"acodec": "aac", "aac_coder": "fast"}}, {"movflags": "+faststart"}),
    "wma": StemCodec("asf", {"": {"acodec": "wmav2"}}, most_channels=2, most_hertz=48000),
}

# What of the source's tags goes into a stem's file; ffmpeg's names.
KEPT_TAGS = ("title", "artist", "album", "album_artist", "composer", "date", "track", "genre", "copyright")


@dataclass(frozen=True)
class StemFormat:
    """A codec of `CODECS`, with a sample format for wav and flac or a bit rate for the lossy ones.

    Raises `OutputError` for what a codec does not have.
    """

    codec: str = "wav"
    sample_format: str = ""  # empty: the best that the codec has
    bitrate_kbps: int = 0  # 0: 96 kbit/s for each channel

    def __post_init__(self) -> None:
        if self.codec not in CODECS:
            raise OutputError(f"there is no stem codec {self.codec!r}", f"use one of {', '.join(CODECS)}")
        codec = CODECS[self.codec]
        if self.sample_format and self.sample_format not in codec.encoders:
            has = ", ".join(name for name in codec.encoders if name) or "no sample formats but a bit rate"
            raise OutputError(f"{self.codec} cannot hold {self.sample_format} samples", f"it has {has}")
        if self.bitrate_kbps and not codec.is_lossy:
            raise OutputError(f"{self.codec} has no bit rate", "leave it out, or use mp3, ogg, m4a or wma")

    @property
    def samples(self) -> str:
        """The sample format that is written; empty for lossy codecs."""
        return self.sample_format or next(iter(CODECS[self.codec].encoders))

    def check_channels(self, n_channels: int) -> None:
        """Raise `OutputError` if the codec cannot hold so many channels, rather than mix them down."""
        most = CODECS[self.codec].most_channels
        if self.codec != "wav" and n_channels > most:
            raise OutputError(f"{self.codec} holds no more than {most} channels, the sound has {n_channels}", "use wav")

    def ffmpeg_options(self, n_channels: int, sample_rate: int) -> dict[str, str]:
        """What ffmpeg's output is told."""
        codec = CODECS[self.codec]
        options = {"format": codec.muxer, **codec.encoders[self.samples], **codec.options}
        if codec.is_lossy:
            options["audio_bitrate"] = f"{self.bitrate_kbps or DEFAULT_KBPS_PER_CHANNEL * n_channels}k"
        if 0 < codec.most_hertz < sample_rate:
            options["ar"] = str(codec.most_hertz)
        return options


def stem_tags(stem: str, name: str, tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a stem's file: those of its source that hold for it, and a title that names the stem.

    ``name`` is the title where the source has none.

    >>> stem_tags("vocals", "song", {"artist": "A", "encoder": "Lavf"})
    {'artist': 'A', 'title': 'song (vocals)'}
    """
    kept = {key.lower(): text for key, text in tags.items() if key.lower() in KEPT_TAGS}
    title = f"{kept.pop('title', name)} ({stem})"
    return {key: "".join(filter(str.isprintable, text)) for key, text in {**kept, "title": title}.items()}


def write_stem(
    blocks: Iterable[FloatArray],
    sound: Audio,
    path: Path,
    source: Path,
    stem_format: StemFormat,
    *,
    tags: Mapping[str, str] = MappingProxyType({}),
    overwrite: bool = False,
    advance: Advance = ignore,
) -> int:
    """Write ``blocks``, of the rate and layout of ``sound``, to ``path``, which appears when it is complete.

    Returns how many samples were cut off at full scale, which float samples never are. Raises `OutputError` when
    ``path`` is ``source``, exists, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {path.parent}: {error.strerror}", "choose another one") from error
    clipped = _ClipCounter(stem_format.samples in ("s16", "s24"))
    options = stem_format.ffmpeg_options(sound.n_channels, sound.sample_rate)
    options |= {f"metadata:g:{i}": f"{key}={text}" for i, (key, text) in enumerate(tags.items())}
    with draft(path, source, overwrite) as file:
        encode(clipped.watch(blocks), sound, file.path, options, advance)
        file.commit()
    return clipped.count


class _ClipCounter:
    def __init__(self, counts: bool) -> None:
        self.count = 0
        self._counts = counts

    def watch(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        for block in blocks:
            if self._counts:
                self.count += int(np.count_nonzero(np.abs(block) > 1))
            yield block
