"""AAC, encoded in pieces on all cores: one encoder alone keeps one core busy for longer than all else of a remix.

A packet depends on little beside its own sound: its transform overlaps with the packet before, and the encoder looks
one packet ahead and remembers how loud the last few were. So each piece is encoded with some packets around it that are
dropped. In stereo, nearly all packets are then those that one encoder makes of the whole, bit for bit; the others are
as good: at the joins, the noise of the coding is the same within 0.3 dB. The pieces do not depend on the number of
cores: every machine writes the same file.

ffmpeg gets the packets in NUT and copies them.
"""

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import av
import av.error
import ffmpeg as composer
import numpy as np

from vidsep.audio import FloatArray
from vidsep.dsp.framing import rechunk
from vidsep.errors import MediaError
from vidsep.media import ffmpeg
from vidsep.media.containers import Container
from vidsep.media.tracks import EncodedTrack

PACKET_SAMPLES = 1024  # ISO/IEC 14496-3, 4.5.1.1: of AAC-LC
PIECE_PACKETS = 512  # 11 s at 48 kHz; the packets around it cost 3.5 %
RUN_IN_PACKETS = 16
LOOK_AHEAD_PACKETS = 2
MOST_THREADS = 4  # beyond these the mix is slower than the encoders
LAMBDA_PER_QUALITY = 118  # FF_QP2LAMBDA of libavutil: what ffmpeg makes of -q
# Before 5.1, ffmpeg has no option for the length of the last packet. Matroska needs to be told of the priming, which a
# copied track does not do before 8; MP4 and its kin see it from the packets' times.
OLDEST_FFMPEG = (5, 1)
MUXERS = {"mp4", "mov", "3gp"}


@dataclass(frozen=True)
class Piece:
    """Sound to encode, of which ``n_packets`` packets count, after the first ``n_run_in``; None: all behind them."""

    sound: FloatArray
    n_run_in: int
    n_packets: int | None


@dataclass(frozen=True)
class PackedTrack(EncodedTrack):
    """An `EncodedTrack` that is AAC already when ffmpeg gets it."""

    quality: float = 1.0

    @property
    def feed(self) -> Iterator[bytes]:
        """The packets as a NUT stream."""
        return packed(self.blocks, self.track.sample_rate, self.layout, self.quality)

    def input(self, raw_file: Any = None) -> ffmpeg.Node:
        """ffmpeg-python's node that reads the packets from ``pipe:0``."""
        return composer.input("pipe:0", f="nut")


def in_pieces(encoded: EncodedTrack, container: Container) -> EncodedTrack:
    """The same track encoded here if that comes to the same, else ``encoded`` as it is."""
    options = encoded.options
    quality = options.get("q")
    if encoded.codec != "aac" or quality is None or "ar" in options or "channels" in encoded.layout:
        return encoded
    if container.muxer not in MUXERS or not _knows_lengths(ffmpeg.version()) or not _has_encoder():
        return encoded
    n_samples = encoded.track.n_samples + encoded.shift_samples
    n_whole = -(-n_samples // PACKET_SAMPLES)  # the first packet is the encoder's priming
    last_samples = n_samples - (n_whole - 1) * PACKET_SAMPLES
    # NUT has no times below zero, so the packets come later by the priming.
    times = f"ts=TS+({encoded.start_samples - PACKET_SAMPLES})"
    lengths = f"duration=if(eq(N\\,{n_whole})\\,{last_samples}\\,{PACKET_SAMPLES})"
    copied = {"c": "copy", "bsf": f"setts={times}:{lengths}"}
    return PackedTrack(**{**vars(encoded), "options": copied}, quality=float(quality))


def packed(blocks: Iterable[FloatArray], sample_rate: int, layout: str, quality: float) -> Iterator[bytes]:
    """The sound of ``blocks``, shape ``(any, n_channels)``, as AAC in NUT, in pieces of bytes of any size.

    ``quality`` is ffmpeg's ``-q``. The first packet is priming and has the time 0. Raises `MediaError` if the encoder
    fails.
    """
    sink = _Sink()
    with av.open(sink, "w", "nut") as container:
        stream = container.add_stream("aac", rate=sample_rate, options=_options(quality), layout=layout)
        n_packets = 0
        for packets in _encoded(pieces(blocks), sample_rate, layout, quality):
            for packet in packets:
                packet.pts = packet.dts = n_packets * PACKET_SAMPLES
                packet.stream = stream
                container.mux(packet)
                n_packets += 1
            yield sink.taken()
    yield sink.taken()


def pieces(blocks: Iterable[FloatArray]) -> Iterator[Piece]:
    """The sound cut at packets, each piece with what is around it."""
    cut = rechunk(blocks, PIECE_PACKETS * PACKET_SAMPLES)
    piece = next(cut, None)
    before: FloatArray | None = None
    for after in chain(cut, [None]):
        if piece is None:
            return
        parts = [piece] if before is None else [before, piece]
        if after is not None:
            parts.append(after[: LOOK_AHEAD_PACKETS * PACKET_SAMPLES])
        n_run_in = 0 if before is None else RUN_IN_PACKETS
        yield Piece(np.concatenate(parts), n_run_in, None if after is None else PIECE_PACKETS)
        before, piece = piece[-RUN_IN_PACKETS * PACKET_SAMPLES :], after


def _encoded(source: Iterable[Piece], sample_rate: int, layout: str, quality: float) -> Iterator[list[Any]]:
    """The packets of each piece, in order, while threads encode those that come next."""
    n_threads = min(os.cpu_count() or 1, MOST_THREADS)
    waiting: deque[Future[list[Any]]] = deque()
    with ThreadPoolExecutor(n_threads, "vidsep-aac") as pool:
        for piece in source:
            waiting.append(pool.submit(_packets, piece, sample_rate, layout, quality))
            if len(waiting) > n_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _packets(piece: Piece, sample_rate: int, layout: str, quality: float) -> list[Any]:
    try:
        encoder: Any = av.CodecContext.create("aac", "w")
        encoder.sample_rate, encoder.layout, encoder.format = sample_rate, layout, "fltp"
        encoder.time_base = Fraction(1, sample_rate)
        encoder.options = _options(quality)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece.sound.T), "fltp", layout)
        frame.sample_rate, frame.pts = sample_rate, 0
        packets = [*encoder.encode(frame), *encoder.encode(None)]
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"the sound cannot be encoded as AAC: {error}", "choose another output.codec") from error
    stop = None if piece.n_packets is None else piece.n_run_in + piece.n_packets
    return packets[piece.n_run_in : stop]


def _options(quality: float) -> dict[str, str]:
    steps = str(round(quality * LAMBDA_PER_QUALITY))
    return {"aac_coder": "fast", "flags": "+qscale", "global_quality": steps, "threads": "1"}


def _has_encoder() -> bool:
    with suppress(ValueError):  # what PyAV says where its libraries were built without it
        return bool(av.Codec("aac", "w"))
    return False


def _knows_lengths(version: str) -> bool:
    found = re.match(r"n?(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_FFMPEG


class _Sink:
    """A file in memory that is emptied again and again: what PyAV would raise out of a pipe would be lost."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, content: bytes) -> int:
        self._held += content
        return len(content)

    def taken(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken
