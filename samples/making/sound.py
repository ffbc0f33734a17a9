"""Small building blocks of made sound: envelopes, filters, panning, a room.

Waves are float64 at 48 kHz: mono ``(n_samples,)``, stereo ``(n_samples, 2)``, nominal range -1 to 1.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import signal

SAMPLE_RATE = 48000
Wave: TypeAlias = npt.NDArray[np.float64]


def clock(seconds: float) -> Wave:
    """The time of each sample in seconds."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def fade(wave: Wave, in_ms: float, out_ms: float) -> Wave:
    """The mono wave with a raised-cosine start and end."""
    shaped = wave.copy()
    for count, part in ((round(in_ms * 48), slice(None)), (round(out_ms * 48), slice(None, None, -1))):
        count = min(count, len(wave))
        shaped[part][:count] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / max(count, 1))
    return shaped


def band(wave: Wave, low_hz: float, high_hz: float, order: int = 2) -> Wave:
    """What lies between the two frequencies; 0 Hz below or 24 kHz above leaves that side open."""
    if low_hz <= 0:
        sections = signal.butter(order, high_hz, "lowpass", fs=SAMPLE_RATE, output="sos")
    elif high_hz >= SAMPLE_RATE / 2:
        sections = signal.butter(order, low_hz, "highpass", fs=SAMPLE_RATE, output="sos")
    else:
        sections = signal.butter(order, (low_hz, high_hz), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, wave, axis=0))


def drift(rng: np.random.Generator, seconds: float, changes_per_second: float) -> Wave:
    """A smooth random curve between 0 and 1: wind, unsteady hands."""
    points = rng.random(int(seconds * changes_per_second) + 4)
    where = np.arange(len(points)) / changes_per_second
    now = clock(seconds)
    left = np.clip(np.searchsorted(where, now, side="right") - 1, 0, len(points) - 2)
    x = (now - where[left]) * changes_per_second
    x = x * x * (3 - 2 * x)
    return np.asarray(points[left] * (1 - x) + points[left + 1] * x)


def pan(wave: Wave, position: float | Wave) -> Wave:
    """The mono wave between left (-1) and right (1), at constant power."""
    angle = (np.asarray(position) + 1) * np.pi / 4
    return np.stack([wave * np.cos(angle), wave * np.sin(angle)], axis=1)


def add(track: Wave, wave: Wave, at_seconds: float) -> None:
    """Adds the stereo wave to the track from that time on; what reaches past the track's end is left out."""
    start = round(at_seconds * SAMPLE_RATE)
    stop = min(start + len(wave), len(track))
    if start < stop:
        track[start:stop] += wave[: stop - start]


def room(wave: Wave, rng: np.random.Generator, seconds: float, high_hz: float) -> Wave:
    """The stereo wave's reverberation alone, falling by 60 dB in ``seconds``, high tones sooner; as long as the wave.

    The impulse response is decaying noise (Moorer 1979, "About this reverberation business").
    """
    t = clock(seconds)
    noise = rng.standard_normal((len(t), 2)) * 10 ** (-3 * t / seconds)[:, None]
    dark = band(noise, 150, high_hz / 3, 1)
    bright = band(noise, 150, high_hz, 1) * np.exp(-5 * t / seconds)[:, None]
    response = (dark + bright) * np.minimum(t / 0.012, 1)[:, None]
    response /= np.sqrt(np.sum(response**2, axis=0))
    return np.asarray(signal.oaconvolve(wave, response, axes=0)[: len(wave)])
