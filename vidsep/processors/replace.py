"""Replacement music: what plays instead of the old music, how loud, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite

import numpy as np

from vidsep.audio import FloatArray
from vidsep.dsp.curve import SILENT_DB, GainCurve, raised_cosine, stretches_of
from vidsep.loudness.bs1770 import HOPS_PER_SECOND, LoudnessMeter
from vidsep.loudness.gating import Levels
from vidsep.processors.laid_music import LaidMusic
from vidsep.processors.lay import Piece, lay
from vidsep.settings import check_ranges, choice, flag, number

__all__ = ["LaidMusic", "Piece", "Replacement", "follow_curve", "follow_curve_of", "lay", "matched_gain_db"]

FAINT_LU = -25.0  # further below the rest than any music is mixed (WCAG 1.4.7 asks for 20 dB): left by separation
UNDER_VOICE_LU = -7.0  # music beside speech in film sound as Divide and Remaster sets it: -24 and -17 LUFS
MOST_BOOST_DB = 12.0  # more would lift the hiss of a piece that is quiet for a reason

LEVEL_SECONDS = 0.1
PAUSE_SECONDS = 3.0  # pauses up to this belong to the old music
SHORTEST_SECONDS = 1.5  # what plays shorter than this was not music but something taken for it
RISE_SECONDS = 0.5
FALL_SECONDS = 1.0


@dataclass(frozen=True)
class Replacement:
    """How replacement music is laid under the programme; the pieces themselves come beside it."""

    level: str = choice(
        "match", ("match", "keep"), "match: as loud as the music it replaces; keep: as loud as its file"
    )
    gain_db: float = number(0.0, "dB", -60.0, 24.0, "gain on top of that")
    follow: bool = flag(False, "play only where the old music played")
    loop: bool = flag(True, "begin again when the music is shorter than its time")
    crossfade_seconds: float = number(2.0, "s", 0.0, 30.0, "overlap of two pieces, or of a piece with its next pass")
    fade_in_seconds: float = number(0.5, "s", 0.0, 60.0, "fade where the music begins")
    fade_out_seconds: float = number(
        3.0, "s", 0.0, 60.0, "fade where the music is cut off, at the end of the picture too"
    )

    def __post_init__(self) -> None:
        check_ranges(self)

    def lay(
        self,
        pieces: Sequence[Piece],
        n_samples: int,
        sample_rate: int,
        n_channels: int,
        *,
        old_music_lufs: float = -inf,
        dialogue_lufs: float = -inf,
    ) -> LaidMusic:
        """The pieces at their level along a programme of ``n_samples``; see `vidsep.processors.lay.lay`.

        The loudnesses are the integrated ones (BS.1770-4) of the programme's stems, minus infinity for silence.
        """
        seconds = n_samples / sample_rate
        return lay(
            [self._levelled(piece, seconds, old_music_lufs, dialogue_lufs) for piece in pieces],
            n_samples,
            sample_rate,
            n_channels,
            crossfade_seconds=self.crossfade_seconds,
            fade_in_seconds=self.fade_in_seconds,
            fade_out_seconds=self.fade_out_seconds,
            loop=self.loop,
        )

    def _levelled(self, piece: Piece, seconds: float, old_music_lufs: float, dialogue_lufs: float) -> Piece:
        matched_db = 0.0
        if self.level == "match":
            matched_db = matched_gain_db(_heard_lufs(piece, seconds), old_music_lufs, dialogue_lufs)
        return replace(piece, gain_db=piece.gain_db + self.gain_db + matched_db)


def matched_gain_db(replacement_lufs: float, old_music_lufs: float, dialogue_lufs: float = -inf) -> float:
    """The gain in dB that brings replacement music to the level of the old; at most 12 dB up.

    All three are integrated loudnesses, whose gate leaves out the time in which a stem is silent. Old music that is
    silent, or more than 25 LU below the dialogue (a mere remainder of separation), is no measure: the replacement is
    then brought to 7 LU below the dialogue, and left as it is where there is none.

    >>> matched_gain_db(-10.0, -24.0)
    -14.0
    """
    target_lufs = old_music_lufs
    if not isfinite(old_music_lufs) or old_music_lufs < dialogue_lufs + FAINT_LU:
        target_lufs = dialogue_lufs + UNDER_VOICE_LU
    if not isfinite(target_lufs) or not isfinite(replacement_lufs):
        return 0.0
    return min(target_lufs - replacement_lufs, MOST_BOOST_DB)


def follow_curve(
    old_music: Iterable[FloatArray], sample_rate: int, n_channels: int, layout: str = "", *, mix_lufs: float = -inf
) -> GainCurve:
    """0 dB where the old music played and silence where it did not, for music that follows it.

    The old music streams past once, in blocks of shape ``(any, n_channels)``. It plays where it is less than 25 LU
    below its own integrated loudness and that of the programme (``mix_lufs``; without it a film without music seems to
    be full of faint music). Pauses up to 3 s belong to it, less than 1.5 s in all are no music. The gain rises in the
    half second after it begins and falls in the second after it ends.
    """
    meter = LoudnessMeter(sample_rate, n_channels, layout)
    for block in old_music:
        meter.add(block)
    return follow_curve_of(meter, mix_lufs=mix_lufs)


def follow_curve_of(old_music: LoudnessMeter, *, mix_lufs: float = -inf) -> GainCurve:
    """`follow_curve` from a meter that has heard the old music; for callers who measure it anyway."""
    levels_lufs = old_music.curve_lufs(LEVEL_SECONDS, 1 / HOPS_PER_SECOND, centred=True)
    plays = levels_lufs > max(old_music.integrated_lufs, mix_lufs) + FAINT_LU
    amplitude = np.zeros(len(plays))
    for start, stop in stretches_of(plays, round(PAUSE_SECONDS * HOPS_PER_SECOND)):
        if np.sum(plays[start:stop]) >= SHORTEST_SECONDS * HOPS_PER_SECOND:
            _open(amplitude, start, stop)
    gain_db = 20 * np.log10(np.maximum(amplitude, 10 ** (SILENT_DB / 20)))
    return GainCurve(gain_db.astype(np.float32), float(HOPS_PER_SECOND))


def _open(amplitude: Levels, start: int, stop: int) -> None:
    rise = raised_cosine(round(RISE_SECONDS * HOPS_PER_SECOND)) if start else np.zeros(0)
    fall = raised_cosine(round(FALL_SECONDS * HOPS_PER_SECOND))[::-1]
    shape = np.concatenate([rise, np.ones(stop - start - len(rise)), fall])[: len(amplitude) - start]
    amplitude[start : start + len(shape)] = np.maximum(amplitude[start : start + len(shape)], shape)


def _heard_lufs(piece: Piece, programme_seconds: float) -> float:
    """The integrated loudness of as much of a piece as can be heard in the programme, without its gain."""
    audio = piece.audio
    end = programme_seconds if piece.end_seconds is None else min(piece.end_seconds, programme_seconds)
    first = round(piece.in_point_seconds * audio.sample_rate)
    n_heard = round(max(end - (piece.start_seconds or 0.0), 0.0) * audio.sample_rate)
    meter = LoudnessMeter(audio.sample_rate, audio.n_channels, audio.layout)
    step = audio.sample_rate * 10
    last = min(first + n_heard, audio.n_samples)
    for start in range(first, last, step):
        meter.add(audio.samples[start : min(start + step, last)])
    return meter.integrated_lufs
