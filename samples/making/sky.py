"""The sky: a ceiling of drifting clouds over a rising sun."""

import numpy as np

from samples.making.light import Mood
from samples.making.noise import Image, fractal, smoothstep
from samples.making.view import SHORE, SUN_X, W


class Sky:
    """Knows where each of its pixels lies on the ceiling of clouds, and how far from the sun."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._clouds = fractal(rng, (1024, 2048), 1.55, stretch=0.62, largest=520)
        ahead = np.roll(self._clouds, (9, -14), (0, 1))
        self._lit = np.clip(0.55 + 0.55 * (self._clouds - ahead), 0, 1.2)
        y, x = np.mgrid[0:SHORE, 0:W].astype(np.float32)
        self._y, self._x = y, x
        self._up = 1 - y / SHORE
        far = 1 / (self._up + 0.16)
        self._u = (x - W / 2) * far * 0.62 + 700
        self._v = (far * 175).astype(np.int32) % 1024

    def draw(self, now: Mood, seconds: float) -> Image:
        """The sky above the shore at this moment, linear light ``(SHORE, W, 3)``."""
        up = self._up[..., None]
        sky = now.horizon * (1 - up**0.55) + now.zenith * up**0.55
        apart = np.hypot(self._x - SUN_X, (self._y - (SHORE - 168 - now.sun_height)) * 1.15)
        glow = np.exp(-apart / 130) * 0.55 + np.exp(-apart / 420) * 0.30
        disc = smoothstep(27, 22, apart)
        cover, lit = self._ceiling(seconds)
        cover = smoothstep(1.15 - 2.2 * now.clouds, 2.3 - 2.0 * now.clouds, cover)
        cover = cover * smoothstep(0.0, 0.14, self._up) * 0.93
        tint = np.clip(lit + 0.9 * np.exp(-apart / 260), 0, 1.6)[..., None]
        cloud = now.shadow * (1 - np.minimum(tint, 1)) + now.cloud * tint
        sky = sky + now.sun * (glow + 6 * now.disc * disc * (1 - cover))[..., None]
        mixed = cover[..., None]
        return np.asarray(sky * (1 - mixed) + (cloud + 0.35 * now.sun * glow[..., None]) * mixed, dtype=np.float32)

    def _ceiling(self, seconds: float) -> tuple[Image, Image]:
        """Cover and light of the clouds as they drift."""
        u = self._u + 9.0 * seconds
        left = np.floor(u).astype(np.int32)
        part = u - left
        a, b = left % 2048, (left + 1) % 2048
        cover = self._clouds[self._v, a] * (1 - part) + self._clouds[self._v, b] * part
        lit = self._lit[self._v, a] * (1 - part) + self._lit[self._v, b] * part
        return cover, lit
