"""Everything that changes sound, by the name that presets give it (``type = "bell"``)."""

from collections.abc import Mapping

from vidsep.processors.base import Processor, apply, chain
from vidsep.processors.compressor import Compressor
from vidsep.processors.equalizer import Bell, HighPass, HighShelf, LowPass, LowShelf
from vidsep.processors.expander import Expander
from vidsep.processors.fade import Fade
from vidsep.processors.gain import Gain
from vidsep.processors.limit import Limit
from vidsep.processors.mute import Mute
from vidsep.processors.reverb import Reverb

PROCESSORS: Mapping[str, type[Processor]] = {
    "gain": Gain,
    "mute": Mute,
    "high_pass": HighPass,
    "low_pass": LowPass,
    "low_shelf": LowShelf,
    "high_shelf": HighShelf,
    "bell": Bell,
    "expander": Expander,
    "compressor": Compressor,
    "reverb": Reverb,
    "fade": Fade,
    "limit": Limit,
}

__all__ = [
    "PROCESSORS",
    "Bell",
    "Compressor",
    "Expander",
    "Fade",
    "Gain",
    "HighPass",
    "HighShelf",
    "Limit",
    "LowPass",
    "LowShelf",
    "Mute",
    "Processor",
    "Reverb",
    "apply",
    "chain",
]
