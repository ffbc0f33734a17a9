"""What happens in the vlog and when: voice, effects, picture and subtitles are all made from this table."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SECONDS = 30.0
TITLE = "Before breakfast"


@dataclass(frozen=True)
class Line:
    """A sentence: when it starts in the film, its file in ``speech/`` and its words."""

    start_seconds: float
    file: str
    words: str


LINES = (
    Line(1.6, "line_1.flac", "Good morning. It is just after six, and I am walking down to the lake."),
    Line(7.0, "line_2.flac", "Nobody else is awake yet. Only the birds, and me."),
    Line(13.3, "line_3.flac", "Well. The birds, me, and the bread van."),
    Line(17.6, "line_4.flac", "But look at that light on the water!"),
    Line(20.9, "line_5.flac", "I came here to think, and all I can think about, is breakfast."),
    Line(26.0, "line_6.flac", "Ah. And there is the rain. Time to go home."),
)

CHAPTERS = ((0.0, "The path"), (16.6, "The lake"), (24.9, "The rain"))  # start in seconds, title

VAN_PASSES_SECONDS = 11.9
RAIN_STARTS_SECONDS = 24.4
STOP_SECONDS, GO_SECONDS = 16.6, 28.6  # the walker stands still between them

STEPS_PER_SECOND = 1.9


def walking(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How fast the walker goes at these times, 0 (stands) to 1."""
    stopping = np.clip((STOP_SECONDS + 0.6 - seconds) / 1.2, 0, 1)
    going = np.clip((seconds - GO_SECONDS + 0.4) / 0.8, 0, 1)
    speed = np.maximum(stopping, going)
    return np.asarray(speed * speed * (3 - 2 * speed))


def step_times() -> npt.NDArray[np.float64]:
    """When a foot comes down, in seconds."""
    times = np.arange(0.35, SECONDS, 1 / STEPS_PER_SECOND)
    return times[walking(times) > 0.35]


def raining(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How hard it rains at these times, 0 to 1."""
    return np.clip((seconds - RAIN_STARTS_SECONDS) / 3.5, 0, 1) ** 1.3
