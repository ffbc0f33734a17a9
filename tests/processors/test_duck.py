"""Ducking: the difference one asked for, in time for the first word, steady in between, gone afterwards."""

import csv
import io
import itertools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyloudnorm
import pytest
from conftest import noise

from vidsep.audio import FloatArray
from vidsep.processors.duck import Duck, DuckCurve

RATE = 16000

SENTENCES = [(3.0, 6.0), (6.3, 8.0), (14.0, 17.5)]
SECONDS = 24.0


def speech(
    sentences: Sequence[tuple[float, float]] = SENTENCES,
    seconds: float = SECONDS,
    level_db: float = -20.0,
    sample_rate: int = RATE,
    channels: int = 2,
) -> FloatArray:
    """Syllables of 160 ms with 60 ms between them, of uneven loudness; silence between the sentences."""
    rng = np.random.default_rng(5)
    sound = np.zeros((round(seconds * sample_rate), channels), np.float32)
    for start, stop in sentences:
        for second in np.arange(start, stop - 0.1, 0.22):
            n_samples = round(min(0.16, stop - second) * sample_rate)
            wave = rng.standard_normal(n_samples) * np.sin(np.pi * np.arange(n_samples) / n_samples) ** 0.5
            at = round(second * sample_rate)
            sound[at : at + n_samples] = (wave * 10 ** ((level_db + rng.normal(0, 2)) / 20))[:, None]
    return sound


def duck(dialogue: FloatArray, music: FloatArray, **settings: Any) -> DuckCurve:
    return Duck(**settings).curve([dialogue], [music], RATE, dialogue.shape[1])


def ducked(curve: DuckCurve, music: FloatArray, sample_rate: int = RATE) -> FloatArray:
    return np.concatenate(list(curve.apply([music], sample_rate)))


def while_speaking(sound: FloatArray, sample_rate: int = RATE) -> FloatArray:
    spans = [sound[round(start * sample_rate) : round(stop * sample_rate)] for start, stop in SENTENCES]
    return np.concatenate(spans)


def lufs(sound: FloatArray, sample_rate: int = RATE) -> float:
    return float(pyloudnorm.Meter(sample_rate, filter_class="DeMan").integrated_loudness(sound.astype(np.float64)))


@pytest.mark.parametrize("difference_lu", [6.0, 10.0, 20.0])
def test_the_asked_difference_is_reached(difference_lu: float) -> None:
    dialogue, music = speech(), noise(-24, SECONDS, RATE, seed=1)
    curve = duck(dialogue, music, difference_lu=difference_lu)
    assert curve.reached_difference_lu == pytest.approx(difference_lu, abs=0.1)
    # pyloudnorm hears the syllables' gaps too, the detector closes and counts them as well
    outside = lufs(while_speaking(dialogue)) - lufs(while_speaking(ducked(curve, music)))
    assert outside == pytest.approx(difference_lu, abs=0.5)


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("stereo", 2), ("5.1", 6)])
@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000])
def test_at_any_rate_and_layout(layout: str, channels: int, sample_rate: int) -> None:
    dialogue = speech(sample_rate=sample_rate, channels=channels)
    music = noise(-24, SECONDS, sample_rate, channels)
    curve = Duck().curve([dialogue], [music], sample_rate, channels, layout)
    assert curve.reached_difference_lu == pytest.approx(10.0, abs=0.1)
    assert ducked(curve, music, sample_rate).shape == music.shape


def test_down_before_the_first_syllable_and_back_in_the_long_pause() -> None:
    curve = duck(speech(), noise(-24, SECONDS, RATE))
    level_db = curve.gain_db[500]
    assert level_db < -5
    assert not curve.gain_db[:275].any()  # 250 ms before the first word
    assert curve.gain_db[300] == level_db
    assert np.all(curve.gain_db[300:840] == level_db)  # hold
    assert not curve.gain_db[950:1375].any()  # hold and release are over
    assert np.all(curve.gain_db[1400:1750] == curve.gain_db[1500])
    assert not curve.gain_db[1900:].any()


def test_it_stands_still_in_a_sentence_with_short_pauses() -> None:
    sentences = [(2.0, 3.1), (3.4, 4.2), (4.5, 5.5), (5.8, 7.0)]  # 300 ms between them
    music = noise(-24, 10, RATE)
    curve = duck(speech(sentences, 10.0), music)
    assert np.ptp(curve.gain_db[200:700]) == 0


def test_a_pause_too_short_to_come_up_is_kept_down() -> None:
    sentences = [(2.0, 4.0), (5.2, 7.0)]
    music = noise(-24, 10, RATE)
    assert np.ptp(duck(speech(sentences, 10.0), music).gain_db[200:700]) == 0
    assert duck(speech(sentences, 10.0), music, hold_ms=100.0, release_ms=300.0).gain_db[480] > -0.5


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(50.0, 200.0), (150.0, 800.0), (400.0, 2000.0)])
def test_ramps_take_the_time_they_were_given(attack_ms: float, release_ms: float) -> None:
    music = noise(-24, SECONDS, RATE)
    gain_db = duck(speech(), music, attack_ms=attack_ms, release_ms=release_ms, look_ahead_ms=attack_ms).gain_db
    bottom_db = gain_db[1600]
    moving = (gain_db < -0.001) & (gain_db > bottom_db + 0.001)
    assert 10 * moving[1300:1500].sum() == pytest.approx(attack_ms, abs=20)
    assert 10 * moving[1600:].sum() == pytest.approx(release_ms, abs=20)


def test_ramps_are_smooth() -> None:
    curve = duck(speech(), noise(-20, SECONDS, RATE), difference_lu=20.0)
    steepest_db = -curve.gain_db.min() * np.pi / 2 / 15  # of a raised cosine over 150 ms
    assert np.abs(np.diff(curve.gain_db)).max() <= steepest_db * 1.05


def test_a_long_speech_follows_music_that_changes_but_slowly() -> None:
    dialogue = speech([(1.0, 39.0)], 40.0)
    music = noise(-30, 40, RATE)
    music[20 * RATE :] *= 4  # 12 dB louder from the middle on
    curve = duck(dialogue, music)
    quiet_db, loud_db = curve.gain_db[500], curve.gain_db[3500]
    assert quiet_db - loud_db == pytest.approx(12, abs=1.5)
    assert np.abs(np.diff(curve.gain_db[200:3800])).max() < 0.2  # dB in 10 ms


def test_music_that_is_quiet_enough_is_left_alone() -> None:
    dialogue, music = speech(), noise(-50, SECONDS, RATE)
    curve = duck(dialogue, music)
    assert np.array_equal(ducked(curve, music), music)
    assert curve.reached_difference_lu is not None
    assert curve.reached_difference_lu > 20


def test_the_reduction_has_a_limit() -> None:
    curve = duck(speech(level_db=-40), noise(-6, SECONDS, RATE), max_reduction_db=12.0)
    assert curve.gain_db.min() == -12
    assert curve.reached_difference_lu is not None
    assert curve.reached_difference_lu < 0


def test_each_speaker_has_the_same_difference() -> None:
    dialogue = speech()
    dialogue[10 * RATE :] *= 0.5  # the second speaker is 6 dB softer
    curve = duck(dialogue, noise(-24, SECONDS, RATE))
    assert curve.gain_db[500] - curve.gain_db[1600] == pytest.approx(6.0, abs=1.0)


def test_nobody_speaks() -> None:
    music = noise(-20, 5, RATE)
    curve = duck(np.zeros_like(music), music)
    assert np.array_equal(ducked(curve, music), music)
    assert (curve.reached_difference_lu, curve.speech_share) == (None, 0.0)


def test_no_music_plays() -> None:
    dialogue = speech()
    curve = duck(dialogue, np.zeros_like(dialogue))
    assert not curve.gain_db.any()
    assert curve.reached_difference_lu is None
    assert curve.speech_share == pytest.approx(8.2 / SECONDS, abs=0.03)


@pytest.mark.parametrize("n_samples", [0, 1, 100, 1600])
def test_hardly_any_sound(n_samples: int) -> None:
    sound = noise(-20, 1, RATE)[:n_samples]
    assert ducked(duck(sound, sound), sound).shape == sound.shape


def test_music_left_in_the_dialogue_is_not_speech() -> None:
    music = noise(-20, SECONDS, RATE, seed=2)
    music[(np.arange(len(music)) // (RATE // 2)) % 2 == 1] *= 0.3  # a slow beat
    left_behind = music * np.float32(0.08)  # 22 dB below
    alone = Duck().curve([left_behind], [music], RATE, 2, mix=[music + left_behind])
    assert alone.speech_share == 0
    dialogue = speech() + left_behind
    with_voice = Duck().curve([dialogue], [music], RATE, 2, mix=[music + dialogue])
    assert not with_voice.gain_db[1000:1350].any()
    assert with_voice.gain_db[500] < -8


def test_the_cut_makes_no_difference() -> None:
    dialogue, music = speech(), noise(-24, SECONDS, RATE)
    edges = [0, 1, 1, 7000, 7001, 123456, len(music)]
    pairs = list(itertools.pairwise(edges))
    cut = Duck().curve((dialogue[a:b] for a, b in pairs), (music[a:b] for a, b in pairs), RATE, 2)
    assert np.array_equal(cut.gain_db, duck(dialogue, music).gain_db)


def test_export_tells_the_reached_difference() -> None:
    curve = duck(speech(), noise(-24, SECONDS, RATE))
    told = json.loads(curve.to_json())
    assert told["reached_difference_lu"] == pytest.approx(10, abs=0.1)
    assert told["speech_share"] == pytest.approx(curve.speech_share, abs=1e-4)
    rows = list(csv.DictReader(io.StringIO(curve.to_csv())))
    exported = np.interp(8.0, [float(row["seconds"]) for row in rows], [float(row["gain_db"]) for row in rows])
    assert exported == pytest.approx(float(curve.gain_db[800]), abs=1e-3)


@pytest.mark.parametrize("bad", [{"difference_lu": -1.0}, {"difference_lu": float("nan")}, {"attack_ms": 0.0}])
def test_settings_out_of_range(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        Duck(**bad)
