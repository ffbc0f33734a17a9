"""Curves as a picture: where they are drawn, and that any numbers can be."""

import io

import numpy as np
import pytest
from PIL import Image

from vidsep.outputs.lines import LEFT, RIGHT, WIDTH, Curve, Panel, lines_png
from vidsep.outputs.scatter import COLOURS


def picture(*panels: Panel) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(Image.open(io.BytesIO(lines_png(panels, "step"))).convert("RGB"))


def places(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", colour: str) -> tuple[int, int, int, int]:
    """Leftmost, rightmost, highest and lowest pixel of about that colour below the labels."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    rows, columns = np.nonzero(np.abs(pixels[45:].astype(int) - wanted).max(axis=-1) < 40)
    return int(columns.min()), int(columns.max()), int(rows.min()), int(rows.max())


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    rising = Curve("a", [(0, 0.0), (50, 5.0), (100, 10.0)])
    pixels = picture(Panel("loss", [Curve("none", []), rising]))
    left, right, top, bottom = places(pixels, COLOURS[1])
    assert left == pytest.approx(LEFT, abs=3)
    assert right == pytest.approx(WIDTH - RIGHT, abs=12)
    assert bottom - top > 180
    lower_left = pixels[45 + bottom - 4 : 45 + bottom + 4, LEFT : LEFT + 20]
    assert lower_left.min() < 200


@pytest.mark.parametrize(
    "points", [[], [(0.0, 1.0)], [(1.0, 0.0), (2.0, 0.0)], [(1.0, -1e9), (2.0, 1e9)], [(i, i % 7) for i in range(9999)]]
)
def test_any_points_can_be_drawn(points: list[tuple[float, float]]) -> None:
    assert picture(Panel("x", [Curve("a", points, dots=True)]), Panel("y", [])).shape[1] == WIDTH
