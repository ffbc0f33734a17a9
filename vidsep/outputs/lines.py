"""Curves in panels above each other as a picture file: what changed along one axis that they share."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from vidsep.outputs.scatter import CARD, COLOURS, FINER, INK, LINE, PAPER, SOFT

WIDTH, LEFT, RIGHT, TOP, BOTTOM, GAP = 900, 70, 24, 20, 52, 46  # pixels
MOST_TICKS = 6
MOST_POINTS = 2000  # of a curve: above, neighbours are averaged
DOT = 3.5

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """Points ``(x, y)`` from left to right; with ``dots`` each of them shows."""

    label: str
    points: Sequence[Point]
    dots: bool = False


@dataclass(frozen=True)
class Panel:
    """Some curves on one scale; ``height`` in pixels."""

    title: str
    curves: Sequence[Curve]
    height: int = 220


def lines_png(panels: Sequence[Panel], x_label: str) -> bytes:
    """A PNG of ``panels`` over one horizontal axis from zero on."""
    farthest = max([point[0] for panel in panels for curve in panel.curves for point in curve.points], default=0) or 1.0
    height = TOP + sum(panel.height + GAP for panel in panels) - GAP + BOTTOM
    picture = Image.new("RGB", (WIDTH * FINER, height * FINER), PAPER)
    pen = ImageDraw.Draw(picture)
    top = float(TOP)
    for panel in panels:
        _panel(pen, top + GAP / 2, panel, farthest)
        top += panel.height + GAP
    _text(pen, ((LEFT + WIDTH - RIGHT) / 2, height - 20), x_label, SOFT, "mt")
    file = io.BytesIO()
    picture.resize((WIDTH, height), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _panel(pen: ImageDraw.ImageDraw, top: float, panel: Panel, farthest: float) -> None:
    height = panel.height - GAP / 2
    right = WIDTH - RIGHT
    low, high, step = _scale([point[1] for curve in panel.curves for point in curve.points])
    last, x_step = farthest, _scale([0.0, farthest])[2]

    def at(x: float, y: float) -> Point:
        return LEFT + (right - LEFT) * x / last, top + height * (1 - (y - low) / (high - low))

    pen.rectangle(_scaled([(LEFT, top), (right, top + height)]), fill=CARD)
    for number in range(round((high - low) / step) + 1):
        x, y = at(0, low + number * step)
        pen.line(_scaled([(x, y), (right, y)]), fill=LINE, width=FINER)
        _text(pen, (x - 8, y), f"{low + number * step:.6g}", SOFT, "rm")
    for number in range(math.floor(last / x_step) + 1):
        x, y = at(number * x_step, low)
        pen.line(_scaled([(x, top), (x, y)]), fill=LINE, width=FINER)
        _text(pen, (x, y + 6), f"{number * x_step:g}", SOFT, "mt")
    _text(pen, (LEFT, top - 6), panel.title, INK, "ls", 13)
    _curves(pen, panel, [[at(*point) for point in _thin(curve.points)] for curve in panel.curves], top)


def _curves(pen: ImageDraw.ImageDraw, panel: Panel, drawn: Sequence[Sequence[Point]], top: float) -> None:
    place = float(WIDTH - RIGHT)
    for colour, curve, points in reversed(list(zip(COLOURS, panel.curves, drawn, strict=False))):
        if len(points) > 1:
            pen.line(_scaled(points), fill=colour, width=2 * FINER - 1, joint="curve")
        for x, y in points if curve.dots or len(points) == 1 else []:
            pen.ellipse(_scaled([(x - DOT, y - DOT), (x + DOT, y + DOT)]), fill=colour)
        _text(pen, (place, top - 6), curve.label, colour, "rs")
        place -= pen.textlength(curve.label, _font(12)) / FINER + 16


def _scale(values: Sequence[float]) -> tuple[float, float, float]:
    """Lowest and highest value of an axis that holds ``values``, and a round step between its ticks."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    least = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-9) / (MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    return first * step, max(math.ceil(high / step - 1e-9), first + 1) * step, step


def _thin(points: Sequence[Point]) -> Sequence[Point]:
    """At most `MOST_POINTS`, each the mean of neighbours."""
    size = math.ceil(len(points) / MOST_POINTS) or 1
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    return [(sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group)) for group in groups]


def _text(pen: ImageDraw.ImageDraw, place: Point, words: str, fill: str, anchor: str, size: int = 12) -> None:
    pen.text(_scaled([place])[0], words, fill, _font(size), anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * FINER)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * FINER, y * FINER) for x, y in points]
