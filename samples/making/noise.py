"""Fractal noise that repeats without a seam: the stuff of clouds, rocks, waves and unsteady hands."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

Image: TypeAlias = npt.NDArray[np.float32]  # (height, width) or (height, width, channels), linear light


def fractal(
    rng: np.random.Generator, shape: tuple[int, ...], slope: float, stretch: float = 1.0, largest: float = 0.0
) -> Image:
    """Noise of mean 0 and deviation 1 whose amplitude falls with spatial frequency to the power of ``slope``.

    ``stretch`` above 1 makes it longer along the last axis; details larger than ``largest`` pixels are left out.
    """
    axes = [fft.fftfreq(n) for n in shape[:-1]] + [fft.rfftfreq(shape[-1]) * stretch]
    grids = np.meshgrid(*axes, indexing="ij")
    frequency = np.sqrt(np.sum([grid**2 for grid in grids], axis=0))
    lowest = 1 / largest if largest else 1 / max(shape)
    weight = np.where(frequency < lowest, 0, np.maximum(frequency, 1e-9) ** -slope)
    white = fft.rfftn(rng.standard_normal(shape))
    noise = fft.irfftn(white * weight, s=shape)
    return np.asarray((noise - noise.mean()) / noise.std(), dtype=np.float32)


def smoothstep(low: float, high: float, x: Image) -> Image:
    """0 below ``low``, 1 above ``high``, a smooth way between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def slide(strip: Image, left: float, width: int) -> Image:
    """``width`` columns of a wide image from the (fractional) column ``left`` on, linearly interpolated."""
    start = int(np.floor(left))
    part = np.float32(left - start)
    start = min(max(start, 0), strip.shape[1] - width - 1)
    return strip[:, start : start + width] * (1 - part) + strip[:, start + 1 : start + width + 1] * part
