"""The report: one HTML page, complete in itself, that shows what was done to a soundtrack."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from vidsep.audio import STEM_NAMES
from vidsep.media.draft import draft
from vidsep.outputs import charts, figures
from vidsep.outputs.levels import measure_stems
from vidsep.outputs.report_data import Ducking, Picture, Programme, ReportData, Separation, StreamRow
from vidsep.outputs.segments import segments, spots_to_hear, whole
from vidsep.outputs.spectrogram import N_BANDS, RANGE_DB, spectrogram, top_level_db
from vidsep.outputs.verdicts import verdicts, with_unit

CLOCK_STEPS = ((2.0, 0.001), (120.0, 0.1))  # times of a clip under 2 s are given to 1 ms, under 2 minutes to 0.1 s

__all__ = ["Ducking", "Picture", "Programme", "ReportData", "Separation", "StreamRow", "render", "write_report"]


def write_report(data: ReportData, path: Path, *, overwrite: bool = False) -> None:
    """Write the report of ``data`` to ``path``; it appears there only when it is complete.

    Raises `OutputError` when the folder is missing or cannot be written, or when the file exists and ``overwrite`` is
    not set.
    """
    with draft(path, overwrite=overwrite) as page:
        page.write(render(data).encode("utf-8", "replace"))  # file names may hold what is not Unicode
        page.commit()


def render(data: ReportData) -> str:
    """The page. Sound is read block by block; time and memory are bounded however long it is."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = charts.number
    environment.filters["level"] = with_unit
    folder = files("vidsep.outputs")
    template = environment.from_string(folder.joinpath("report.html").read_text(encoding="utf-8"))
    style = folder.joinpath("report.css").read_text(encoding="utf-8")
    return template.render(data=data, style=Markup(style), **_contents(data))  # noqa: S704 - a file of ours


def _contents(data: ReportData) -> dict[str, Any]:
    """What the template shows beside ``data`` itself."""
    sound = data.before.audio
    ticks = charts.time_ticks(sound.seconds)
    before, after = spectrogram(sound), spectrogram(data.after.audio)
    top_db = top_level_db(before)
    contents: dict[str, Any] = {
        "x_ticks": ticks,
        "top_db": top_db,
        "low_db": top_db - RANGE_DB,
        "n_bands": N_BANDS,
        "spectrograms": [
            figures.picture("Before", before, top_db, sound.sample_rate),
            figures.picture("After", after, top_db, data.after.audio.sample_rate),
        ],
        "stems": [],
        "passages": [],
        "spots": [],
        "music": None,
        "whole": None,
        "loudness": figures.loudness(data, ticks) if sound.seconds >= 3.2 else None,
        "ducking": figures.ducking(data.ducking.curve, sound.seconds, ticks) if data.ducking else None,
    }
    levels = None
    if data.separation:
        levels, pictures = measure_stems(data.separation.stems, data.separation.music_after, sound)
        contents["passages"], contents["spots"] = segments(levels), spots_to_hear(levels)
        contents["whole"] = whole(levels)
        contents["music"] = figures.music(levels, contents["passages"], ticks)
        contents["stems"] = [
            figures.picture(name.capitalize(), pictures[name], top_db, sound.sample_rate) for name in STEM_NAMES
        ]
    step = next((step for longest, step in CLOCK_STEPS if sound.seconds < longest), 1.0)
    contents["clock"] = lambda seconds: charts.clock(seconds, step)
    contents["verdicts"] = verdicts(data, levels)
    return contents
