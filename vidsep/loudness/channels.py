"""How much each channel counts in a loudness measurement, from the name of its layout."""

import numpy as np
import numpy.typing as npt

from vidsep.audio import DEFAULT_LAYOUTS
from vidsep.layouts import LAYOUTS

SURROUND_WEIGHT = 1.41  # BS.1770-4 table 4: between 60 and 120 degrees; every other direction counts 1.0


def channel_weights(n_channels: int, layout: str = "") -> npt.NDArray[np.float64]:
    """The weights ``G`` of BS.1770-4 (tables 3 and 4) of the channels of ``layout``, shape ``(n_channels,)``.

    Side channels count 1.41, the low-frequency channel 0.0, all others 1.0. Back channels count as side channels
    where a layout has no others (5.1, quad): they are the same loudspeakers at 110 degrees under another name. Beside
    side channels (7.1) they stand at 135 degrees and count 1.0; ffmpeg's ``ebur128`` gives them 1.41 all the same.

    ``layout`` is ffmpeg's name (``5.1(side)``) or its list of channels (``FL+FR+LFE``). An unnamed or unknown layout is
    taken for ffmpeg's default of so many channels; beyond 8 channels every one counts 1.0. Raises ValueError when the
    layout has another number of channels.

    >>> channel_weights(6, "5.1").tolist()
    [1.0, 1.0, 1.0, 0.0, 1.41, 1.41]
    """
    names = _channel_names(n_channels, layout)
    if len(names) != n_channels:
        raise ValueError(f"the layout {layout} has {len(names)} channels, the sound has {n_channels}")
    surrounds = {"SL", "SR"} if "SL" in names else {"BL", "BR"}
    return np.array([_weight(name, surrounds) for name in names])


def _channel_names(n_channels: int, layout: str) -> list[str]:
    if "+" in layout:
        return layout.split("+")
    default = DEFAULT_LAYOUTS.get(n_channels, "")
    return (LAYOUTS.get(layout) or LAYOUTS.get(default) or " ".join(["FC"] * n_channels)).split()


def _weight(name: str, surrounds: set[str]) -> float:
    if name in ("LFE", "LFE2"):
        return 0.0
    return SURROUND_WEIGHT if name in surrounds else 1.0
