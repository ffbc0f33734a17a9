"""Points in panels side by side as a picture file: what came out over what went in."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

PAPER, CARD, INK, SOFT, LINE = "#faf9f6", "#ffffff", "#1d1c1a", "#67635c", "#e3dfd7"  # those of report.css
COLOURS = ("#8b867d", "#2563c9", "#cf4a24", "#1c7f54", "#a15c00", "#5b7f95")  # of the series in their order

PANEL, GUTTER, LEFT, TOP, BOTTOM = 320, 28, 62, 76, 56  # pixels
FINER = 3  # drawn so much larger and then shrunk: even edges
STEP_DB = 10.0
LOWEST_DB, HIGHEST_DB = -30.0, 50.0  # points beyond stand at the edge
RADIUS = 3.5

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Points ``(x, y)`` in dB of one colour."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Panel:
    """A square with a title; the series of all panels are the same ones."""

    title: str
    series: Sequence[Series]


def scatter_png(panels: Sequence[Panel], x_label: str, y_label: str) -> bytes:
    """A PNG of ``panels`` with one scale; a line marks where both values are equal."""
    low, high = _range([point for panel in panels for series in panel.series for point in series.points])
    width = LEFT + len(panels) * (PANEL + GUTTER)
    picture = Image.new("RGB", (width * FINER, (TOP + PANEL + BOTTOM) * FINER), PAPER)
    pen = ImageDraw.Draw(picture)
    _legend(pen, panels[0].series)
    for number, panel in enumerate(panels):
        _panel(pen, LEFT + number * (PANEL + GUTTER), panel, low, high, is_first=number == 0)
    middle = LEFT + (width - LEFT - GUTTER) / 2
    _text(pen, (middle, TOP + PANEL + 32), x_label, SOFT, "mt")
    upright = Image.new("L", (PANEL * FINER, 20 * FINER))
    _text(ImageDraw.Draw(upright), (PANEL / 2, 10), y_label, 255, "mm")
    picture.paste(SOFT, (4 * FINER, TOP * FINER), upright.rotate(90, expand=True))
    file = io.BytesIO()
    picture.reduce(FINER).save(file, "PNG", optimize=True)
    return file.getvalue()


def _range(points: Sequence[Point]) -> tuple[float, float]:
    """From a multiple of ten to another one that hold all points, within limits."""
    values = [min(max(value, LOWEST_DB), HIGHEST_DB) for point in points for value in point] or [0.0]
    low = STEP_DB * math.floor(min(values) / STEP_DB)
    return low, max(low + 2 * STEP_DB, STEP_DB * math.ceil(max(values) / STEP_DB))


def _panel(pen: ImageDraw.ImageDraw, left: float, panel: Panel, low: float, high: float, *, is_first: bool) -> None:
    def at(x: float, y: float) -> Point:
        places = [(min(max(value, low), high) - low) / (high - low) for value in (x, y)]
        return (left + PANEL * places[0], TOP + PANEL * (1 - places[1]))

    pen.rectangle(_scaled([(left, TOP), (left + PANEL, TOP + PANEL)]), fill=CARD)
    for step in range(round((high - low) / STEP_DB) + 1):
        value = low + step * STEP_DB
        label = f"{value:.0f}"  # the font has no real minus sign
        pen.line(_scaled([at(value, low), at(value, high)]), fill=LINE, width=FINER)
        pen.line(_scaled([at(low, value), at(high, value)]), fill=LINE, width=FINER)
        x, y = at(value, low)
        _text(pen, (x, y + 7), label, SOFT, "mt")
        if is_first:
            x, y = at(low, value)
            _text(pen, (x - 8, y), label, SOFT, "rm")
    pen.line(_scaled([at(low, low), at(high, high)]), fill=SOFT, width=FINER)
    for colour, series in zip(_colours(panel.series), panel.series, strict=True):
        for point in series.points:
            x, y = at(*point)
            pen.ellipse(
                _scaled([(x - RADIUS, y - RADIUS), (x + RADIUS, y + RADIUS)]), fill=colour, outline=CARD, width=2
            )
    _text(pen, (left, TOP - 10), panel.title, INK, "ls", 15)


def _legend(pen: ImageDraw.ImageDraw, series: Sequence[Series]) -> None:
    left = float(LEFT)
    for colour, one in zip(_colours(series), series, strict=True):
        pen.ellipse(_scaled([(left, 19), (left + 9, 28)]), fill=colour)
        _text(pen, (left + 15, 24), one.label, INK, "lm")
        left += 15 + 24 + pen.textlength(one.label, _font(12)) / FINER


def _colours(series: Sequence[Series]) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(len(series))]


def _text(pen: ImageDraw.ImageDraw, place: Point, words: str, fill: str | int, anchor: str, size: int = 12) -> None:
    pen.text(_scaled([place])[0], words, fill, _font(size), anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * FINER)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * FINER, y * FINER) for x, y in points]
