"""Ducking: music that makes room for the voice, by as much as it takes to hear the voice so many LU above it.

Two steps: `Duck.curve` listens to dialogue and music and writes down the gain, `DuckCurve.apply` puts it on the music.
The gain stands still while somebody speaks, so that the music neither pumps with the syllables nor comes up in
the pauses for breath; it is down before the first word, because the curve knows the future.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from vidsep.audio import FloatArray
from vidsep.dsp.curve import GainCurve, raised_cosine, stretches_of
from vidsep.loudness.bs1770 import HOPS_PER_SECOND, MOMENTARY_SECONDS, LoudnessMeter
from vidsep.loudness.gating import ABSOLUTE_GATE_LUFS, Levels, gated_lufs, mean_lufs, to_energies
from vidsep.loudness.speech import speech_activity
from vidsep.settings import check_ranges, number

HOP_SECONDS = 1 / HOPS_PER_SECOND
ACTIVITY_SECONDS = 0.1  # the window in which `speech_activity` wants the dialogue's level
MASKING_SECONDS = 1.0  # the mix that speech must not be too far below: a drum beat does not end a word
SECTION_SECONDS = 6.0  # in a long speech the gain may follow voice and music so often
DRIFT_SECONDS = 2.0  # and takes so long for it


@dataclass(frozen=True, eq=False)
class DuckCurve(GainCurve):
    """The gain of ducked music and what it does.

    ``reached_difference_lu`` is the loudness of the dialogue minus that of the ducked music, both while somebody
    speaks; None if nobody does or no music plays then. ``speech_share`` (0 to 1) is the share of the time with speech.
    """

    reached_difference_lu: float | None
    speech_share: float

    def summary(self) -> dict[str, Any]:
        reached = self.reached_difference_lu
        return {
            **super().summary(),
            "reached_difference_lu": None if reached is None else round(reached, 2),
            "speech_share": round(self.speech_share, 4),
        }


@dataclass(frozen=True)
class Duck:
    """How far and how fast music goes down under the voice.

    The difference is that of the loudness (BS.1770-4) of voice and music while somebody speaks. 10 LU is the least that
    listeners accept for a commentary over music, those who are not experts want about 4 LU more (Torcoli et al.,
    JAES 67/12, 2019). Music that is quiet enough is left alone.
    """

    difference_lu: float = number(10.0, "LU", 0.0, 40.0, "how far below the voice the music sits while somebody speaks")
    max_reduction_db: float = number(30.0, "dB", 0.0, 60.0, "the most that the music is turned down")
    look_ahead_ms: float = number(200.0, "ms", 0.0, 5000.0, "how long before the first word the music begins to fall")
    attack_ms: float = number(150.0, "ms", 10.0, 5000.0, "how long the fall takes")
    hold_ms: float = number(500.0, "ms", 0.0, 20000.0, "how long after the last word the music stays down")
    release_ms: float = number(800.0, "ms", 10.0, 20000.0, "how long it takes to come back up")

    def __post_init__(self) -> None:
        check_ranges(self)

    def curve(
        self,
        dialogue: Iterable[FloatArray],
        music: Iterable[FloatArray],
        sample_rate: int,
        n_channels: int,
        layout: str = "",
        mix: Iterable[FloatArray] | None = None,
    ) -> DuckCurve:
        """The gain that ``music`` needs under ``dialogue``, a point every 10 ms.

        Both stream past once, side by side, in blocks of shape ``(any, n_channels)``. ``mix`` is the programme that the
        dialogue was separated from: with it, faint music left in the dialogue is not taken for speech.
        """
        meters = [LoudnessMeter(sample_rate, n_channels, layout) for _ in range(2 if mix is None else 3)]
        for blocks in zip(dialogue, music, *([] if mix is None else [mix]), strict=True):
            for meter, block in zip(meters, blocks, strict=True):
                meter.add(block)
        return self.curve_of(*meters)

    def curve_of(self, dialogue: LoudnessMeter, music: LoudnessMeter, mix: LoudnessMeter | None = None) -> DuckCurve:
        """The same from meters that have heard the three; for callers who measure them anyway."""
        meters = [dialogue, music] if mix is None else [dialogue, music, mix]
        windows = (ACTIVITY_SECONDS, MOMENTARY_SECONDS, MASKING_SECONDS)
        levels = [meter.curve_lufs(w, HOP_SECONDS, centred=True) for meter, w in zip(meters, windows, strict=False)]
        speech = speech_activity(levels[0], HOPS_PER_SECOND, *levels[2:])
        voice = dialogue.hop_energies
        bed = to_energies(levels[1])  # momentary, because the gate must not open and close with the beat
        gain_db = self._gain_db(speech, voice, bed)
        return DuckCurve(
            gain_db.astype(np.float32),
            float(HOPS_PER_SECOND),
            _reached_lu(voice[speech], bed[speech], gain_db[speech]),
            float(speech.mean()) if len(speech) else 0.0,
        )

    def _gain_db(self, speech: npt.NDArray[np.bool_], voice: Levels, bed: Levels) -> Levels:
        """The curve of the whole programme: under every speech its own, between two of them the lower of both."""
        gain_db = np.zeros(len(speech))
        # A swell that must fall again before it has come up would be heard as pumping.
        shortest_gap = _hops(self.hold_ms + self.release_ms + self.look_ahead_ms)
        for start, stop in stretches_of(speech, shortest_gap):
            steady_db = self._steady_gain_db(speech[start:stop], voice[start:stop], bed[start:stop])
            self._lower(gain_db, start, steady_db)
        return gain_db

    def _steady_gain_db(self, speech: npt.NDArray[np.bool_], voice: Levels, bed: Levels) -> Levels:
        """The gain during one speech: one value, or one per section with slow drifts between them."""
        n_sections = ceil(len(speech) / (SECTION_SECONDS * HOPS_PER_SECOND))
        steps_db = []
        for part in np.array_split(np.arange(len(speech)), n_sections):
            spoken = part[speech[part]]
            difference_lu = _difference_lu(voice[spoken], bed[spoken])
            needed_db = 0.0 if difference_lu is None else difference_lu - self.difference_lu
            steps_db.append(np.full(len(part), np.clip(needed_db, -self.max_reduction_db, 0.0)))
        if n_sections == 1:
            return steps_db[0]
        window = np.hanning(_hops(1000 * DRIFT_SECONDS) + 1)
        padded = np.pad(np.concatenate(steps_db), len(window) // 2, mode="edge")
        return np.convolve(padded, window / window.sum(), mode="valid")

    def _lower(self, gain_db: Levels, start: int, steady_db: Levels) -> None:
        """Pull ``gain_db`` down to one speech that begins at hop ``start``, with the ramps around it."""
        fall, rise = raised_cosine(_hops(self.attack_ms)), raised_cosine(_hops(self.release_ms))[::-1]
        before, after = _hops(self.look_ahead_ms), _hops(self.hold_ms)
        whole_db = np.pad(steady_db, (before, after + len(rise)), mode="edge")
        shape = np.ones(len(whole_db))
        n_fall = min(len(fall), len(shape))
        shape[:n_fall] = fall[:n_fall]
        shape[len(shape) - len(rise) :] *= rise
        first = start - before
        part = slice(max(first, 0), first + len(whole_db))
        lowered_db = (whole_db * shape)[max(-first, 0) :]
        gain_db[part] = np.minimum(gain_db[part], lowered_db[: len(gain_db[part])])


def _difference_lu(voice: Levels, bed: Levels) -> float | None:
    """Loudness of the voice minus that of the music where it plays; None if either is silent."""
    difference_lu = mean_lufs(voice) - gated_lufs(bed)
    return difference_lu if isfinite(difference_lu) else None


def _reached_lu(voice: Levels, bed: Levels, gain_db: Levels) -> float | None:
    """The difference over all speeches together, each of which has its own gain; None if either is silent.

    No relative gate here: it would leave out the speeches under which the music went down furthest.
    """
    plays = bed > to_energies(np.array([ABSOLUTE_GATE_LUFS]))
    difference_lu = mean_lufs(voice[plays]) - mean_lufs(bed[plays] * 10 ** (gain_db[plays] / 10))
    return difference_lu if isfinite(difference_lu) else None


def _hops(milliseconds: float) -> int:
    return round(milliseconds / 1000 * HOPS_PER_SECOND)
