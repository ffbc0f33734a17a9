"""Where a piece of music can be looped: after how many samples it may begin again so that the beat goes on.

The seam is searched in two steps: the onsets that would have come next in the piece's last seconds are compared with
the onsets of its beginning (so that the beat goes on), then the waveforms are lined up to the sample (so that a held
tone keeps its phase).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vidsep.audio import FloatArray, Samples

HOP_SECONDS = 0.01
HEAD_DB = -50.0  # the piece begins where it first comes within so much of its mean level: attacks stay whole
TAIL_DB = -20.0  # it ends, for joins, where it last did: a fade-out or reverb tail would be heard as a hole
TAIL_WINDOW_SECONDS = 0.4  # the tail's level is looked at over a momentary window (BS.1770), not between two beats
MATCH_SECONDS = 4.0  # two bars at 120 beats a minute: onsets compared over less than that fit anywhere
SEARCH_SECONDS = 8.0
ALIKE = 0.3  # onsets that correlate less say nothing about a beat
ALIGN_SECONDS = 0.03  # waveforms are lined up by at most this: three hops, unheard as a shift of the beat
LEAST_CORRELATION = -0.5  # a seam of opposite waveforms would need too much gain to keep its power

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Body:
    """The part ``start:stop`` of a piece, in samples, that sounds; what lies around is silence or has faded away."""

    start: int
    stop: int


@dataclass(frozen=True)
class Loop:
    """The next pass begins ``period`` samples after the last one, while that goes on for ``crossfade`` samples.

    ``correlation`` (-0.5 to 1) is that of the waveforms that sound together in the crossfade.
    """

    period: int
    crossfade: int
    correlation: float


def energies(samples: Samples, sample_rate: int) -> Curve:
    """Mean square over all channels of each full or begun 10 ms, shape ``(n_hops,)``; reads block by block."""
    hop = _hop(sample_rate)
    step = 1000 * hop
    parts = [np.zeros(0)]
    for start in range(0, samples.shape[0], step):
        block = samples[start : min(start + step, samples.shape[0])].astype(np.float64)
        power = np.mean(block**2, axis=1)
        parts.append(np.add.reduceat(power, np.arange(0, len(power), hop)) / hop)
    return np.concatenate(parts)


def body(energy: Curve, sample_rate: int, n_samples: int) -> Body:
    """Where a piece with these `energies` begins and where it should be joined to what follows it.

    A silent piece has the empty body ``0:0``.
    """
    mean = energy.mean() if len(energy) else 0.0
    if mean == 0:
        return Body(0, 0)
    hop = _hop(sample_rate)
    window = np.ones(round(TAIL_WINDOW_SECONDS / HOP_SECONDS))
    ahead = scipy.signal.correlate(
        np.concatenate([energy, np.zeros(len(window) - 1)]), window / len(window), "valid", "direct"
    )
    heads = np.flatnonzero(energy > mean * 10 ** (HEAD_DB / 10))
    tails = np.flatnonzero(ahead > mean * 10 ** (TAIL_DB / 10))
    return Body(int(max(heads[0] - 1, 0)) * hop, min(int(tails[-1] + 1) * hop, n_samples))


def find_loop(samples: Samples, energy: Curve, sounding: Body, sample_rate: int, crossfade: int) -> Loop:
    """The best seam for a loop of ``sounding``, overlapping by ``crossfade`` samples or a third of it, if that is less.

    ``samples`` of shape ``(n_samples, n_channels)`` are read only around the head and the tail; ``energy`` is theirs.
    """
    length = sounding.stop - sounding.start
    crossfade = min(crossfade, length // 3)
    room = round(ALIGN_SECONDS * sample_rate)
    latest = length - crossfade - room
    period = min(_beat_period(energy, sounding, sample_rate), latest)
    if period < max(crossfade, length // 2):
        return Loop(length - crossfade, crossfade, 0.0)
    period += _alignment(samples, sounding, period, room, max(crossfade, 2 * room))
    return Loop(period, crossfade, _correlation(samples, sounding, period, crossfade))


def _hop(sample_rate: int) -> int:
    return max(1, round(HOP_SECONDS * sample_rate))


def _beat_period(energy: Curve, sounding: Body, sample_rate: int) -> int:
    """The period after which the piece's onsets are most like those of its beginning; its length if none are alike."""
    hop = _hop(sample_rate)
    length = sounding.stop - sounding.start
    onsets = _onsets(energy[sounding.start // hop : sounding.stop // hop])
    n_match = min(round(MATCH_SECONDS / HOP_SECONDS), len(onsets) // 4)
    n_search = min(round(SEARCH_SECONDS / HOP_SECONDS), len(onsets) // 4)
    if n_match * HOP_SECONDS < 1:
        return length
    head, tail = onsets[:n_match], onsets[len(onsets) - n_match - n_search :]
    products = scipy.signal.correlate(tail, head, "valid")
    tail_powers = scipy.signal.correlate(tail**2, np.ones(n_match), "valid")
    alike = products / np.sqrt(np.maximum(tail_powers * np.sum(head**2), 1e-30))
    best = int(np.argmax(alike))
    return (len(onsets) - len(tail) + best) * hop if alike[best] > ALIKE else length


def _onsets(energy: Curve) -> Curve:
    """By how much each hop is louder than the one before, never negative; accents count more than the beats between."""
    loudness = energy**0.3  # Stevens' power law
    return np.maximum(np.diff(loudness, prepend=loudness[:1]), 0.0)


def _alignment(samples: Samples, sounding: Body, period: int, room: int, span: int) -> int:
    """By how many samples (``-room`` to ``room``) the seam must move for its waveforms to agree best."""
    head = _mono(samples, sounding.start, sounding.start + span)
    at = sounding.start + period
    tail = _mono(samples, at - room, at + span + room)[: len(head) + 2 * room]
    products = scipy.signal.correlate(tail, head, "valid", "fft")
    powers = np.maximum(scipy.signal.correlate(tail**2, np.ones(len(head)), "valid", "fft"), 1e-12)
    return int(np.argmax(products / np.sqrt(powers))) - room


def _correlation(samples: Samples, sounding: Body, period: int, crossfade: int) -> float:
    head = _mono(samples, sounding.start, sounding.start + crossfade)
    tail = _mono(samples, sounding.start + period, sounding.start + period + crossfade)
    power = float(np.sum(head**2) * np.sum(tail**2))
    return max(float(head @ tail) / power**0.5, LEAST_CORRELATION) if power > 0 else 0.0


def _mono(samples: Samples, start: int, stop: int) -> Curve:
    """The mean of the channels from ``start`` to ``stop``, with silence where the sound has ended."""
    block: FloatArray = samples[start : min(stop, samples.shape[0])]
    mono = block.mean(axis=1, dtype=np.float64)
    return np.concatenate([mono, np.zeros(stop - start - len(mono))])
