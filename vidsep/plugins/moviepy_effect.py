"""vidsep as an effect of MoviePy 2.

    clip.with_effects([Remix("strip-music")])

MoviePy encodes the picture anew when it writes a file. Where nothing but the sound is to change, `vidsep.remix` leaves
the picture as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import Effect
from moviepy.audio.AudioClip import AudioArrayClip
from moviepy.decorators import audio_video_effect

from vidsep.audio import Audio
from vidsep.pipeline import remix_audio
from vidsep.preset import Preset
from vidsep.separation.separator import Separator


@dataclass
class Remix(Effect):
    """Gives a clip, with picture or without, the sound that a preset makes of it.

    ``preset``, ``settings`` and ``music`` are those of `vidsep.remix`. Effects that share a ``separator`` load the
    network once. The sound is rendered when the effect is applied; it keeps its rate, its start and its length.

    Raises what `vidsep.remix` raises for presets, music and models.
    """

    preset: str | Path | Preset | Sequence[str | Path | Preset] = "strip-music"
    settings: Mapping[str, object] = field(default_factory=dict)
    music: Sequence[str | Path] = ()
    separator: Separator | None = None

    @audio_video_effect
    def apply(self, clip: Any) -> Any:
        """The clip with its new sound. ``clip`` is MoviePy's: an AudioClip, or the sound of a VideoClip."""
        samples = np.asarray(clip.to_soundarray(), np.float32).reshape(-1, clip.nchannels)
        sound = remix_audio(
            Audio(samples, clip.fps),
            preset=self.preset,
            settings=self.settings,
            music=self.music,
            separator=self.separator,
        )
        return AudioArrayClip(sound.samples[:], fps=clip.fps).with_start(clip.start).with_duration(clip.duration)
