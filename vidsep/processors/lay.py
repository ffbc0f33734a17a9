"""Settles which piece of music plays when: trimmed, looped, joined by crossfades, faded out with the picture."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from vidsep.audio import Audio, db_to_gain
from vidsep.dsp.loop import Body, Loop, body, energies, find_loop
from vidsep.errors import MediaError, PresetError
from vidsep.processors.laid_music import Envelope, LaidMusic, Pass, Stretch

DECLICK_SECONDS = 0.005  # the shortest fade where music is cut
SHORTEST_SECONDS = 0.5  # a piece with less sound than this is no music, and would loop thousands of times


@dataclass(frozen=True)
class Piece:
    """A piece of music and where in the programme it plays.

    Without ``start_seconds`` and ``end_seconds`` it shares the programme with the other such pieces, in their order.
    ``in_point_seconds`` is how far into the piece it begins; 0 also skips silence there. ``audio`` has the programme's
    sample rate and channel count. Raises ValueError for times that cannot be.
    """

    audio: Audio
    start_seconds: float | None = None
    end_seconds: float | None = None
    in_point_seconds: float = 0.0
    gain_db: float = 0.0

    def __post_init__(self) -> None:
        start = 0.0 if self.start_seconds is None else self.start_seconds
        if not start >= 0 or (self.end_seconds is not None and not self.end_seconds > start):
            raise ValueError(f"a replacement piece cannot play from {start:g} to {self.end_seconds} seconds")
        if not 0 <= self.in_point_seconds < max(self.audio.seconds, SHORTEST_SECONDS):
            raise ValueError(
                f"in_point_seconds is {self.in_point_seconds:g}, the piece has {self.audio.seconds:g} seconds"
            )

    @property
    def is_timed(self) -> bool:
        return self.start_seconds is not None or self.end_seconds is not None


@dataclass(frozen=True)
class Fades:
    """Lengths in samples: between two passes, where music begins, where it is cut off, and the least one."""

    crossfade: int
    fade_in: int
    fade_out: int
    declick: int


class Track:
    """A piece and what must be known of its sound; samples ``body.start:body.stop`` can be joined to others."""

    def __init__(self, piece: Piece, crossfade: int) -> None:
        self.piece = piece
        self.samples = piece.audio.samples
        self.sample_rate = piece.audio.sample_rate
        self.crossfade = crossfade
        self.energy = energies(self.samples, self.sample_rate)
        sounding = body(self.energy, self.sample_rate, self.samples.shape[0])
        in_point = round(piece.in_point_seconds * self.sample_rate)
        self.body = Body(in_point or sounding.start, sounding.stop)
        if self.length < SHORTEST_SECONDS * self.sample_rate:
            raise MediaError(
                f"a replacement piece of {piece.audio.seconds:.1f} s holds no music after {piece.in_point_seconds:g} s",
                "choose a longer piece, or one that is not silent",
            )

    @property
    def start(self) -> int:
        """The programme's sample at which a timed piece begins."""
        return round((self.piece.start_seconds or 0.0) * self.sample_rate)

    @property
    def length(self) -> int:
        return self.body.stop - self.body.start

    @cached_property
    def loop(self) -> Loop:
        return find_loop(self.samples, self.energy, self.body, self.sample_rate, self.crossfade)


class Playlist:
    """Tracks in their order; with ``loop`` they never come to an end."""

    def __init__(self, tracks: Iterable[Track], loop: bool) -> None:
        self._left = deque(tracks)
        self._loop = loop

    def __bool__(self) -> bool:
        return bool(self._left)

    def next(self) -> Track | None:
        """The next track, None after the last."""
        if not self._left:
            return None
        track = self._left.popleft()
        if self._loop:
            self._left.append(track)
        return track


@dataclass(frozen=True)
class Span:
    """The samples ``start:stop`` of the programme and the list that fills them, as far as it goes."""

    start: int
    stop: int
    playlist: Playlist


def lay(
    pieces: Sequence[Piece],
    n_samples: int,
    sample_rate: int,
    n_channels: int,
    *,
    crossfade_seconds: float = 2.0,
    fade_in_seconds: float = 0.5,
    fade_out_seconds: float = 3.0,
    loop: bool = True,
) -> LaidMusic:
    """The pieces along a programme of ``n_samples``, as sliceable music of shape ``(n_samples, n_channels)``.

    Pieces with times play there, and a later one takes over from an earlier one; the others fill what is left in their
    order, each to its end. With ``loop`` a piece too short for its time begins again, and so does the list of those
    without times. One pass is joined to the next by a crossfade, for loops where the beat goes on. Music fades in where
    it begins and out where it is cut; a piece that comes to its own end keeps it.

    Raises `PresetError` if a piece begins after the programme, `MediaError` if one has no half second of sound,
    ValueError if one has another sample rate or channel count.
    """
    for piece in pieces:
        _check(piece, n_samples, sample_rate, n_channels)
    lengths = (crossfade_seconds, fade_in_seconds, fade_out_seconds, 0.0)
    fades = Fades(*(round(max(seconds, DECLICK_SECONDS) * sample_rate) for seconds in lengths))
    tracks = [Track(piece, fades.crossfade) for piece in pieces]
    spans = _spans(tracks, n_samples, loop)
    return LaidMusic((n_samples, n_channels), tuple(_stretches(spans, fades)))


def _check(piece: Piece, n_samples: int, sample_rate: int, n_channels: int) -> None:
    if (piece.audio.sample_rate, piece.audio.n_channels) != (sample_rate, n_channels):
        raise ValueError(
            f"pieces have the programme's {sample_rate} Hz and {n_channels} channels, "
            f"this has {piece.audio.sample_rate} Hz and {piece.audio.n_channels}"
        )
    if piece.start_seconds and piece.start_seconds * sample_rate >= n_samples:
        raise PresetError(
            f"replacement music starts at {piece.start_seconds:g} s, after the end at {n_samples / sample_rate:g} s",
            "give an earlier start or leave the piece out",
        )


def _spans(tracks: Sequence[Track], n_samples: int, loop: bool) -> list[Span]:
    """What plays when, in order and without overlaps."""
    timed = sorted((track for track in tracks if track.piece.is_timed), key=lambda track: track.start)
    untimed = [track for track in tracks if not track.piece.is_timed]
    playlist = Playlist(untimed, loop)  # goes on from one free span to the next
    spans, at = [], 0
    for index, track in enumerate(timed):
        following = timed[index + 1].start if index + 1 < len(timed) else n_samples
        stop = min(_end(track, n_samples, loop), following)
        spans += [Span(at, track.start, playlist), Span(track.start, stop, Playlist([track], loop))]
        at = stop
    spans.append(Span(at, n_samples, playlist))
    return [span for span in spans if span.start < span.stop]


def _end(track: Track, n_samples: int, loop: bool) -> int:
    """Where a timed piece ends if no other one takes over."""
    if track.piece.end_seconds is not None:
        return round(min(track.piece.end_seconds * track.sample_rate, n_samples))
    return n_samples if loop else min(track.start + track.samples.shape[0] - track.body.start, n_samples)


def _stretches(spans: Sequence[Span], fades: Fades) -> Iterator[Stretch]:
    """The music of each span; where another one follows at once, it is drawn on for the crossfade."""
    last_stop = 0
    for span, following in zip(spans, [*spans[1:], None], strict=True):
        if not span.playlist:
            continue
        stop, fade_in, fade_out = span.stop, fades.fade_in, fades.fade_out
        if last_stop > span.start:
            fade_in = fades.crossfade
        if following is not None and following.start == span.stop and following.playlist:
            stop = min(span.stop + fades.crossfade, following.stop)
            fade_out = stop - span.stop
        passes = tuple(_passes(span, stop, fades.crossfade))
        if passes[-1].envelope.stop < stop:  # the last piece comes to its own end
            stop, fade_out = passes[-1].envelope.stop, fades.declick
        half = (stop - span.start) // 2
        yield Stretch(Envelope(span.start, stop, min(fade_in, half), min(fade_out, half)), passes)
        last_stop = stop


def _passes(span: Span, stop: int, crossfade: int) -> Iterator[Pass]:
    """Passes from the start of ``span`` until ``stop`` is reached or its playlist has come to an end."""
    at, fade_in, likeness = span.start, 0, 0.0
    track = span.playlist.next()
    while track is not None and at < stop:
        lasts = track.length >= stop - at
        following = None if lasts else span.playlist.next()
        seam = _seam(track, following, crossfade)
        envelope = Envelope(at, at + seam.period + seam.crossfade, fade_in, seam.crossfade, likeness, seam.correlation)
        yield Pass(track.samples, track.body.start, db_to_gain(track.piece.gain_db), envelope)
        at, fade_in, likeness, track = at + seam.period, seam.crossfade, seam.correlation, following


def _seam(track: Track, following: Track | None, crossfade: int) -> Loop:
    """How a track is joined to the one that follows it; played out, silent tail and all, if none does."""
    if following is None:
        return Loop(track.samples.shape[0] - track.body.start, 0, 0.0)
    if following is track:
        return track.loop
    crossfade = min(crossfade, track.length // 3, following.length // 3)
    return Loop(track.length - crossfade, crossfade, 0.0)
