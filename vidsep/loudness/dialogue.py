"""Dialogue-gated loudness: how loud a programme is while somebody speaks.

Netflix and others set their target for the dialogue and not for the whole programme. Where the usual meters guess from
the mix where speech is, this one looks at the separated dialogue.
"""

from collections.abc import Iterable

from vidsep.audio import FloatArray
from vidsep.loudness.bs1770 import HOPS_PER_SECOND, LoudnessMeter
from vidsep.loudness.gating import Levels, mean_lufs
from vidsep.loudness.speech import Mask, speech_activity

LEAST_DIALOGUE_SHARE = 0.15  # Netflix sound mix specification 1.4: below, the whole programme is measured instead
SPEECH_WINDOW_SECONDS = 0.1  # short enough to see pauses, long enough not to see the pitch of a voice


class DialogueGatedMeter:
    """Measures the mix over the stretches in which the dialogue stem shows speech.

    What is speech is decided by `speech_activity` every 10 ms. Inside the speech nothing is gated, as in BS.1770-1.
    """

    def __init__(self, sample_rate: int, n_channels: int, layout: str = "") -> None:
        self._mix = LoudnessMeter(sample_rate, n_channels, layout)
        self._dialogue = LoudnessMeter(sample_rate, n_channels, layout)

    def add(self, mix: FloatArray, dialogue: FloatArray) -> None:
        """Hear the next block of the mix and of its dialogue stem, both of shape ``(any, n_channels)``."""
        if mix.shape != dialogue.shape:
            raise ValueError(f"mix and dialogue have one shape, these have {mix.shape} and {dialogue.shape}")
        self._mix.add(mix)
        self._dialogue.add(dialogue)

    @property
    def speech(self) -> Mask:
        """True for each 10 ms of speech, shape ``(n_hops,)``."""
        return speech_activity(_levels_lufs(self._dialogue), HOPS_PER_SECOND, _levels_lufs(self._mix))

    @property
    def dialogue_share(self) -> float:
        """How much of the time is speech, 0 to 1; dialogue below `LEAST_DIALOGUE_SHARE` is no measure of the whole."""
        speech = self.speech
        return float(speech.mean()) if speech.size else 0.0

    @property
    def dialogue_lufs(self) -> float:
        """Loudness of the mix during speech in LUFS; minus infinity where nobody speaks."""
        return mean_lufs(self._mix.hop_energies[self.speech])

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness of the whole mix in LUFS."""
        return self._mix.integrated_lufs


def lufs_during(
    speech: Mask, blocks: Iterable[FloatArray], sample_rate: int, n_channels: int, layout: str = ""
) -> float:
    """Loudness in LUFS of ``blocks`` during ``speech`` (`DialogueGatedMeter.speech`): of the mix after a change."""
    meter = LoudnessMeter(sample_rate, n_channels, layout)
    for block in blocks:
        meter.add(block)
    return mean_lufs(meter.hop_energies[speech])


def _levels_lufs(meter: LoudnessMeter) -> Levels:
    return meter.curve_lufs(SPEECH_WINDOW_SECONDS, 1 / HOPS_PER_SECOND, centred=True)
