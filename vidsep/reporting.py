"""Gathers what the report of a remix shows."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from vidsep import __version__
from vidsep.audio import FloatArray
from vidsep.delivery import Delivered, Heard, heard
from vidsep.hashing import sha256_of
from vidsep.media.info import described
from vidsep.media.mux import Written
from vidsep.mixing import old_music
from vidsep.outputs.report import Ducking, Picture, Programme, ReportData, Separation, StreamRow, write_report
from vidsep.plan import Plan
from vidsep.preset import to_toml
from vidsep.remixing import NewSound


def write_reports(plan: Plan, written: Written, tracks: Sequence[Delivered], model: str) -> tuple[Path, ...]:
    """The pages that the plan wants, one for each remixed track."""
    if plan.report is None:
        return ()
    output_sha256 = sha256_of(written.path)
    for track, page in zip(tracks, plan.pages, strict=True):
        write_report(report_data(plan, written, track, model, output_sha256), page, overwrite=plan.overwrite)
    return plan.pages


def report_data(plan: Plan, written: Written, track: Delivered, model: str, output_sha256: str) -> ReportData:
    """Everything that the page of ``track`` shows. The written file was listened to."""
    sound, loudness = track.sound, plan.preset.loudness
    picture = written.result.picture
    return ReportData(
        input_name=plan.info.path.name,
        output_name=plan.output.name,
        date=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        vidsep_version=__version__,
        preset_name=plan.preset.name,
        before=_programme(track.before or heard(sound.audio)),
        after=_programme(track.after or heard(sound.audio)),
        separation=Separation(model, sound.found, _old_music(sound)),
        target_lufs=sound.master.target_lufs,
        tolerance_lu=loudness.tolerance_lu,
        ceiling_dbtp=loudness.true_peak_dbtp,
        ducking=Ducking(sound.controls.duck, plan.preset.duck.difference_lu) if sound.controls.duck else None,
        picture=Picture(picture.n_packets, picture.sha256, picture.sha256) if picture.n_packets else None,
        streams=_stream_rows(plan, written),
        warnings=(
            *plan.warnings,
            *sound.soundtrack.warnings,
            *sound.master.warnings(),
            *track.misses,
            *written.result.warnings,
        ),
        settings_toml=to_toml(plan.preset),
        soundtrack_sha256=sound.soundtrack.sha256,
        output_sha256=output_sha256,
    )


def _programme(sound: Heard) -> Programme:
    return Programme(sound.audio, sound.meter.result(), sound.meter.loudness.short_term_lufs)


def _old_music(sound: NewSound) -> Iterable[FloatArray]:
    return old_music(sound.stems, sound.audio.sample_rate, sound.preset, sound.controls)


def _stream_rows(plan: Plan, written: Written) -> tuple[StreamRow, ...]:
    remixed = {stream.index for stream in plan.tracks}
    rows = []
    for stream in plan.info.streams:
        dropped = any(text.startswith(stream.describe()) for text in written.result.dropped)
        fate = "replaced" if stream.index in remixed else "dropped" if dropped else "copied"
        rows.append(StreamRow(stream.index, stream.kind, described(stream), fate))
    return tuple(rows)
