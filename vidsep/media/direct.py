"""Decoding in this process, for sound that has nothing odd about it: AAC in MP4, as nearly every video has it.

ffmpeg hands each 20 ms of sound from thread to thread and then through a pipe, which takes several times as long as
decoding them; PyAV holds the same decoder. Whatever is not in order is left to ffmpeg, which decodes damaged sound as
far as it goes, follows changes of its form, and says what was wrong.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import MediaError
from vidsep.media.info import AudioStream, MediaInfo
from vidsep.media.probe import opened

CODECS = {"aac"}
FORMATS = {"mp4", "mov"}
MISSING_SECONDS = 0.1  # sound that ends so much before its time was cut off


class OddSoundError(Exception):
    """The sound is none that can be decoded here."""


def may_be_plain(info: MediaInfo, stream: AudioStream) -> bool:
    """Whether it is worth trying; what is in the packets only `frames` can tell."""
    known = stream.sample_format == "fltp" and "channels" not in stream.layout
    return known and stream.codec in CODECS and bool(FORMATS & set(info.format_names))


def frames(info: MediaInfo, stream: AudioStream) -> Iterator[tuple[float, FloatArray]]:
    """The decoder's frames: time of the first sample in seconds, samples of shape ``(n_samples, n_channels)``.

    Raises `OddSoundError` at the first packet that is not in order, or at the end if too little came.
    """
    last = None
    try:
        with opened(info.path) as container:
            for packet in container.demux(container.streams[stream.index]):
                if packet.is_corrupt:
                    raise OddSoundError
                for frame in packet.decode():
                    if last is not None:
                        yield _seconds(last), _interleaved(last, last.samples)
                    last = _checked(frame, stream)
    except (MediaError, ValueError, IndexError) as error:  # ValueError: PyAV's own complaints
        raise OddSoundError from error
    if last is None or stream.duration_seconds is None:
        raise OddSoundError
    n_samples = min(last.samples, last.duration or last.samples)  # what fills its last packet up is no sound
    if _seconds(last) + n_samples / stream.sample_rate < stream.duration_seconds - MISSING_SECONDS:
        raise OddSoundError
    yield _seconds(last), _interleaved(last, n_samples)


def _checked(frame: Any, stream: AudioStream) -> Any:
    """The frame if it is as the file promised, at a time in samples: ffmpeg smooths those that are rounded."""
    found = (frame.sample_rate, frame.layout.name, frame.format.name, frame.time_base.denominator)
    if found != (stream.sample_rate, stream.layout, stream.sample_format, stream.sample_rate) or frame.pts is None:
        raise OddSoundError
    return frame


def _seconds(frame: Any) -> float:
    return float(frame.pts * frame.time_base)


def _interleaved(frame: Any, n_samples: int) -> FloatArray:
    samples = np.empty((n_samples, len(frame.planes)), np.float32)
    for channel, plane in enumerate(frame.planes):
        samples[:, channel] = np.frombuffer(plane, "<f4", n_samples)
    return samples
