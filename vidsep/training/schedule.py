"""The learning rate over a run."""

import math

from vidsep.training.settings import RunSettings


def share_done(run: RunSettings, steps: int, minutes: float) -> float:
    """How much of the run is over, 0 to 1, by the one of its limits that comes first."""
    by_steps = steps / run.steps if run.steps else 0.0
    by_time = minutes / run.minutes if run.minutes else 0.0
    return min(1.0, max(by_steps, by_time))


def learning_rate(run: RunSettings, steps: int, minutes: float) -> float:
    """A straight rise over the first steps, then half a cosine down (Loshchilov and Hutter, "SGDR", 2017).

    >>> run = RunSettings(steps=1000, learning_rate=1e-3, warmup_steps=100, final_share=0.0)
    >>> [round(learning_rate(run, steps, 0), 6) for steps in (0, 99, 500, 1000)]
    [1e-05, 0.000976, 0.0005, 0.0]
    """
    warm = min(1.0, (steps + 1) / run.warmup_steps) if run.warmup_steps else 1.0
    cosine = 0.5 + 0.5 * math.cos(math.pi * share_done(run, steps, minutes))
    return run.learning_rate * warm * (run.final_share + (1 - run.final_share) * cosine)
