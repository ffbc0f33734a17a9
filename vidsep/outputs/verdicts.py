"""The few sentences at the top of a report: what was promised, and whether it was kept."""

import math
from dataclasses import dataclass

from vidsep.loudness.gating import mean_lufs
from vidsep.outputs.charts import clock, number
from vidsep.outputs.levels import StemLevels
from vidsep.outputs.report_data import Ducking, Picture, ReportData
from vidsep.outputs.segments import music_plays

GOOD, WATCH, PLAIN = "good", "watch", "plain"  # kept; look at it; nothing was promised
GONE_LUFS = -70.0  # the absolute gate of BS.1770-4: quieter is not counted as programme


@dataclass(frozen=True)
class Verdict:
    """One promise: ``value`` is the short answer, ``detail`` a sentence, ``state`` one of the three words above."""

    title: str
    value: str
    detail: str
    state: str


def verdicts(data: ReportData, levels: StemLevels | None) -> list[Verdict]:
    """The promises that apply to this run."""
    found = [_picture(data.picture)] if data.picture else []
    found += [_loudness(data), _true_peak(data)]
    if levels is not None:
        found.append(_music(levels))
    if data.ducking:
        found.append(_ducking(data.ducking))
    return [*found, _length(data)]


def _picture(picture: Picture) -> Verdict:
    packets = f"{picture.n_packets:,} packets".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if picture.sha256_before == picture.sha256_after:
        return Verdict("Picture", "Identical", f"{packets}, copied bit for bit", GOOD)
    return Verdict("Picture", "Differs", f"the hashes of its {packets} are not the same", WATCH)


def _loudness(data: ReportData) -> Verdict:
    before, after = data.before.loudness.integrated_lufs, data.after.loudness.integrated_lufs
    value = with_unit(after, "LUFS")
    if data.target_lufs is None:
        return Verdict("Loudness", value, f"{with_unit(before, 'LUFS')} before; no target was set", PLAIN)
    kept = abs(after - data.target_lufs) <= data.tolerance_lu
    detail = f"target {number(data.target_lufs)} ± {data.tolerance_lu:g}; {with_unit(before, 'LUFS')} before"
    return Verdict("Loudness", value, detail, GOOD if kept else WATCH)


def _true_peak(data: ReportData) -> Verdict:
    peak = data.after.loudness.true_peak_dbtp
    value, before = with_unit(peak, "dBTP"), with_unit(data.before.loudness.true_peak_dbtp, "dBTP")
    if data.ceiling_dbtp is None:
        return Verdict("True peak", value, f"{before} before; no ceiling was set", PLAIN)
    detail = f"ceiling {number(data.ceiling_dbtp)}; {before} before"
    kept = round(peak, 1) <= data.ceiling_dbtp  # as it is shown; meters differ by more (EBU Tech 3341: 0.2 dB)
    return Verdict("True peak", value, detail, GOOD if kept else WATCH)


def _music(levels: StemLevels) -> Verdict:
    playing = music_plays(levels)
    if not playing.any():
        return Verdict("Music", "None found", "the network heard no music in this soundtrack", PLAIN)
    before, after = mean_lufs(levels.music[playing]), mean_lufs(levels.music_after[playing])
    change = f"{number(before)} to {number(after)} LUFS where it played"
    if after < GONE_LUFS:
        return Verdict("Old music", "Taken out", "all that the network found; what it missed may remain", PLAIN)
    if abs(before - after) < 0.5:
        return Verdict("Old music", "As it was", change, PLAIN)
    word = "Reduced" if before > after else "Raised"
    return Verdict("Old music", f"{word} by {abs(before - after):.0f} LU", change, PLAIN)


def _ducking(ducking: Ducking) -> Verdict:
    reached, asked = ducking.curve.reached_difference_lu, ducking.asked_difference_lu
    if reached is None:
        return Verdict("Voice over music", "Not needed", "no speech, or no music under it", PLAIN)
    state = GOOD if reached >= asked - 1 else WATCH
    return Verdict(
        "Voice over music", f"{number(reached)} LU", f"asked for {number(asked)} LU while someone speaks", state
    )


def _length(data: ReportData) -> Verdict:
    before, after = data.before.audio, data.after.audio
    value = clock(after.seconds, 0.001)
    if (before.n_samples, before.sample_rate) == (after.n_samples, after.sample_rate):
        return Verdict("Length", value, "the same to the sample", GOOD)
    change_ms = 1000 * (after.seconds - before.seconds)
    state = GOOD if abs(change_ms) < 1 else WATCH
    return Verdict("Length", value, f"{number(change_ms)} ms against the input", state)


def with_unit(value: float, unit: str) -> str:
    """A measured level, or "silence" for minus infinity."""
    return f"{number(value)} {unit}" if math.isfinite(value) else "silence"
