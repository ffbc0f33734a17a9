"""Spectrograms as picture files: time from left to right, frequency from bottom to top as the ear spaces it."""

import io
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.sparse import csr_array

from vidsep.audio import Audio, FloatArray
from vidsep.outputs.frames import FramePlan, plan_frames, power_spectra

Palette: TypeAlias = npt.NDArray[np.uint8]

N_COLUMNS = 1200  # widest picture
N_BANDS = 160
LOWEST_HZ = 40.0
HIGHEST_HZ = 20_000.0
RANGE_DB = 70.0  # from the darkest to the brightest colour
N_SHADES = 48  # steps of 1.5 dB: no step shows, and the files are a third smaller than with 256
LOWEST_TOP_DB = -60.0  # silence stays dark instead of showing its dither
SILENT_POWER = 1e-20
FULL_SCALE_DB = 3.01  # a sine of full scale reads 0 dBFS (AES17, 3.12.3)

# Nine points of the perceptually even colour map "magma" (Smith and van der Walt, 2015, CC0), dark to bright.
MAGMA = ("000004", "1c1044", "4f127b", "812581", "b5367a", "e55064", "fb8761", "fec287", "fcfdbf")


def erb_rate(hz: float) -> float:
    """Number of a frequency on the ERB-rate scale (Glasberg and Moore 1990): even steps sound about evenly wide.

    >>> round(erb_rate(1000.0), 1)
    15.6
    """
    return float(21.4 * np.log10(1.0 + 0.00437 * hz))


@dataclass(frozen=True)
class Scale:
    """The frequency axis: evenly spaced bands from ``low_hz`` (below) to ``high_hz`` (above)."""

    low_hz: float
    high_hz: float

    @staticmethod
    def of(sample_rate: int) -> "Scale":
        """40 Hz to 20 kHz, or to what the rate can hold."""
        return Scale(LOWEST_HZ, min(HIGHEST_HZ, sample_rate / 2))

    def height(self, hz: float) -> float:
        """Where a frequency stands, 0 (bottom) to 1 (top)."""
        low, high = erb_rate(self.low_hz), erb_rate(self.high_hz)
        return float((erb_rate(hz) - low) / (high - low))

    def bands(self, frequencies_hz: FloatArray) -> FloatArray:
        """Weights that sum the power of bins to that of bands, shape ``(n_bins, N_BANDS)``.

        Each bin is shared by the bands next to it. A band narrower than a bin takes its part of it, so that low notes
        leave no dark gaps.
        """
        places = np.array([self.height(float(hz)) for hz in frequencies_hz]) * (N_BANDS - 1)
        half_width = np.maximum(1.0, np.gradient(places))  # in bands
        distance = np.abs(places[:, None] - np.arange(N_BANDS))
        weights = np.maximum(0.0, 1.0 - distance / half_width[:, None]) / half_width[:, None]
        shares: FloatArray = weights.astype(np.float32)
        return shares


class Columns:
    """Averages frames into the columns of a picture; ``levels_db`` has the shape ``(n_columns, N_BANDS)``."""

    def __init__(self, plan: FramePlan) -> None:
        self._bands = csr_array(Scale.of(plan.sample_rate).bands(plan.frequencies_hz).T)  # nearly all weights are 0
        self._n_frames, self._done = plan.n_frames, 0
        n_columns = min(N_COLUMNS, plan.n_frames)
        self._sums = np.zeros((n_columns, N_BANDS))
        self._counts = np.zeros((n_columns, 1))

    def add(self, power: FloatArray) -> None:
        """Take in the next frames' spectra, shape ``(n_frames, n_bins)``."""
        frames = np.arange(self._done, self._done + len(power))
        columns, firsts, counts = np.unique(
            frames * len(self._sums) // self._n_frames, return_index=True, return_counts=True
        )
        self._sums[columns] += (self._bands @ np.add.reduceat(power, firsts).T).T
        self._counts[columns, 0] += counts
        self._done += len(power)

    @property
    def levels_db(self) -> FloatArray:
        """Level of each band, dBFS."""
        mean = self._sums / np.maximum(1, self._counts)
        levels: FloatArray = (10 * np.log10(mean + SILENT_POWER) + FULL_SCALE_DB).astype(np.float32)
        return levels


def spectrogram(audio: Audio) -> FloatArray:
    """Levels in dBFS, shape ``(n_columns, N_BANDS)``, of the channels' mean power; read in blocks."""
    plan = plan_frames(audio.n_samples, audio.sample_rate)
    columns = Columns(plan)
    for power in power_spectra(audio.blocks(), plan):
        columns.add(power.mean(axis=1))
    return columns.levels_db


def top_level_db(levels_db: FloatArray) -> float:
    """The level to paint brightest: what one point in a thousand exceeds, rounded up to 5 dB."""
    if not levels_db.size:
        return LOWEST_TOP_DB
    return max(LOWEST_TOP_DB, 5 * float(np.ceil(np.percentile(levels_db, 99.9) / 5)))


def to_png(levels_db: FloatArray, top_db: float) -> bytes:
    """A PNG of ``n_columns`` by ``N_BANDS`` pixels; ``top_db`` is brightest, ``RANGE_DB`` below it black."""
    if not levels_db.size:
        levels_db = np.full((1, N_BANDS), -np.inf, dtype=np.float32)
    shades = (levels_db - top_db + RANGE_DB) / RANGE_DB * (N_SHADES - 1)
    pixels = np.clip(np.rint(shades), 0, N_SHADES - 1).astype(np.uint8).T[::-1]
    picture = Image.frombytes("P", (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
    picture.putpalette(palette(N_SHADES).tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def palette(n_shades: int) -> Palette:
    """``n_shades`` colours from dark to bright, shape ``(n_shades, 3)``, red green blue 0 to 255."""
    anchors = np.array([list(bytes.fromhex(colour)) for colour in MAGMA], dtype=float)
    places = np.linspace(0, len(anchors) - 1, n_shades)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    colours: Palette = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return colours
