"""Where the sounds of a track begin and end, drawn as Divide and Remaster draws them."""

from dataclasses import dataclass

import numpy as np

from vidsep.dataset.recipes import NOMINAL_SECONDS, Track

START_SPREAD_SECONDS, START_SKEW = 2.0, 5.0  # a skew-normal pause before each sound: seldom below none, often 0 to 4 s
LEAST_SHARE = 0.3  # of a sound that may be cut
LEAST_END_SECONDS = 2.0  # a sound that may be cut begins at least so long before the end
LEAST_SECONDS = 0.1


@dataclass(frozen=True)
class Place:
    """From ``start`` on, ``seconds`` long."""

    start: float
    seconds: float


def event_count(track: Track, clip_seconds: float, rng: np.random.Generator) -> int:
    """How many sounds to try: Poisson, but never none."""
    mean = track.events * clip_seconds / NOMINAL_SECONDS
    return int(next(count for _ in iter(int, 1) if (count := rng.poisson(mean)) > 0))


def place(
    track: Track, earliest: float, recording_seconds: float, clip_seconds: float, rng: np.random.Generator
) -> Place | None:
    """A place for a sound of ``recording_seconds`` from ``earliest`` on; None if there is no room for it."""
    least = recording_seconds if track.whole else max(LEAST_SHARE * recording_seconds, LEAST_SECONDS)
    latest = clip_seconds - least
    if not track.whole:
        latest = min(latest, max(clip_seconds - LEAST_END_SECONDS, 0.0))
    if latest < earliest:
        return None
    start = min(max(earliest + track.gap_seconds + _pause(rng), earliest), latest)
    if track.whole:
        return Place(start, recording_seconds)
    most = min(recording_seconds, clip_seconds - start)
    return Place(start, float(np.clip(rng.normal(most / 2, most / 10), least, most)))


def next_earliest(track: Track, last: Place, rng: np.random.Generator) -> float:
    """When the sound after ``last`` may begin."""
    covered = track.overlap * rng.random() * last.seconds
    return last.start + last.seconds - covered


def _pause(rng: np.random.Generator) -> float:
    """Skew-normal (Azzalini 1985): two normal numbers make one."""
    first, second = rng.standard_normal(2)
    delta = START_SKEW / np.sqrt(1 + START_SKEW**2)
    return float(START_SPREAD_SECONDS * (delta * abs(first) + np.sqrt(1 - delta**2) * second))
