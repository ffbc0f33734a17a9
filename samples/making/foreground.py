"""What stands between the camera and the lake: grass, trees out of focus, a bread van. Painted once, moved later.

A sprite is linear light times cover, and cover: float32 ``(height, width, 4)``.
"""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from samples.making.noise import Image, fractal


def grass(rng: np.random.Generator, width: int, tall: int) -> Image:
    """A bank of grass and seed heads, dark below, its tips lit from behind."""
    scale = 2
    canvas = Pillow.new("RGBA", (width * scale, tall * scale), (20, 24, 10, 0))
    draw = ImageDraw.Draw(canvas)
    bank = 0.30 + 0.06 * fractal(rng, (width * scale,), 1.8, largest=900)
    edge = [(x, tall * scale * (1 - bank[x])) for x in range(0, width * scale, 8)]
    draw.polygon([(0, tall * scale), *edge, (width * scale, tall * scale)], fill=(13, 16, 8, 255))
    clumps = fractal(rng, (width * scale,), 1.0, largest=500)
    count = width * 3
    for number in range(count):
        depth = number / count  # from far to near: nearer blades are longer and darker
        x = int(rng.integers(0, width * scale))
        root = tall * scale * (1 - bank[x] * (1 - 0.9 * depth)) + 6
        length = tall * scale * rng.uniform(0.12, 0.30) * (1 + 0.55 * max(-0.6, clumps[x])) * (0.7 + 0.6 * depth)
        _blade(draw, rng, x, root, length, depth)
    small = canvas.resize((width, tall), Pillow.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.9))
    return _sprite(small)


def _blade(
    draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, root: float, length: float, depth: float
) -> None:
    """One curved stalk that gets lighter upwards, sometimes with a seed head."""
    lean, bend = rng.normal(0.05, 0.16), rng.normal(0.12, 0.2)
    warm = rng.random()
    base, tip = np.array([16, 20, 9]), np.array([118, 98, 34]) if warm < 0.45 else np.array([66, 78, 26])
    thick = rng.uniform(1.6, 4.2) * (0.6 + 0.7 * depth)
    points = 9
    u = np.linspace(0, 1, points + 1)
    xs, ys = x + length * (lean * u + bend * u * u), root - length * u * (1 - 0.25 * bend * bend * u)
    for i in range(points):
        mix = u[i] ** 1.3 * (1 - 0.55 * depth)
        red, green, blue = (int(c) for c in base * (1 - mix) + tip * mix)
        draw.line(
            [(xs[i], ys[i]), (xs[i + 1], ys[i + 1])],
            fill=(red, green, blue, 255),
            width=max(1, round(thick * (1.1 - u[i]))),
        )
    if warm > 0.975:
        for i in range(10):
            at = np.interp(0.78 + 0.022 * i, u, xs), np.interp(0.78 + 0.022 * i, u, ys)
            draw.ellipse((at[0] - 4, at[1] - 7, at[0] + 4, at[1] + 7), fill=(96, 74, 34, 255))


def tree(rng: np.random.Generator, width: int, tall: int, blur: float) -> Image:
    """A trunk with hanging twigs, so near that the lens does not hold it sharp."""
    canvas = Pillow.new("RGBA", (width, tall), (12, 11, 8, 0))
    draw = ImageDraw.Draw(canvas)
    middle, thick = width * 0.5, width * 0.055
    sway = 6 * fractal(rng, (tall,), 1.9, largest=900)
    left = [(middle - thick * (1 + 0.5 * (y / tall) ** 3) + sway[y], y) for y in range(0, tall, 6)]
    right = [(middle + thick * (1 + 0.5 * (y / tall) ** 3) + sway[y], y) for y in range(0, tall, 6)]
    draw.polygon([*left, *reversed(right)], fill=(15, 12, 9, 255))
    draw.polygon([*right, *[(x - 0.4 * thick, y) for x, y in reversed(right)]], fill=(60, 42, 22, 255))
    for _ in range(26):
        y, side = rng.uniform(-20, tall * 0.55), rng.choice((-1, 1))
        x, angle = middle + sway[int(max(y, 0))], rng.uniform(-0.5, 0.25)
        for _ in range(22):
            end = x + side * 11, y + 11 * angle
            draw.line([(x, y), end], fill=(17, 14, 9, 255), width=3)
            x, y = end
            angle += 0.05
            for _ in range(4):
                dx, dy, size = rng.normal(0, 13), rng.normal(8, 13), rng.uniform(2.5, 6)
                tone = rng.uniform(0.5, 1.7)
                leaf = (int(34 * tone), int(38 * tone), int(12 * tone), 255)
                draw.ellipse((x + dx - size, y + dy - size, x + dx + size, y + dy + size * 0.7), fill=leaf)
    return _sprite(canvas.filter(ImageFilter.GaussianBlur(blur)))


def bread_van(width: int, tall: int, smear: int) -> Image:
    """A cream van from the side, drawn out by ``smear`` pixels of motion."""
    canvas = Pillow.new("RGBA", (width + 2 * smear, tall), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)

    def box(x0: float, y0: float, x1: float, y1: float, colour: tuple[int, int, int], radius: float = 0.0) -> None:
        corners = (smear + x0 * width, y0 * tall, smear + x1 * width, y1 * tall)
        draw.rounded_rectangle(corners, radius * tall, fill=(*colour, 255))

    def wheel(x: float, size: float, colour: tuple[int, int, int]) -> None:
        at, reach = smear + x * width, size * tall
        draw.ellipse((at - reach, 0.86 * tall - reach, at + reach, 0.86 * tall + reach), fill=(*colour, 255))

    box(0.00, 0.02, 0.74, 0.84, (148, 134, 104), 0.05)
    box(0.60, 0.10, 0.93, 0.84, (148, 134, 104), 0.16)
    box(0.72, 0.44, 1.00, 0.84, (140, 126, 98), 0.10)
    box(0.00, 0.02, 0.72, 0.06, (206, 186, 150), 0.02)
    box(0.73, 0.17, 0.88, 0.44, (46, 58, 66), 0.06)
    box(0.00, 0.50, 0.98, 0.58, (104, 34, 22))
    box(0.10, 0.20, 0.56, 0.40, (118, 84, 44), 0.08)
    box(0.01, 0.80, 0.99, 0.88, (18, 17, 16), 0.03)
    box(0.965, 0.56, 1.00, 0.64, (255, 236, 180), 0.03)
    for x in (0.17, 0.82):
        wheel(x, 0.135, (12, 12, 12))
        wheel(x, 0.07, (70, 68, 64))
    pixels = _sprite(canvas)
    sums = np.cumsum(np.pad(pixels, ((0, 0), (smear + 1, smear), (0, 0))), axis=1, dtype=np.float64)
    width_all = 2 * smear + 1
    return np.asarray((sums[:, width_all:] - sums[:, :-width_all]) / width_all, dtype=np.float32)[:, : pixels.shape[1]]


def _sprite(canvas: Pillow.Image) -> Image:
    """The painted picture (sRGB) in linear light, multiplied by its cover."""
    pixels = np.asarray(canvas, dtype=np.float32) / 255
    cover = pixels[..., 3:]
    return np.concatenate([pixels[..., :3] ** 2.2 * cover, cover], axis=2)
