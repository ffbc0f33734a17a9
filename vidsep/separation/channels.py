"""Which channels of a soundtrack the network hears together.

The network knows stereo pairs. Left and right of a layout go through it as one: what they share is how it hears where
things stand. A channel in the middle goes through alone, as a pair of equal channels: in a film the centre holds most
of the dialogue and little else, and on its own that is plain to hear. The LFE channel holds no dialogue by its use
(ITU-R BS.775): what the network takes for some stays in its effects.
"""

from dataclasses import dataclass

# Channels of ffmpeg's layouts, in the order of the samples (libavutil/channel_layout.c).
LAYOUTS = {
    "mono": "FC",
    "stereo": "FL FR",
    "downmix": "DL DR",
    "2.1": "FL FR LFE",
    "3.0": "FL FR FC",
    "3.0(back)": "FL FR BC",
    "3.1": "FL FR FC LFE",
    "4.0": "FL FR FC BC",
    "4.1": "FL FR FC LFE BC",
    "quad": "FL FR BL BR",
    "quad(side)": "FL FR SL SR",
    "5.0": "FL FR FC BL BR",
    "5.0(side)": "FL FR FC SL SR",
    "5.1": "FL FR FC LFE BL BR",
    "5.1(side)": "FL FR FC LFE SL SR",
    "6.0": "FL FR FC BC SL SR",
    "6.0(front)": "FL FR FLC FRC SL SR",
    "hexagonal": "FL FR FC BL BR BC",
    "6.1": "FL FR FC LFE BC SL SR",
    "6.1(back)": "FL FR FC LFE BL BR BC",
    "6.1(front)": "FL FR LFE FLC FRC SL SR",
    "7.0": "FL FR FC BL BR SL SR",
    "7.0(front)": "FL FR FC FLC FRC SL SR",
    "7.1": "FL FR FC LFE BL BR SL SR",
    "7.1(wide)": "FL FR FC LFE BL BR FLC FRC",
    "7.1(wide-side)": "FL FR FC LFE FLC FRC SL SR",
    "octagonal": "FL FR FC BL BR BC SL SR",
}
PAIRS = {"FL": "FR", "BL": "BR", "SL": "SR", "FLC": "FRC", "DL": "DR"}


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
