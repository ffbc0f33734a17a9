"""The figures of a report: pictures and curves over one time axis."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from vidsep.audio import FloatArray
from vidsep.dsp.curve import GainCurve
from vidsep.loudness.gating import Levels, to_lufs
from vidsep.outputs import charts, spectrogram
from vidsep.outputs.charts import Axis, Tick
from vidsep.outputs.levels import StemLevels
from vidsep.outputs.report_data import Programme, ReportData
from vidsep.outputs.segments import Segment, smooth

READ_OUT_POINTS = 500  # values kept for the read-out under the pointer
LOWEST_LUFS = -70.0
CURVE_SECONDS = 1.0  # the music's curves are averaged over so long,
CURVE_PARTS = 400  # and in long programmes over one part of so many
FREQUENCIES_HZ = (100, 300, 1000, 3000, 10_000)


@dataclass(frozen=True)
class Figure:
    """A drawing with its axis: ``legend`` holds (CSS class, words), ``read_out`` named values along the time."""

    name: str
    drawing: Markup
    y_ticks: tuple[Tick, ...]
    unit: str
    legend: tuple[tuple[str, str], ...] = ()
    read_out: str = "[]"


def picture(name: str, levels_db: FloatArray, top_db: float, sample_rate: int) -> Figure:
    """A spectrogram."""
    data = base64.b64encode(spectrogram.to_png(levels_db, top_db)).decode("ascii")
    drawing = Markup('<img src="data:image/png;base64,{}" alt="Spectrogram: {}">').format(data, name)
    scale = spectrogram.Scale.of(sample_rate)
    heights = ((hz, 100 * scale.height(hz)) for hz in FREQUENCIES_HZ if hz < 0.9 * scale.high_hz)
    ticks = tuple(Tick(height, f"{hz // 1000} k" if hz >= 1000 else str(hz)) for hz, height in heights)
    return Figure(name, drawing, ticks, "Hz")


def loudness(data: ReportData, x_ticks: Sequence[Tick]) -> Figure:
    """Short-term loudness before and after, with the target."""
    total = data.before.audio.seconds
    before, after = _short_term(data.before), _short_term(data.after)
    target = [] if data.target_lufs is None else [np.array([data.target_lufs])]
    axis = charts.level_axis([before[1], after[1], *target], LOWEST_LUFS)
    parts = [charts.grid(x_ticks, y_ticks := charts.level_ticks(axis, 6))]
    legend = [("before", "before"), ("after", "after")]
    if data.target_lufs is not None:
        reach = max(data.tolerance_lu, 0.2)
        parts.append(charts.band(data.target_lufs - reach, data.target_lufs + reach, axis, "target"))
        legend.append(("target", f"target {charts.number(data.target_lufs)}"))
    parts += [charts.line(*before, total, axis, "before"), charts.line(*after, total, axis, "after")]
    return Figure(
        name="Short-term loudness",
        drawing=charts.drawing("Short-term loudness before and after", *parts),
        y_ticks=tuple(y_ticks),
        unit="LUFS",
        legend=tuple(legend),
        read_out=_read_out(total, before=before, after=after),
    )


def music(levels: StemLevels, parts: Sequence[Segment], x_ticks: Sequence[Tick]) -> Figure:
    """The old music before and after; the surface between is what was taken out."""
    seconds, total = levels.seconds, levels.total_seconds
    window = max(CURVE_SECONDS, total / CURVE_PARTS)
    before, after = (to_lufs(smooth(power, window, levels)) for power in (levels.music, levels.music_after))
    axis = charts.level_axis([before, after], LOWEST_LUFS, step=10)
    y_ticks = charts.level_ticks(axis, 10)
    quiet = [
        charts.stretch(part.start_seconds, part.end_seconds, total, "quiet") for part in parts if not part.has_music
    ]
    drawing = charts.drawing(
        "Loudness of the old music before and after",
        *quiet,
        charts.grid(x_ticks, y_ticks),
        charts.area(seconds, np.maximum(before, after), after, total, axis, "removed"),
        charts.line(seconds, before, total, axis, "before"),
        charts.line(seconds, after, total, axis, "music"),
    )
    legend = (("before", "before"), ("music", "after"), ("removed", "taken out"), ("quiet", "no music found"))
    read_out = _read_out(total, before=(seconds, before), after=(seconds, after))
    return Figure("Loudness of the old music", drawing, tuple(y_ticks), "LUFS", legend, read_out)


def ducking(curve: GainCurve, total_seconds: float, x_ticks: Sequence[Tick]) -> Figure:
    """The gain of the music under the voice."""
    seconds = np.arange(len(curve.gain_db)) / curve.rate_hz
    gain_db = np.asarray(curve.gain_db, dtype=np.float64)
    axis = Axis(min(-12.0, 6 * np.floor((gain_db.min(initial=0.0) - 1) / 6)), 0.0)
    y_ticks = charts.level_ticks(axis, 6 if axis.low > -40 else 12)
    drawing = charts.drawing(
        "Gain of the music",
        charts.grid(x_ticks, y_ticks),
        charts.area(seconds, np.zeros_like(gain_db), gain_db, total_seconds, axis, "duck"),
        charts.line(seconds, gain_db, total_seconds, axis, "music"),
    )
    legend = (("music", "gain of the music"),)
    return Figure("Ducking", drawing, tuple(y_ticks), "dB", legend, _read_out(total_seconds, music=(seconds, gain_db)))


def _short_term(programme: Programme) -> tuple[Levels, Levels]:
    """Times (the middle of each 3 s) and values of the windows that lie wholly inside the programme."""
    values = np.asarray(programme.short_term_lufs, dtype=np.float64)
    first = 29  # the window that ends at 3.0 s
    seconds = 0.1 * (np.arange(len(values), dtype=np.float64) + 1) - 1.5
    return seconds[first:], values[first:]


def _read_out(total_seconds: float, **curves: tuple[Levels, Levels]) -> str:
    """Each curve at even times, rounded, as JSON ``[[name, [values]], ...]``; silence is null."""
    times = (np.arange(READ_OUT_POINTS) + 0.5) * total_seconds / READ_OUT_POINTS
    rows = []
    for name, (seconds, values) in curves.items():
        if len(seconds):
            nearest = values[np.clip(np.searchsorted(seconds, times), 0, len(seconds) - 1)]
            rows.append([name, [round(float(v), 1) if np.isfinite(v) else None for v in nearest]])
    return json.dumps(rows, separators=(",", ":"))
