"""Which channels of a soundtrack the network hears together.

The network knows stereo pairs. Left and right of a layout go through it as one: what they share is how it hears where
things stand. A channel in the middle goes through alone, as a pair of equal channels: in a film the centre holds most
of the dialogue and little else, and on its own that is plain to hear. The LFE channel is not taken apart: it holds no
dialogue by its use (ITU-R BS.775), and of its rumble nobody can say what is music. All of it counts as effects.
"""

from dataclasses import dataclass

from vidsep.layouts import LAYOUTS

PAIRS = {"FL": "FR", "BL": "BR", "SL": "SR", "FLC": "FRC", "DL": "DR", "TFL": "TFR", "TBL": "TBR"}


@dataclass(frozen=True)
class Hearing:
    """One run of the network: the channels it gets as left and right (the same twice for one in the middle)."""

    left: int
    right: int
    may_hold_dialogue: bool = True


def hearings(layout: str, n_channels: int) -> list[Hearing]:
    """The runs that cover each of ``n_channels`` channels once.

    ``layout`` is ffmpeg's name. The channels of a layout that is not in the table go through one by one.

    >>> [(run.left, run.right) for run in hearings("5.1", 6)]
    [(0, 1), (2, 2), (3, 3), (4, 5)]
    """
    names = LAYOUTS.get(layout, "").split()
    if len(names) != n_channels:
        return [Hearing(channel, channel) for channel in range(n_channels)]
    runs = []
    for channel, name in enumerate(names):
        if name in PAIRS:
            runs.append(Hearing(channel, names.index(PAIRS[name])))
        elif name not in PAIRS.values():
            runs.append(Hearing(channel, channel, may_hold_dialogue=name != "LFE"))
    return runs
