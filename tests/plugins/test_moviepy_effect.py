"""The MoviePy effect: sound of the same length, the music gone, picture clips welcome."""

import numpy as np
from conftest import noise, tone
from moviepy import ColorClip
from moviepy.audio.AudioClip import AudioArrayClip

from vidsep.plugins.moviepy_effect import Remix
from vidsep.separation.separator import Separator

RATE = 44100


def test_a_fader_moves_the_sound_of_a_picture(separator: Separator) -> None:
    sound = tone(440, -20, 2.0, RATE)
    clip = ColorClip((64, 36), (0, 0, 0), duration=2.0).with_audio(AudioArrayClip(sound, fps=RATE))
    faders = {f"{stem}.gain_db": -6.0206 for stem in ("dialogue", "music", "effects")}
    remixed = clip.with_effects([Remix("neutral", faders, separator=separator)])
    np.testing.assert_allclose(remixed.audio.to_soundarray(fps=RATE), 0.5 * sound, atol=1e-3)
    assert remixed.duration == clip.duration


def test_sound_without_a_picture_keeps_rate_and_length() -> None:
    clip = AudioArrayClip(noise(-20, 1.5, RATE), fps=RATE)
    remixed = clip.with_effects([Remix("neutral")])
    assert (remixed.fps, remixed.duration) == (clip.fps, clip.duration)
    np.testing.assert_allclose(remixed.to_soundarray(), clip.to_soundarray(), atol=1e-6)
