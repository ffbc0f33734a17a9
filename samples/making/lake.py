"""The lake: what is above the shore, mirrored in moving waves."""

import numpy as np

from samples.making import story
from samples.making.light import Mood
from samples.making.noise import Image, fractal, smoothstep
from samples.making.view import SHORE, SUN_X, H, W


class Lake:
    """Water as a mirror of rippled glass: which spot above the shore each pixel shows."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._waves = [fractal(rng, (512, 1024), 1.25, stretch=0.35, largest=90) for _ in range(3)]
        rows = H - SHORE
        y, x = np.mgrid[0:rows, 0:W].astype(np.float32)
        self._near = (y + 1) / rows  # 0 at the far shore, 1 at the lower edge
        far = 1 / (self._near + 0.045)
        self._x, self._y = x, y
        self._u, self._v = (x - W / 2) * far * 0.26, far * 150

    def draw(self, above: Image, now: Mood, seconds: float, walked: float) -> Image:
        """The water below ``above`` (the picture from its top to the shore), linear light ``(H - SHORE, W, 3)``."""
        drift = walked * 0.10
        wave = self._at(0, 11 * seconds + drift, 26 * seconds) + self._at(1, drift - 17 * seconds, 15 * seconds)
        hard = float(story.raining(np.array([seconds]))[0])
        ripple = (0.55 + 0.5 * hard) * wave
        up = self._y * 0.86 + 2 + ripple * (2 + 26 * self._near)
        rows = np.clip(SHORE - 1 - np.abs(up), 0, SHORE - 1).astype(np.int32)
        columns = np.clip(self._x + ripple * 9 * self._near, 0, W - 1).astype(np.int32)
        mirror = above[rows, columns]
        deep = now.zenith * 0.28 + np.array([0.006, 0.02, 0.022], np.float32)
        clear = (0.80 - 0.52 * self._near**0.8)[..., None]  # Fresnel: the steeper the look, the less mirror
        lake = mirror * clear + deep * (1 - clear)
        path = np.exp(-(((self._x - SUN_X) / (46 + 210 * self._near)) ** 2))
        glitter = smoothstep(0.9, 2.6, wave + 1.25 * path * self._at(2, 31 * seconds + drift, -9 * seconds)) * path
        return np.asarray(lake + now.sun * (1.15 * glitter + 0.06 * path)[..., None], dtype=np.float32)

    def _at(self, which: int, across: float, along: float) -> Image:
        """One wave field seen in perspective, moved by so many of its pixels."""
        rows = (self._v + along).astype(np.int32) % 512
        columns = (self._u + across).astype(np.int32) % 1024
        return np.asarray(self._waves[which][rows, columns])
