"""The last step of a mix: one static gain to the target loudness, then a true-peak limiter.

The master is found on the mix and checked on the written file. A lossy codec moves peaks and takes some loudness away;
what it did is made up for by writing once more, under a lower ceiling and with a gain that is found anew.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import TypeAlias

from vidsep.aside import aside
from vidsep.audio import Audio, FloatArray
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.loudness.dialogue import DialogueGatedMeter, lufs_during
from vidsep.loudness.measure import Loudness, ProgrammeMeter
from vidsep.loudness.normalize import amplified, find_gain
from vidsep.loudness.speech import Mask
from vidsep.preset import LoudnessSettings
from vidsep.processors import Limit

Programme: TypeAlias = Callable[[], Iterable[FloatArray]]
"""Gives the mix, block by block from its start, each time it is called."""

LANDING_LU = 0.2  # how near to its target a written file comes, whatever a standard allows
LOSSY_HEADROOM_DB = 0.3  # what a good lossy encode adds to peaks, kept free from the start
AUDIBLE_LIMITING_LU = 3.0  # more than this may be heard as pumping: house rule, no standard has one
PEAK_MARGIN_DB = 0.05  # beyond what the last encode was over, so that the next one is not over by a hair


@dataclass(frozen=True)
class Master:
    """A gain in dB and a limiter.

    ``target_lufs`` is where the written file is to be, measured during ``speech`` if that is given, and ``codec_lu``
    what its encode takes from the loudness. ``limited_lu`` is how much the limiter takes, ``shortfall_lu`` by how much
    the target is missed because it must not take more.
    """

    gain_db: float = 0.0
    limit: Limit | None = None
    target_lufs: float | None = None
    speech: Mask | None = None
    codec_lu: float = 0.0
    shortfall_lu: float = 0.0
    limited_lu: float = 0.0

    def apply(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        """The mastered mix, of the same length."""
        louder = amplified(blocks, self.gain_db)
        return self.limit.process(louder, sample_rate) if self.limit else louder

    def warnings(self) -> list[str]:
        """What whoever delivers the mix should know."""
        aim = f"the target of {self.target_lufs} LUFS"
        if self.shortfall_lu:
            return [f"{aim} is missed by {self.shortfall_lu:.1f} LU: more limiting would be heard"]
        if self.limited_lu > AUDIBLE_LIMITING_LU:
            return [f"for {aim} the limiter takes {self.limited_lu:.1f} LU: listen whether it is heard"]
        return []

    def loudness_of(self, blocks: Iterable[FloatArray], sound: Audio) -> float:
        """The loudness that counts for the target: of the whole, or during speech. ``sound`` gives rate and layout."""
        if self.speech is not None:
            return lufs_during(self.speech, blocks, sound.sample_rate, sound.n_channels, sound.layout)
        meter = LoudnessMeter(sound.sample_rate, sound.n_channels, sound.layout)
        for block in aside(blocks, parcel_items=1, parcels_ahead=1):  # the limiter works while the meter does
            meter.add(block)
        return meter.integrated_lufs


def find_master(
    settings: LoudnessSettings, programme: Programme, dialogue: Programme, sound: Audio, *, lossy: bool
) -> Master:
    """The master for a mix of the rate, channels and length of ``sound``; without a target it is the limiter alone."""
    master = Master(limit=_limiter(settings, lossy=lossy))
    if settings.target_lufs is None:
        return master
    if settings.gate == "dialogue":
        return with_gain(_gated(master, settings, programme, dialogue, sound), programme, sound)
    return with_gain(replace(master, target_lufs=settings.target_lufs), programme, sound)


def with_gain(master: Master, programme: Programme, sound: Audio) -> Master:
    """``master`` with the gain that brings the mix to its target, if it has one, through its limiter."""
    if master.target_lufs is None:
        return master
    meter = ProgrammeMeter(sound.sample_rate, sound.n_channels, sound.layout)
    for block in programme():
        meter.add(block)
    measured = meter.result()
    measured_lufs = master.loudness_of(programme(), sound) if master.speech is not None else measured.integrated_lufs
    limited = replace(master, gain_db=0.0)
    found = find_gain(
        programme,
        measured_lufs,
        measured.true_peak_dbtp,
        target_lufs=master.target_lufs + master.codec_lu,
        ceiling_dbtp=master.limit.ceiling_dbtp if master.limit else inf,
        limit=lambda blocks: limited.apply(blocks, sound.sample_rate),
        loudness_of=lambda blocks: master.loudness_of(blocks, sound),
    )
    limited_lu = measured_lufs + found.gain_db - found.reached_lufs
    return replace(
        master,
        gain_db=found.gain_db,
        shortfall_lu=max(0.0, found.shortfall_lu),
        limited_lu=limited_lu if isfinite(limited_lu) else 0.0,
    )


def correction(master: Master, settings: LoudnessSettings, written: Loudness, written_lufs: float) -> Master | None:
    """What `with_gain` makes a better master of, now that the file was measured; None if it is as it should be."""
    over_db, off_lu = _misses(master, settings, written, written_lufs)
    better = master
    if over_db and master.limit is not None:
        ceiling_dbtp = master.limit.ceiling_dbtp - over_db - PEAK_MARGIN_DB
        better = replace(better, limit=replace(master.limit, ceiling_dbtp=max(ceiling_dbtp, -20.0)))
    if off_lu:
        better = replace(better, codec_lu=master.codec_lu - off_lu)
    return None if better is master else better


def misses(master: Master, settings: LoudnessSettings, written: Loudness, written_lufs: float) -> tuple[str, ...]:
    """In words, by how much a written file misses its ceiling and its target."""
    over_db, off_lu = _misses(master, settings, written, written_lufs)
    found = []
    if over_db:
        found.append(f"the true peak of the written file is {over_db:.2f} dB above the ceiling of the preset")
    if off_lu:
        found.append(f"the written file is {off_lu:+.1f} LU off the target of {master.target_lufs} LUFS")
    return tuple(f"{text}: its codec changes the sound too much, give it more bits" for text in found)


def _misses(master: Master, settings: LoudnessSettings, written: Loudness, written_lufs: float) -> tuple[float, float]:
    """By how many dB the peaks and by how many LU the loudness are off; 0.0 where they are as they should be."""
    over_db = off_lu = 0.0
    if settings.true_peak_dbtp is not None:
        over_db = max(0.0, written.true_peak_dbtp - settings.true_peak_dbtp)
    if master.target_lufs is not None and isfinite(written_lufs) and not master.shortfall_lu:
        off_lu = written_lufs - master.target_lufs
    return over_db, off_lu if abs(off_lu) > min(LANDING_LU, settings.tolerance_lu) else 0.0


def _limiter(settings: LoudnessSettings, *, lossy: bool) -> Limit | None:
    if settings.true_peak_dbtp is None:
        return None
    headroom_db = LOSSY_HEADROOM_DB if lossy else 0.0
    return Limit(ceiling_dbtp=max(settings.true_peak_dbtp - headroom_db, -20.0))


def _gated(
    master: Master, settings: LoudnessSettings, programme: Programme, dialogue: Programme, sound: Audio
) -> Master:
    """``master`` with its target: the dialogue's, or the fallback for a programme in which hardly anybody speaks."""
    gated = DialogueGatedMeter(sound.sample_rate, sound.n_channels, sound.layout)
    for mix_block, dialogue_block in zip(programme(), dialogue(), strict=True):
        gated.add(mix_block, dialogue_block)
    if gated.dialogue_share < settings.min_dialogue_share:
        return replace(master, target_lufs=settings.fallback_lufs)
    return replace(master, target_lufs=settings.target_lufs, speech=gated.speech)
