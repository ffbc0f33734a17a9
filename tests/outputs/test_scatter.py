"""The picture of points: what is drawn where, read back from its pixels."""

import io

from PIL import Image

from vidsep.outputs.scatter import COLOURS, GUTTER, LEFT, PANEL, TOP, Panel, Series, scatter_png


def drawn(*panels: Panel) -> Image.Image:
    return Image.open(io.BytesIO(scatter_png(panels, "in", "out"))).convert("RGB")


def colour(picture: Image.Image, x: float, y: float) -> str:
    pixel = picture.getpixel((round(x), round(y)))
    assert isinstance(pixel, tuple)
    return "#" + "".join(f"{value:02x}" for value in pixel)


def test_a_point_stands_where_its_values_are() -> None:
    """The axes go from -10 to 30 dB in both directions, in steps of ten."""
    points = [Series("net", [(-10.0, -10.0), (30.0, 30.0), (0.0, 20.0)])]
    picture = drawn(Panel("dialogue", points))
    assert colour(picture, LEFT + PANEL * 10 / 40, TOP + PANEL * 10 / 40) == COLOURS[0]


def test_panels_stand_side_by_side_on_one_scale() -> None:
    panels = [Panel(name, [Series("a", [(0.0, 0.0)]), Series("b", [(0.0, 20.0)])]) for name in ("left", "right")]
    picture = drawn(*panels)
    assert picture.width == LEFT + 2 * (PANEL + GUTTER)
    for left in (LEFT, LEFT + PANEL + GUTTER):
        assert colour(picture, left + 1, TOP + 1) == COLOURS[1]


def test_values_beyond_the_axes_stand_at_the_edge() -> None:
    picture = drawn(Panel("solo", [Series("net", [(100.0, 100.0), (0.0, 0.0)])]))
    assert colour(picture, LEFT + PANEL, TOP) == COLOURS[0]


def test_no_points_no_trouble() -> None:
    assert drawn(Panel("empty", [Series("net", [])])).width == LEFT + PANEL + GUTTER
