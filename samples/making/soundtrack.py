"""The vlog's sound: three stems at their levels, and their mix.

Loudness is measured as BS.1770-4 says (pyloudnorm), so that voice and music stand at a known distance.
"""

from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
import soxr

from samples.making import nature, songs, story
from samples.making.sound import SAMPLE_RATE, Wave, add, band, clock, pan, room

SPEECH = Path(__file__).parents[1] / "speech"
MIX_LUFS = -18.0
MUSIC_UNDER_VOICE_LU = 9.0
EFFECTS_UNDER_VOICE_LU = 10.0
PEAK = 0.83  # of samples; leaves room below -1 dBTP for what lies between them and for the codec


def loudness(wave: Wave) -> float:
    """Integrated loudness in LUFS."""
    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(wave))


def dialogue(rng: np.random.Generator) -> Wave:
    """The spoken lines at their times: a near microphone, a little air around it."""
    track = np.zeros((round(story.SECONDS * SAMPLE_RATE), 2))
    for line in story.LINES:
        voice, rate = soundfile.read(SPEECH / line.file)
        voice = _steady(band(np.asarray(soxr.resample(voice, rate, SAMPLE_RATE, quality="VHQ")), 80, SAMPLE_RATE))
        presence = band(voice, 2500, SAMPLE_RATE, 1)
        add(track, pan(voice + 0.7 * presence, 0.0), line.start_seconds)
    return track + 0.05 * room(track, rng, 0.35, 8000)


def effects(rng: np.random.Generator) -> Wave:
    """Everything that is neither spoken nor played."""
    makers = (nature.birds, nature.steps, nature.wind, nature.water, nature.van, nature.rain)
    return np.asarray(np.sum([maker(story.SECONDS, rng) for maker in makers], axis=0))


def stems(seed: int = 7) -> dict[str, Wave]:
    """Dialogue, music and effects as they lie in the mix, each float64 ``(n_samples, 2)`` at 48 kHz; they sum to it."""
    rng = np.random.default_rng(seed)
    parts = {"dialogue": dialogue(rng), "music": songs.calm(story.SECONDS), "effects": effects(rng)}
    voice = loudness(parts["dialogue"])
    under = {"dialogue": 0.0, "music": MUSIC_UNDER_VOICE_LU, "effects": EFFECTS_UNDER_VOICE_LU}
    for name, part in parts.items():
        parts[name] = part * 10 ** ((voice - under[name] - loudness(part)) / 20)
    gain = 10 ** ((MIX_LUFS - loudness(mix(parts))) / 20)
    ends = np.clip((story.SECONDS - clock(story.SECONDS)) / 0.8, 0, 1)[:, None]
    parts = {name: part * gain * ends for name, part in parts.items()}
    if np.abs(mix(parts)).max() > PEAK:
        raise ValueError(f"the mix peaks at {np.abs(mix(parts)).max():.2f}, more than {PEAK}")
    return parts


def mix(parts: dict[str, Wave]) -> Wave:
    """The stems' sum."""
    return np.asarray(np.sum(list(parts.values()), axis=0))


def _steady(voice: Wave) -> Wave:
    """The voice with its loudest moments held back, as a broadcast compressor would."""
    level = np.sqrt(np.maximum(band(voice**2, 0, 12, 1), 1e-12))
    return np.asarray(voice * np.minimum(1, (0.10 / level) ** 0.5))
