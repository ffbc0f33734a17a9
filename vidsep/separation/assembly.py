"""From what a network gives to the stems of a sound, which sum to it whatever the network does.

Of the stems of a soundtrack the effects are not taken from the network: they are what its dialogue and music leave of
the sound, with all that it cannot hear (above 22 kHz, or lost in resampling). A network whose effects are wanted as it
gives them, or whose stems are those of a song, is asked for all of them.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from vidsep.audio import STEM_NAMES, FloatArray, Stems

ENOUGH = ("dialogue", "music")  # of which the rest follows
VOICE = "vocals"  # what stands for the dialogue among the stems of a song


def needed(stems: Sequence[str], *, whole: bool = False) -> tuple[str, ...]:
    """Which of a network's stems `assembled` needs; all of them where they are wanted just as they are (``whole``).

    >>> needed(("music", "dialogue", "effects"))
    ('dialogue', 'music')
    """
    unique = tuple(dict.fromkeys(stems))
    return unique if whole or not set(unique) <= set(STEM_NAMES) else ENOUGH


def assembled(made: Mapping[str, FloatArray], mix: FloatArray) -> Stems:
    """The stems of ``mix`` from the `needed` ones, all of its shape."""
    if not made.keys() <= set(STEM_NAMES):
        dialogue = made.get(VOICE, made.get("dialogue", np.zeros_like(mix)))
        return Stems(dialogue, mix - dialogue, np.zeros_like(mix), made)
    if len(made) == len(STEM_NAMES):
        return Stems(made["dialogue"], made["music"], made["effects"])
    return Stems(made["dialogue"], made["music"], mix - made["dialogue"] - made["music"])
