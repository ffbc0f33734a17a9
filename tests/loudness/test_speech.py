"""Where somebody speaks."""

import numpy as np
import pytest

from vidsep.loudness.gating import Levels
from vidsep.loudness.speech import Mask, speech_activity

RATE_HZ = 100


def levels(*parts: tuple[float, float]) -> Levels:
    """A curve of stretches, each ``(LUFS, seconds)``."""
    return np.concatenate([np.full(round(seconds * RATE_HZ), lufs) for lufs, seconds in parts])


def spoken_seconds(speech: Mask) -> list[tuple[float, float]]:
    """Start and end of each stretch of speech."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], speech, [False]]).astype(int)))
    return [(start / RATE_HZ, stop / RATE_HZ) for start, stop in edges.reshape(-1, 2)]


def test_speech_is_what_is_loud_in_the_dialogue_stem() -> None:
    speech = speech_activity(levels((-60, 1), (-25, 2), (-60, 3), (-25, 1)), RATE_HZ)
    assert spoken_seconds(speech) == [(1, 3), (6, 7)]


@pytest.mark.parametrize("offset_lu", [-30, -10, 0, 15])
def test_the_level_of_the_recording_does_not_matter(offset_lu: float) -> None:
    curve = levels((-60, 1), (-25, 2), (-39, 0.5), (-60, 3), (-25, 1)) + offset_lu
    assert spoken_seconds(speech_activity(curve, RATE_HZ)) == [(1, 3.5), (6.5, 7.5)]


def test_speech_falls_further_than_it_rises() -> None:
    ends_soft = levels((-20, 2), (-33, 1), (-60, 1))
    assert spoken_seconds(speech_activity(ends_soft, RATE_HZ)) == [(0, 3)]
    soft_alone = levels((-20, 2), (-60, 1), (-33, 1))
    assert spoken_seconds(speech_activity(soft_alone, RATE_HZ)) == [(0, 2)]


def test_pauses_up_to_the_hold_time_belong_to_speech() -> None:
    curve = levels((-90, 0.1), (-20, 1), (-90, 0.2), (-20, 1), (-90, 0.21), (-20, 1), (-90, 0.1))
    assert spoken_seconds(speech_activity(curve, RATE_HZ)) == [(0.1, 2.3), (2.51, 3.51)]
    assert spoken_seconds(speech_activity(curve, RATE_HZ, hold_seconds=0.5)) == [(0.1, 3.51)]


def test_clicks_are_no_speech() -> None:
    curve = levels((-90, 1), (-20, 0.09), (-90, 1), (-20, 0.1), (-90, 1))
    assert spoken_seconds(speech_activity(curve, RATE_HZ)) == [(2.09, 2.19)]


def test_remains_of_music_are_no_speech() -> None:
    dialogue = levels((-40, 3), (-22, 2), (-40, 3))
    mix = levels((-20, 3), (-18, 2), (-20, 3))
    assert spoken_seconds(speech_activity(dialogue, RATE_HZ, mix)) == [(3, 5)]
    only_remains = levels((-40, 8))
    assert speech_activity(only_remains, RATE_HZ).all()
    assert not speech_activity(only_remains, RATE_HZ, mix).any()


@pytest.mark.parametrize("n_levels", [0, 1, 500])
@pytest.mark.parametrize("level", [-np.inf, -75.0])
def test_silence_is_no_speech(n_levels: int, level: float) -> None:
    silence = np.full(n_levels, level)
    for mix in (None, silence, np.full(n_levels, -20.0)):
        speech = speech_activity(silence, RATE_HZ, mix)
        assert speech.shape == (n_levels,)
        assert not speech.any()


def test_unbroken_speech_is_speech_throughout() -> None:
    assert speech_activity(levels((-20, 2)), RATE_HZ, levels((-20, 2))).all()
