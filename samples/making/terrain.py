"""Hills as a landscape painter builds them: a height field seen from the side, lit, drawn from near to far."""

from dataclasses import dataclass

import numpy as np

from samples.making.noise import Image, fractal, smoothstep


@dataclass(frozen=True)
class Hills:
    """A strip of hills: what they cover (0 to 1), and how much sun each spot gets (0 to about 1.4)."""

    cover: Image
    shade: Image


def mountains(rng: np.random.Generator, width: int, tall: int, sharp: float) -> Hills:
    """Ridges of rock; ``tall`` is the highest summit in pixels, ``sharp`` 0 (downs) to 1 (alps)."""
    depth = 320
    rough = fractal(rng, (depth, width), 2.25, largest=width / 3)
    folds = 1 - np.abs(fractal(rng, (depth, width), 2.3, largest=width / 4)) * 0.8
    field = (1 - sharp) * (0.5 + 0.22 * rough) + sharp * np.clip(0.55 * folds + 0.18 * rough, 0, None)
    rise = np.linspace(0, 1, depth, dtype=np.float32)[:, None] ** 0.8  # low near the lake, high at the back
    crags = 0.012 * sharp * fractal(rng, (depth, width), 1.5, largest=60)
    return _draw((np.maximum(field, 0) + crags) * rise * tall, tall + 60, np.float32(0.10))


def forest(rng: np.random.Generator, width: int, tall: int) -> Hills:
    """A wooded slope: rounded ground, thousands of pointed trees."""
    depth = 150
    ground = np.clip(0.45 + 0.28 * fractal(rng, (depth, width), 2.1, largest=width / 2), 0.05, None)
    ground = ground * np.linspace(0.12, 1, depth, dtype=np.float32)[:, None] * tall * 0.7
    trees = np.zeros_like(ground)
    x = np.arange(width)
    for _ in range(width * 8):
        row, at = int(rng.integers(0, depth)), rng.uniform(0, width)
        size = rng.uniform(6, 17) * (1.2 - 0.6 * row / depth)
        near = np.abs(x[max(0, int(at) - 12) : int(at) + 13] - at)
        cone = np.clip(size - near * (3.2 + np.sin(size * 9)) + rng.uniform(-1, 1, len(near)), 0, None)
        part = trees[row, max(0, int(at) - 12) : int(at) + 13]
        np.maximum(part, cone, out=part)
    drawn = _draw(ground + trees, tall + 60, np.float32(0.35))
    return Hills(drawn.cover, np.float32(0.25) + np.float32(0.3) * drawn.shade)


def _draw(field: Image, canvas: int, tilt: np.float32) -> Hills:
    """The height field (depth, width) from the side: what is nearer hides what is behind and lower."""
    depth, width = field.shape
    light = _sunlit(field)
    cover, shade = (np.zeros((canvas, width), np.float32) for _ in range(2))
    row = canvas - 1 - np.arange(canvas, dtype=np.float32)[:, None]  # height of each picture row
    horizon = np.full(width, -1, np.float32)
    for z in range(depth):
        top = field[z] + tilt * z
        fresh = np.clip(top - row + 0.5, 0, 1) * (row > horizon)
        fresh = np.maximum(fresh - cover, 0)
        cover += fresh
        shade += fresh * light[z]
        horizon = np.maximum(horizon, np.floor(top - 1))
    return Hills(np.clip(cover, 0, 1), np.asarray(shade / np.maximum(cover, 1e-6), dtype=np.float32))


def _sunlit(field: Image) -> Image:
    """Light on each spot of a field, 0 to about 1.4, from a low sun at the right behind the hills."""
    along = np.gradient(field, axis=1)
    into = np.gradient(field, axis=0)
    facing = (-0.75 * along - 0.25 * into + 0.55) / np.sqrt(1 + along**2 + into**2)
    return np.asarray(smoothstep(-0.25, 1.15, facing.astype(np.float32)) * 1.4, dtype=np.float32)
