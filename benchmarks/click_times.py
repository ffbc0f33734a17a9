"""When the clicks and flashes of a film are heard and seen, and how far they moved from one film to another.

Films are decoded as a player does it (edit lists, priming and pre-skip applied), all by libav and nothing by vidsep.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt
import soxr

from benchmarks.click_films import CLICK_MS, Case, click

REACH_SECONDS = 0.12  # how far off a click is still found
GAP_SECONDS = 0.015  # what is longer is a gap; timestamps of Vorbis in Ogg are off by up to this


@dataclass(frozen=True)
class Measured:
    """What a player shows: the seconds of each flash, and runs of sound without a gap with their start in seconds."""

    flashes: tuple[float, ...]
    sound: npt.NDArray[np.float32]
    start_seconds: float
    rate: int

    def clicks(self) -> list[float]:
        """When the clicks are heard, in seconds from the first flash, by their likeness to `click`."""
        burst = click(self.rate)
        likeness = np.abs(np.correlate(self.sound, burst, "valid")) / float(burst @ burst)
        found: list[float] = []
        while len(found) < 20 and likeness.max(initial=0.0) > 0.4:
            at = int(likeness.argmax())
            found.append(self.start_seconds + at / self.rate - self.flashes[0])
            likeness[max(0, at - self.rate // 20) : at + self.rate // 20] = 0
        return sorted(found)

    def around(self, seconds: float, reach_seconds: float) -> npt.NDArray[np.float32]:
        """The sound from ``seconds`` after the first flash to the end of a click, and ``reach_seconds`` around it."""
        first = round((seconds + self.flashes[0] - self.start_seconds - reach_seconds) * self.rate)
        count = round((2 * reach_seconds + CLICK_MS / 1000) * self.rate)
        padded = np.concatenate([np.zeros(count, np.float32), self.sound, np.zeros(2 * count, np.float32)])
        first = min(max(0, first + count), len(padded) - count)
        return padded[first : first + count]


def measured(path: Path) -> Measured:
    """The first picture and the first soundtrack of the film at ``path``, decoded."""
    return measured_in(path, [(-float("inf"), float("inf"))])[0]


def measured_in(path: Path, spans: Sequence[tuple[float, float]]) -> list[Measured]:
    """What is shown in each of ``spans`` of seconds, which do not overlap; nothing else is held in memory."""
    with av.open(str(path)) as container:
        picture, audio = container.streams.video[0], container.streams.audio[0]
        flashes: list[float] = []
        tracks = [_Track(*span) for span in spans]
        for frame in _frames(container, picture, audio):
            if isinstance(frame, av.AudioFrame):
                for track in tracks:
                    track.add(frame)
            elif frame.time is not None and frame.to_ndarray(format="gray").mean() > 128:
                flashes.append(frame.time)
    return [track.measured([one for one in flashes if track.first <= one < track.last]) for track in tracks]


class _Track:
    """The sound of a span, laid by its timestamps where they leave a gap."""

    def __init__(self, first: float, last: float) -> None:
        self.first, self.last = first, last
        self.rate = 1
        self._pieces: list[npt.NDArray[np.float32]] = []
        self._start = self._position = 0.0

    def add(self, frame: av.AudioFrame) -> None:
        self.rate = frame.sample_rate
        seconds = self._position if frame.time is None else frame.time
        if not self.first <= seconds < self.last:
            return
        if not self._pieces:
            self._start = self._position = seconds
        if seconds - self._position > GAP_SECONDS:
            self._pieces.append(np.zeros(round((seconds - self._position) * self.rate), np.float32))
            self._position = seconds
        self._pieces.append(_first_channel(frame))
        self._position += frame.samples / self.rate

    def measured(self, flashes: list[float]) -> Measured:
        sound = np.concatenate([np.zeros(1, np.float32)[1:], *self._pieces])
        return Measured(tuple(flashes), sound, self._start, self.rate)


def _frames(container: Any, *streams: Any) -> Iterator[Any]:
    """All frames; what cannot be decoded is passed over, as players do."""
    for packet in container.demux(*streams):
        with suppress(av.error.FFmpegError, ValueError):
            yield from packet.decode()


def _first_channel(frame: av.AudioFrame) -> npt.NDArray[np.float32]:
    samples = frame.to_ndarray()
    n_channels = frame.layout.nb_channels
    one = samples[0] if frame.format.is_planar else samples.reshape(-1, n_channels)[:, 0]
    scale = 1 / (1 << (8 * samples.dtype.itemsize - 1)) if samples.dtype.kind in "iu" else 1.0
    return (one * np.float32(scale)).astype(np.float32)


@dataclass(frozen=True)
class Comparison:
    """How far each click moved against the picture from one film to another, and how far its flashes moved, in ms."""

    clicks_ms: tuple[float, ...]
    picture_ms: float

    @property
    def worst_ms(self) -> float:
        return max(map(abs, self.clicks_ms), default=float("inf"))


def compared(case: Case, film: Path, output: Path) -> Comparison:
    """How what a player shows of ``output`` differs from ``film``; each half of a joined film is held to the first."""
    if not case.joined:
        return matched(measured(film), measured(output))
    before, after = measured(film.with_stem("first")), measured(output)
    n = len(before.flashes)
    one, two = (matched(before, replace(after, flashes=after.flashes[at : at + n])) for at in (0, n))
    return Comparison((*one.clicks_ms, *two.clicks_ms), max(one.picture_ms, two.picture_ms))


def matched(before: Measured, after: Measured) -> Comparison:
    """Match each click of ``before`` with the sound of ``after`` about it, by cross-correlation."""
    if not after.flashes or not before.flashes:
        return Comparison((), float("inf"))
    moved = []
    for second in before.clicks():
        old, new = before.around(second, 0.0), after.around(second, REACH_SECONDS)
        if before.rate != after.rate:
            old = soxr.resample(old, before.rate, after.rate)
        likeness = np.correlate(new, old, "valid")
        moved.append((int(np.abs(likeness).argmax()) / after.rate - REACH_SECONDS) * 1000)
    old_flashes, new_flashes = (np.array(one.flashes) - one.flashes[0] for one in (before, after))
    same = old_flashes.shape == new_flashes.shape
    picture_ms = float(np.abs(new_flashes - old_flashes).max() * 1000) if same else float("inf")
    return Comparison(tuple(moved), picture_ms)
