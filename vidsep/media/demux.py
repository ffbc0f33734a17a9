"""The soundtrack of a file, decoded to a work file: float32 at its own rate and layout, sample index equal to time."""

import hashlib
import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import av.error
import numpy as np

from vidsep.aside import aside
from vidsep.audio import DEFAULT_LAYOUTS, Audio, FloatArray
from vidsep.errors import MediaError, OutputError
from vidsep.layouts import LAYOUTS
from vidsep.media import direct, ffmpeg
from vidsep.media.clock import clock_options, start_on_clock, with_witness
from vidsep.media.info import AudioStream, MediaInfo
from vidsep.media.limits import not_endless
from vidsep.media.probe import probe
from vidsep.media.timeline import VORBIS_SECONDS, in_blocks, without_gaps
from vidsep.progress import Advance, ignore
from vidsep.spool import SpooledSamples, check_room, spool

# The decoded sound travels as PCM in NUT, which keeps timestamps to the sample. NUT knows no times below zero, but
# priming and edit lists make some: all times are moved up on the way and down again at the end.
LIFT_SECONDS = 3600
BLOCK_SAMPLES = 65536
SPARE_SECONDS = 60.0  # how far sound may go on behind the length that the file tells
NOTABLE_SECONDS = 0.1  # gaps and overlaps that are shorter in all are told nobody


@dataclass(frozen=True)
class Soundtrack:
    """A decoded soundtrack.

    ``start_seconds`` is the time of the first sample on the file's timeline; ``sha256`` covers samples, rate and
    layout; ``peak`` is the largest absolute sample value; ``warnings`` say what was wrong but could be mended.
    """

    audio: Audio
    start_seconds: float
    sha256: str
    peak: float
    warnings: tuple[str, ...] = ()


def decode(
    info: MediaInfo, stream: AudioStream, work_folder: Path, advance: Advance = ignore, layout: str = ""
) -> Soundtrack:
    """Decode ``stream`` of ``info`` to a file in ``work_folder``; ``advance`` gets the seconds decoded.

    ``layout`` is ffmpeg's name of the channels to mix it down to (ITU-R BS.775 weights), by default its own.
    Gaps in the timestamps become silence. Broken sound is decoded as far as it goes, with a warning. Raises
    `MediaError` when nothing can be decoded, the sound goes on far beyond the length that the file claims, or the file
    is changed meanwhile; `OutputError` when the work folder is full or too small for that length.
    """
    return _decode(info, stream, stream.sample_rate, layout or stream.layout, work_folder, advance)


def load_music(path: Path, sample_rate: int, n_channels: int, work_folder: Path, advance: Advance = ignore) -> Audio:
    """The first soundtrack of a music or video file at ``sample_rate`` with ``n_channels``, in ``work_folder``.

    Channels are mixed as ffmpeg does (ITU-R BS.775 weights). Raises as `decode` and `probe` do.
    """
    info = probe(path)
    layout = DEFAULT_LAYOUTS.get(n_channels, f"{n_channels} channels")
    return _decode(info, info.audio_stream(), sample_rate, layout, work_folder, advance).audio


def _decode(
    info: MediaInfo, stream: AudioStream, sample_rate: int, layout: str, work_folder: Path, advance: Advance
) -> Soundtrack:
    n_channels = len(LAYOUTS.get(layout, "").split()) or stream.n_channels
    check_room(work_folder, _claimed_seconds(info, stream) * sample_rate * n_channels)
    file = _work_file(work_folder)
    try:
        if (sample_rate, layout) == (stream.sample_rate, stream.layout) and direct.may_be_plain(info, stream):
            listener = _Listener(sample_rate, layout, advance)
            try:
                samples = _kept(info, stream, direct.frames(info, stream), listener, file)
                return _soundtrack(info, samples, layout, listener, [])
            except direct.OddSoundError:
                advance(-listener.heard_seconds)
        listener = _Listener(sample_rate, layout, advance)
        complaints: list[str] = []
        with ffmpeg.reading(_command(info, stream, sample_rate, layout), complaints) as reader:
            samples = _kept(info, stream, _frames(reader), listener, file)
        return _soundtrack(info, samples, layout, listener, complaints)
    except MediaError as error:
        raise MediaError(
            f"the sound of {info.path.name} ({stream.describe()}) cannot be decoded: {error.message}",
            error.next_step or "see whether a player plays it",
        ) from error


def _claimed_seconds(info: MediaInfo, stream: AudioStream) -> float:
    return max(info.duration_seconds, stream.duration_seconds or 0)


def _kept(
    info: MediaInfo, stream: AudioStream, frames: Iterable[tuple[float, FloatArray]], listener: "_Listener", file: Path
) -> SpooledSamples:
    """The sound of ``frames`` on its timeline in ``file``; another thread makes what this one hashes and writes."""
    sample_rate, claimed_seconds = listener.sample_rate, _claimed_seconds(info, stream)
    least_seconds = VORBIS_SECONDS if stream.codec == "vorbis" else 0.0
    at_most = (claimed_seconds + SPARE_SECONDS) * sample_rate
    laid = without_gaps(listener.timed(frames), sample_rate, at_most, least_seconds)
    made = in_blocks(not_endless(laid, sample_rate, claimed_seconds), BLOCK_SAMPLES)
    blocks = aside(made, parcel_items=1, parcels_ahead=4)
    first = next(blocks, None)
    if first is None:
        raise MediaError("it has no content")
    return spool(listener.measured(chain((first,), blocks)), file, first.shape[1])


def _soundtrack(
    info: MediaInfo, samples: SpooledSamples, layout: str, listener: "_Listener", complaints: list[str]
) -> Soundtrack:
    info.check_unchanged()
    start_seconds = listener.start_seconds - start_on_clock(info, 0.0)
    audio = Audio(samples, listener.sample_rate, layout)
    return Soundtrack(audio, start_seconds, listener.sha256.hexdigest(), listener.peak, listener.warnings(complaints))


def _command(info: MediaInfo, stream: AudioStream, sample_rate: int, layout: str) -> ffmpeg.Node:
    source = ffmpeg.source(info.path)
    form = f"aformat=sample_fmts=flt:sample_rates={sample_rate}"
    if "channels" not in layout:  # not ffmpeg's name of a layout but a count
        form += f":channel_layouts={layout}"
    form += f",asetpts=PTS+{LIFT_SECONDS * sample_rate}"  # in samples; -itsoffset would round to the file's clock
    options = {"max_error_rate": 1, "map_metadata": -1, "map_chapters": -1, "flush_packets": 0, **clock_options(info)}
    sound = source[str(stream.index)].output("pipe:1", format="nut", acodec="pcm_f32le", af=form, **options)
    return with_witness(sound, source, info)


def _frames(reader: ffmpeg.Reader) -> Iterator[tuple[float, FloatArray]]:
    """The decoder's frames: time of the first sample in seconds, samples of shape ``(n_samples, n_channels)``."""
    try:
        with av.open(reader, "r", "nut") as container:
            stream = container.streams.audio[0]
            n_channels = stream.codec_context.layout.nb_channels
            tick_seconds = float(stream.time_base or 0)
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None:
                    samples = np.frombuffer(memoryview(packet), "<f4").reshape(-1, n_channels)
                    yield packet.pts * tick_seconds - LIFT_SECONDS, samples
        reader.check()
    except (av.error.FFmpegError, ValueError) as error:  # ValueError: an ffmpeg that was killed leaves half a packet
        reader.check()
        raise MediaError("ffmpeg gave no sound") from error


def _work_file(folder: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(suffix=".f32", dir=folder)
    except OSError as error:
        raise OutputError(f"cannot write to the work folder {folder}: {error.strerror}", "set TMPDIR") from error
    os.close(handle)
    return Path(name)


class _Listener:
    """Hears the sound on its way to the work file: when it starts, its hash, its peak, whether it is sound at all."""

    def __init__(self, sample_rate: int, layout: str, advance: Advance) -> None:
        self.sha256 = hashlib.sha256(f"{sample_rate} {layout}".encode())
        self.peak = 0.0
        self.start_seconds = 0.0
        self.heard_seconds = 0.0
        self.sample_rate = sample_rate
        self._advance = advance
        self._n_broken = 0
        self._n_added = 0  # by the timeline; below zero where it had to cut

    def timed(self, frames: Iterable[tuple[float, FloatArray]]) -> Iterator[tuple[int, FloatArray]]:
        """The frames with their time in samples from the first one."""
        started = False
        for seconds, samples in frames:
            if not started:
                started, self.start_seconds = True, seconds
            self._n_added -= len(samples)
            yield round((seconds - self.start_seconds) * self.sample_rate), samples

    def measured(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """The blocks as they are, but for samples that are no numbers: those become silence."""
        for block in blocks:
            peak = max(float(block.max()), -float(block.min()))
            if not math.isfinite(peak):
                self._n_broken += int(np.count_nonzero(~np.isfinite(block)))
                block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
                peak = float(np.abs(block).max())
            self.peak = max(self.peak, peak)
            self._n_added += len(block)
            self.sha256.update(block.data)
            self.heard_seconds += len(block) / self.sample_rate
            self._advance(len(block) / self.sample_rate)
            yield block

    def warnings(self, complaints: list[str]) -> tuple[str, ...]:
        found = []
        complaints = [line for line in complaints if "null" not in line]  # of the witness, who keeps nothing
        if complaints:
            more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
            found.append(f"the sound is damaged; it was decoded as far as possible: {complaints[0]}{more}")
        added_seconds = self._n_added / self.sample_rate
        if added_seconds > NOTABLE_SECONDS:
            found.append(f"the sound has gaps of {added_seconds:.1f} s in all, which are silent")
        elif added_seconds < -NOTABLE_SECONDS:
            found.append(f"the sound overlaps itself; {-added_seconds:.1f} s of it were cut to keep it in sync")
        if self._n_broken:
            found.append(f"{self._n_broken} samples of the sound were no numbers and became silence")
        return tuple(found)
