"""Levels, sums and silence of rendered clips; pyloudnorm is the judge of loudness."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from conftest import noise, scene, tone

from vidsep.audio import FloatArray
from vidsep.corpora import Recording
from vidsep.dataset.recipes import BACKGROUND, FOREGROUND, MUSIC, RECIPES, SPEECH, Draw, Recipe
from vidsep.dataset.rendering import Rendered, Renderer
from vidsep.errors import DatasetError

RATE = 48000  # at which BS.1770 tabulates its filters: all meters have the same ones
SECONDS = 12.0
SOUNDS: Mapping[str, FloatArray] = {
    "voice": scene(3.0, RATE)[:, :1].repeat(2, axis=1),
    "chord": tone(220, -20, 9.0, RATE),
    "bang": noise(-10, 1.5, RATE, 2, 1),
    "rain": noise(-30, 9.0, RATE, 2, 2),
    "nothing": np.zeros((2 * RATE, 2), np.float32),
}
POOLS = {SPEECH: "voice", MUSIC: "chord", FOREGROUND: "bang", BACKGROUND: "rain"}


def recording(name: str) -> Recording:
    return Recording(Path(name), name, name, len(SOUNDS[name]) / RATE)


def steady(name: str) -> Recipe:
    """A recipe without chance in its levels."""
    recipe = RECIPES[name]
    tracks = {
        name: replace(track, loudness_lufs=replace(track.loudness_lufs, spread=0), event_lu=Draw(0, 0, False))
        for name, track in recipe.tracks.items()
    }
    return replace(recipe, tracks=tracks, mix_lufs=replace(recipe.mix_lufs, spread=0))


def renderer(recipe: Recipe, absent: float = 0.0, **pools: str) -> Renderer:
    names = {**POOLS, **pools}
    listed = {track: [recording(name)] for track, name in names.items()}
    return Renderer(recipe, listed, lambda r: SOUNDS[r.source], SECONDS, RATE, 2, absent)


def clip(recipe: Recipe, seed: int = 0, absent: float = 0.0, **pools: str) -> Rendered:
    return renderer(recipe, absent, **pools).clip(np.random.default_rng(seed))


def lufs(sound: FloatArray) -> float:
    return float(pyloudnorm.Meter(RATE).integrated_loudness(sound.astype(np.float64)))


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("seed", range(3))
def test_the_mixture_reaches_its_loudness(name: str, seed: int) -> None:
    assert lufs(clip(steady(name), seed).mixture) == pytest.approx(-27, abs=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_tracks_stand_as_far_apart_as_version_3_says(seed: int) -> None:
    stems = clip(steady("dnr-v3"), seed).stems
    assert lufs(stems["speech"]) - lufs(stems["music"]) == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_events_stand_as_far_apart_as_version_2_says(seed: int) -> None:
    """There it is each sound that has a loudness, not the track with its pauses."""
    rendered = clip(steady("dnr-v2"), seed)

    def loudness(track: str, stem: str) -> list[float]:
        pieces = [(round(e.start * RATE), round(e.seconds * RATE)) for e in rendered.events if e.track == track]
        return [lufs(rendered.stems[stem][start : start + length]) for start, length in pieces if length > RATE / 2]

    for voice in loudness(SPEECH, "speech"):
        for chord in loudness(MUSIC, "music"):
            assert voice - chord == pytest.approx(-17 - -24, abs=0.2)


@pytest.mark.parametrize("name", RECIPES)
def test_stems_sum_to_the_mixture_bit_for_bit(name: str) -> None:
    rendered = clip(RECIPES[name])
    total = sum(stem.astype(np.float64) for stem in rendered.stems.values())
    np.testing.assert_array_equal(total, rendered.mixture)
    steps = rendered.mixture.astype(np.float64) * 2**23
    np.testing.assert_array_equal(steps, np.rint(steps))


def test_loudness_yields_to_the_peak() -> None:
    """At -3 LUFS noise would clip: the whole clip is turned down until its highest peak is -0.5 dBFS."""
    recipe = replace(steady("dnr-v2"), mix_lufs=Draw(-3, 0, False))
    rendered = clip(recipe)
    highest = max(np.abs(sound).max() for sound in (rendered.mixture, *rendered.stems.values()))
    assert 20 * np.log10(highest) == pytest.approx(-0.5, abs=0.01)


@pytest.mark.parametrize("name", RECIPES)
def test_gains_say_what_was_done(name: str) -> None:
    """The voice again from the annotations: its recording by the gain, but for the fades at its ends."""
    rendered = clip(RECIPES[name], 2)
    event = next(event for event in rendered.events if event.track == SPEECH)
    start, offset, length = (round(seconds * RATE) for seconds in (event.start, event.offset, event.seconds))
    inside = slice(RATE // 50, length // 2)  # before the next one can begin
    expected = SOUNDS["voice"][offset : offset + length][inside] * event.gain
    np.testing.assert_allclose(rendered.stems["speech"][start : start + length][inside], expected, atol=1e-5)


def test_without_overlap_no_two_sounds_of_a_track_meet() -> None:
    for seed in range(5):
        events = clip(RECIPES["dnr-v2"], seed).events
        for name in POOLS:
            spans = sorted((e.start, e.start + e.seconds) for e in events if e.track == name)
            assert all(end <= start + 1e-9 for (_, end), (start, _) in pairwise(spans))


def test_absent_stems_are_silent_and_never_all() -> None:
    present = {"speech": 0, "music": 0, "sfx": 0}
    for seed in range(40):
        stems = clip(RECIPES["dnr-v2"], seed, absent=0.5, background="bang").stems
        sounding = [name for name, stem in stems.items() if stem.any()]
        assert sounding
        for name in sounding:
            present[name] += 1
    assert all(0.35 < count / 40 < 0.8 for count in present.values())  # a half of all, but for the empty clips: 4 / 7


def test_the_same_numbers_make_the_same_clip() -> None:
    first, again, other = (clip(RECIPES["dnr-v3"], seed).mixture for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_foreground_effects_stand_to_one_side_and_the_voice_does_not() -> None:
    rendered = clip(steady("dnr-v2"), 3)
    for track, stem in ((FOREGROUND, "sfx"), (SPEECH, "speech")):
        event = next(event for event in rendered.events if event.track == track)
        start, length = round(event.start * RATE), round(event.seconds * RATE)
        left, right = np.std(rendered.stems[stem][start : start + length].astype(np.float64), axis=0)
        assert (abs(left - right) > 0.01 * left) == (track == FOREGROUND)


def test_sources_are_drawn_alike_however_many_recordings_they_have() -> None:
    many = [replace(recording("bang"), path=Path(f"bang {i}")) for i in range(9)]
    one = renderer(steady("dnr-v2"))
    drawing = replace(one, pools={**one.pools, FOREGROUND: [*many, recording("rain")]})
    events = [
        e for seed in range(12) for e in drawing.clip(np.random.default_rng(seed)).events if e.track == FOREGROUND
    ]
    share = sum(event.recording.source == "rain" for event in events) / len(events)
    assert share == pytest.approx(0.5, abs=0.2)


def test_silent_recordings_are_passed_over() -> None:
    with pytest.raises(DatasetError, match="no recording for music"):
        clip(RECIPES["dnr-v2"], music="nothing")
