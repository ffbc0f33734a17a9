"""Proof that the picture is untouched: a hash over the packets of every picture track, demuxed and never decoded."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vidsep.media.nal import NalReader, has_nal_units
from vidsep.media.probe import opened


@dataclass(frozen=True)
class PictureStream:
    """One picture track: its codec, the count of its packets, and the SHA-256 over their payloads in order.

    ``seconds`` are the times at which they are shown, NaN where the file does not tell; equality does not ask for them.
    """

    codec: str
    n_packets: int
    sha256: str
    seconds: npt.NDArray[np.float64] = field(compare=False, repr=False)


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

    def largest_delay(self, other: "PictureHash") -> float:
        """How many seconds the times of equal pictures differ at most, counted from the first one of each track."""
        delays = [
            np.abs((new.seconds - new.seconds[0]) - (old.seconds - old.seconds[0]))
            for old, new in zip(self.streams, other.streams, strict=True)
            if old.n_packets == new.n_packets
        ]
        return max((float(np.nanmax(delay, initial=0.0)) for delay in delays), default=0.0)


def hash_ahead(path: Path) -> "Callable[[], PictureHash]":
    """Begin to work out the `picture_hash` of an input in another thread; what is returned waits for it.

    The program does not wait for it when it ends before, so the file is one that nobody removes. A file that is the
    same as when it was asked for before is not read again.
    """
    return _ahead(path, _version(path)).result


@lru_cache(maxsize=4)  # a file that is written again after its loudness was measured has the same input
def _ahead(path: Path, _version: tuple[int, ...]) -> "Future[PictureHash]":
    found: Future[PictureHash] = Future()

    def work() -> None:
        try:
            found.set_result(picture_hash(path))
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return found


def _version(path: Path) -> tuple[int, ...]:
    return (path.stat().st_size, path.stat().st_mtime_ns) if path.is_file() else ()


def picture_hash(path: Path, units_only: bool = False) -> PictureHash:
    """The hash of the picture of the file at ``path``, as far as it can be read.

    With ``units_only``, H.264 and HEVC count without what containers add to them and take away from them: the
    framing of their NAL units, parameter sets and delimiters. Then the same picture in MP4 and in MPEG-TS is equal.
    Raises `MediaError` when the file cannot be opened.
    """
    with opened(path) as container:
        streams = list(container.streams.video)
        hashes = {stream.index: hashlib.sha256() for stream in streams}
        seconds: dict[int, list[float]] = {index: [] for index in hashes}
        readers = {stream.index: NalReader(stream) for stream in streams if units_only and has_nal_units(stream)}
        for packet in container.demux(streams) if streams else ():
            if not packet.size:
                continue
            index = packet.stream.index
            seconds[index].append(float("nan") if packet.pts is None else packet.pts * float(packet.time_base))
            payload = memoryview(packet)
            for piece in readers[index].pictures(bytes(payload)) if index in readers else (payload,):
                hashes[index].update(piece)
        codecs = {one.index: one.codec_context.codec.canonical_name if one.codec_context else "" for one in streams}
        return PictureHash(
            tuple(
                PictureStream(codecs[one], len(times), hashes[one].hexdigest(), np.array(times))
                for one, times in seconds.items()
                if times
            )
        )
