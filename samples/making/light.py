"""The morning's light: a table of moods, and what the camera makes of them (bloom, tone curve, vignette, grain)."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from scipy import ndimage

from samples.making.noise import Image


def rgb(red: float, green: float, blue: float) -> Image:
    """A colour in linear light."""
    return np.array([red, green, blue], dtype=np.float32)


@dataclass(frozen=True)
class Mood:
    """The light at one moment of the film."""

    seconds: float
    zenith: Image
    horizon: Image
    sun: Image
    cloud: Image  # where the sun reaches it
    shadow: Image
    haze: Image
    clouds: float  # how much of the sky they cover
    sun_height: float  # pixels above the far ridge
    disc: float  # how clearly the sun is seen through the air, 0 to 1
    exposure: float


MOODS = (
    Mood(
        0, zenith=rgb(0.08, 0.14, 0.33), horizon=rgb(0.72, 0.4, 0.33), sun=rgb(0.9, 0.32, 0.14),
        cloud=rgb(0.85, 0.42, 0.36), shadow=rgb(0.17, 0.18, 0.3), haze=rgb(0.36, 0.28, 0.38),
        clouds=0.42, sun_height=-16, disc=1, exposure=1,
    ),
    Mood(
        8, zenith=rgb(0.1, 0.19, 0.42), horizon=rgb(0.95, 0.58, 0.34), sun=rgb(2.2, 1.05, 0.42),
        cloud=rgb(1.25, 0.72, 0.46), shadow=rgb(0.27, 0.25, 0.34), haze=rgb(0.6, 0.4, 0.36),
        clouds=0.4, sun_height=12, disc=1, exposure=1,
    ),
    Mood(
        17.5, zenith=rgb(0.11, 0.24, 0.5), horizon=rgb(1.1, 0.8, 0.48), sun=rgb(3.1, 1.85, 0.8),
        cloud=rgb(1.5, 1.12, 0.78), shadow=rgb(0.42, 0.38, 0.42), haze=rgb(0.76, 0.55, 0.38),
        clouds=0.42, sun_height=48, disc=1, exposure=0.94,
    ),
    Mood(
        23, zenith=rgb(0.13, 0.24, 0.42), horizon=rgb(0.95, 0.72, 0.5), sun=rgb(2.4, 1.55, 0.8),
        cloud=rgb(1.1, 0.88, 0.68), shadow=rgb(0.34, 0.32, 0.36), haze=rgb(0.62, 0.5, 0.42),
        clouds=0.62, sun_height=62, disc=0.8, exposure=0.98,
    ),
    Mood(
        27.5, zenith=rgb(0.2, 0.24, 0.3), horizon=rgb(0.5, 0.47, 0.45), sun=rgb(0.45, 0.4, 0.34),
        cloud=rgb(0.5, 0.48, 0.47), shadow=rgb(0.22, 0.23, 0.26), haze=rgb(0.38, 0.39, 0.41),
        clouds=1.05, sun_height=70, disc=0, exposure=1.05,
    ),
    Mood(
        30, zenith=rgb(0.2, 0.23, 0.28), horizon=rgb(0.42, 0.42, 0.43), sun=rgb(0.25, 0.25, 0.25),
        cloud=rgb(0.4, 0.4, 0.41), shadow=rgb(0.19, 0.2, 0.23), haze=rgb(0.33, 0.35, 0.38),
        clouds=1.25, sun_height=74, disc=0, exposure=1.05,
    ),
)  # fmt: skip


def mood(seconds: float) -> Mood:
    """The light of the film at this time, between the two rows around it."""
    times = [row.seconds for row in MOODS]
    after = min(int(np.searchsorted(times, seconds, side="right")), len(MOODS) - 1)
    one, other = MOODS[after - 1], MOODS[after]
    part = (seconds - one.seconds) / (other.seconds - one.seconds)
    between: dict[str, Any] = {
        field.name: (1 - part) * getattr(one, field.name) + part * getattr(other, field.name) for field in fields(Mood)
    }
    return Mood(**between)


class Camera:
    """Turns linear light into the pixels of a frame: float32 ``(height, width, 3)`` to uint8."""

    def __init__(self, rng: np.random.Generator, width: int, height: int) -> None:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        self._vignette = (1 - 0.30 * np.clip(0.75 * x**2 + 0.6 * y**2, 0, 1.3) ** 1.5).astype(np.float32)[..., None]
        self._grain = [
            ndimage.gaussian_filter(rng.standard_normal((height, width)), 0.6).astype(np.float32)[..., None] * 0.8
            for _ in range(5)
        ]
        light = np.arange(4096) / 512  # tone curve: a fit of the film-like ACES curve (Narkowicz 2015), then gamma
        film = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
        self._curve = (255 * np.clip(film, 0, 1) ** (1 / 2.2)).astype(np.float32)

    def develop(self, light: Image, exposure: float, number: int) -> npt.NDArray[np.uint8]:
        """The finished frame; ``number`` chooses its grain."""
        light = (light + 0.35 * self._bloom(light)) * self._vignette * np.float32(0.62 * exposure)
        pixels = self._curve[np.clip(light * 512, 0, 4095).astype(np.uint16)]
        return np.clip(pixels + self._grain[number % len(self._grain)], 0, 255).astype(np.uint8)

    @staticmethod
    def _bloom(light: Image) -> Image:
        """What bright spots spill around them in the lens."""
        small = np.clip(light[::8, ::8] - 0.85, 0, 4)
        blurred = ndimage.gaussian_filter(small, (5, 5, 0)) + 0.5 * ndimage.gaussian_filter(small, (14, 14, 0))
        size = light.shape[1], light.shape[0]
        planes = [
            Pillow.fromarray(blurred[..., c]).resize(size, Pillow.Resampling.BILINEAR) for c in range(blurred.shape[2])
        ]
        return np.stack([np.asarray(plane, dtype=np.float32) for plane in planes], axis=2)
