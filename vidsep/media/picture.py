"""Proof that the picture is untouched: a hash over the packets of every picture track, demuxed and never decoded."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vidsep.media.nal import NalReader, has_nal_units
from vidsep.media.probe import opened


@dataclass(frozen=True)
class PictureStream:
    """One picture track: its codec, the count of its packets, and the SHA-256 over their payloads in order."""

    codec: str
    n_packets: int
    sha256: str


@dataclass(frozen=True)
class PictureHash:
    """All picture tracks of a file that have packets, cover art included, in their order."""

    streams: tuple[PictureStream, ...]

    @property
    def sha256(self) -> str:
        """One number for the whole picture: that of the only track, or the SHA-256 over those of all tracks."""
        if len(self.streams) == 1:
            return self.streams[0].sha256
        return hashlib.sha256("".join(stream.sha256 for stream in self.streams).encode()).hexdigest()

    @property
    def n_packets(self) -> int:
        return sum(stream.n_packets for stream in self.streams)


def picture_hash(path: Path, units_only: bool = False) -> PictureHash:
    """The hash of the picture of the file at ``path``, as far as it can be read.

    With ``units_only``, H.264 and HEVC count without what containers add to them and take away from them: the
    framing of their NAL units, parameter sets and delimiters. Then the same picture in MP4 and in MPEG-TS is equal.
    Raises `MediaError` when the file cannot be opened.
    """
    with opened(path) as container:
        streams = list(container.streams.video)
        hashes = {stream.index: hashlib.sha256() for stream in streams}
        counts = dict.fromkeys(hashes, 0)
        readers = {stream.index: NalReader(stream) for stream in streams if units_only and has_nal_units(stream)}
        for packet in container.demux(streams) if streams else ():
            if not packet.size:
                continue
            index = packet.stream.index
            counts[index] += 1
            payload = memoryview(packet)
            for piece in readers[index].pictures(bytes(payload)) if index in readers else (payload,):
                hashes[index].update(piece)
        codecs = {one.index: one.codec_context.codec.canonical_name if one.codec_context else "" for one in streams}
        found = (PictureStream(codecs[one], counts[one], hashes[one].hexdigest()) for one in codecs if counts[one])
        return PictureHash(tuple(found))
