"""Axes and curves as SVG. The drawings stretch to any width, so they hold no words.

Tick labels are HTML beside the drawing (report.html): they keep their size on a telephone and on paper.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from vidsep.loudness.gating import Levels

WIDTH, HEIGHT = 1000, 100  # of the drawing, stretched to the page's width and the figure's height
MOST_POINTS = 1200
TIME_STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MOST_TIME_TICKS = 12


@dataclass(frozen=True)
class Tick:
    """A label on an axis at ``percent`` of its length; every second one is ``minor`` and left out on narrow screens."""

    percent: float
    label: str
    minor: bool = False


@dataclass(frozen=True)
class Axis:
    """Levels from ``low`` (0 %) to ``high`` (100 %)."""

    low: float
    high: float

    def percent(self, value: float) -> float:
        """Place of a value, held inside the axis."""
        inside = min(max(value, self.low), self.high)
        return 100 * (inside - self.low) / (self.high - self.low)


def clock(seconds: float, step: float = 1.0) -> str:
    """A time as people write it, with decimals where ``step`` needs them.

    >>> clock(75), clock(3725), clock(0.25, 0.05)
    ('1:15', '1:02:05', '0:00.25')
    """
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9)) if step < 1 else 0
    units = round(seconds * 10**decimals)
    whole, part = divmod(units, 10**decimals)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{part:0{decimals}}" if decimals else text


def time_ticks(total_seconds: float) -> list[Tick]:
    """Round times along a programme, at most a dozen."""
    if total_seconds <= 0:
        return []
    step = _time_step(total_seconds / MOST_TIME_TICKS)
    count = math.floor(total_seconds / step + 1e-9)
    return [Tick(100 * k * step / total_seconds, clock(k * step, step), minor=k % 2 == 1) for k in range(count + 1)]


def _time_step(least: float) -> float:
    if least <= TIME_STEPS_SECONDS[0]:
        return min(1.0, _round_step(least))
    return next((step for step in TIME_STEPS_SECONDS if step >= least), 3600.0 * math.ceil(least / 3600))


def _round_step(least: float) -> float:
    """The next number of the kind 1, 2, 5, 10, 20, 50..."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def level_axis(curves: Sequence[Levels], lowest: float, step: float = 6.0) -> Axis:
    """An axis in steps of ``step`` dB that holds the curves; what lies under ``lowest`` is cut off."""
    heard = [values[values > lowest] for values in curves]
    found = np.concatenate([np.zeros(0), *heard])
    if not found.size:
        return Axis(lowest, lowest + 4 * step)
    low = step * math.floor((float(found.min()) - 1) / step)
    high = step * math.ceil((float(found.max()) + 1) / step)
    return Axis(max(low, step * math.floor(lowest / step)), high)


def level_ticks(axis: Axis, step: float) -> list[Tick]:
    """Multiples of ``step``; the minus sign is a real one."""
    first = math.ceil(axis.low / step)
    last = math.floor(axis.high / step)
    return [Tick(axis.percent(k * step), number(k * step, 0), minor=False) for k in range(first, last + 1)]


def number(value: float, decimals: int = 1) -> str:
    r"""A number with a real minus sign and no minus zero.

    >>> number(-13.96) == "\N{MINUS SIGN}14.0", number(-0.01)
    (True, '0.0')
    """
    text = f"{round(value, decimals) + 0.0:.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def thin(seconds: Levels, values: Levels) -> tuple[Levels, Levels]:
    """At most ``MOST_POINTS`` points of a curve that keep its highest and lowest values."""
    size = 2 * math.ceil(len(values) / MOST_POINTS)
    if size <= 2:
        return seconds, values
    n_groups = math.ceil(len(values) / size)
    pad = n_groups * size - len(values)
    grid = np.pad(values, (0, pad), mode="edge").reshape(n_groups, size)
    times = np.pad(seconds, (0, pad), mode="edge").reshape(n_groups, size)
    rows = np.arange(n_groups)
    ends = np.sort(np.stack([grid.argmin(axis=1), grid.argmax(axis=1)], axis=1), axis=1)
    return times[rows[:, None], ends].ravel(), grid[rows[:, None], ends].ravel()


def line(seconds: Levels, values: Levels, total_seconds: float, axis: Axis, css_class: str) -> Markup:
    """A curve; where it falls below the axis it breaks off."""
    seconds, values = thin(seconds, values)
    pen, commands = "M", []
    for x, y, inside in zip(*_points(seconds, values, total_seconds, axis), values >= axis.low, strict=True):
        commands.append(f"{pen if inside else 'M'}{x:.1f} {y:.2f}")
        pen = "L" if inside else "M"
    return Markup('<path class="{}" d="{}"/>').format(css_class, "".join(commands))


def area(seconds: Levels, top: Levels, bottom: Levels, total_seconds: float, axis: Axis, css_class: str) -> Markup:
    """The surface between two curves that share their times."""
    there = zip(*_points(*thin(seconds, top), total_seconds, axis), strict=True)
    back = zip(*_points(*thin(seconds, bottom), total_seconds, axis), strict=True)
    points = [*there, *reversed(list(back))]
    return Markup('<path class="{}" d="M{}Z"/>').format(css_class, "L".join(f"{x:.1f} {y:.2f}" for x, y in points))


def band(low: float, high: float, axis: Axis, css_class: str) -> Markup:
    """A level stripe across the whole width."""
    top, bottom = 100 - axis.percent(high), 100 - axis.percent(low)
    return Markup('<rect class="{}" x="0" width="{}" y="{}" height="{}"/>').format(
        css_class, WIDTH, f"{top:.2f}", f"{bottom - top:.2f}"
    )


def stretch(start: float, end: float, total_seconds: float, css_class: str) -> Markup:
    """A stretch of time over the whole height."""
    left, right = (WIDTH * min(1.0, seconds / total_seconds) for seconds in (start, end))
    return Markup('<rect class="{}" x="{}" width="{}" y="0" height="{}"/>').format(
        css_class, f"{left:.2f}", f"{right - left:.2f}", HEIGHT
    )


def grid(x_ticks: Sequence[Tick], y_ticks: Sequence[Tick]) -> Markup:
    """Hair lines at the ticks."""
    upright = "".join(f"M{tick.percent * WIDTH / 100:.1f} 0V{HEIGHT}" for tick in x_ticks)
    level = "".join(f"M0 {100 - tick.percent:.2f}H{WIDTH}" for tick in y_ticks)
    return Markup('<path class="grid" d="{}"/>').format(upright + level)


def drawing(label: str, *parts: Markup) -> Markup:
    """The SVG of one chart; ``label`` is what a screen reader says."""
    return Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup().join(parts)
    )


def _points(seconds: Levels, values: Levels, total_seconds: float, axis: Axis) -> tuple[Levels, Levels]:
    x = WIDTH * np.clip(seconds / total_seconds, 0.0, 1.0)
    y = HEIGHT * (1 - (np.clip(values, axis.low, axis.high) - axis.low) / (axis.high - axis.low))
    return x, y
