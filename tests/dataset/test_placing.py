"""What Divide and Remaster says of how sounds lie in time, on many draws."""

import numpy as np
import pytest

from vidsep.dataset.placing import LEAST_END_SECONDS, LEAST_SHARE, Place, event_count, next_earliest, place
from vidsep.dataset.recipes import BACKGROUND, FOREGROUND, MUSIC, RECIPES, SPEECH, Draw, find_recipe
from vidsep.errors import DatasetError

SECONDS = 60.0
TRACKS = [(recipe.name, name) for recipe in RECIPES.values() for name in recipe.tracks]


@pytest.mark.parametrize(("recipe", "name"), TRACKS)
def test_counts_are_poisson_without_zero(recipe: str, name: str) -> None:
    """The mean of a Poisson number that is never zero is its parameter over 1 - exp(-parameter)."""
    rng, track = np.random.default_rng(0), RECIPES[recipe].tracks[name]
    counts = [event_count(track, SECONDS, rng) for _ in range(4000)]
    assert min(counts) >= 1
    assert np.mean(counts) == pytest.approx(track.events / (1 - np.exp(-track.events)), rel=0.03)
    short = [event_count(track, SECONDS / 12, rng) for _ in range(4000)]
    assert np.mean(short) == pytest.approx(track.events / 12 / (1 - np.exp(-track.events / 12)), rel=0.06)


@pytest.mark.parametrize(("recipe", "name"), TRACKS)
def test_sounds_lie_inside_and_keep_the_rules(recipe: str, name: str) -> None:
    rng, track = np.random.default_rng(1), RECIPES[recipe].tracks[name]
    for _ in range(300):
        earliest, recording = rng.uniform(0, SECONDS), rng.uniform(1, 30)
        found = place(track, earliest, recording, SECONDS, rng)
        if found is None:
            continue
        assert earliest <= found.start
        assert found.start + found.seconds <= SECONDS + 1e-9
        assert found.seconds <= recording + 1e-9
        if track.whole:
            assert found.seconds == recording
        else:
            assert found.seconds >= LEAST_SHARE * recording - 1e-9
            assert found.start <= SECONDS - LEAST_END_SECONDS


def test_a_sentence_that_does_not_fit_is_not_spoken() -> None:
    rng, speech = np.random.default_rng(0), RECIPES["dnr-v2"].tracks[SPEECH]
    assert place(speech, 50.0, 10.5, SECONDS, rng) is None
    assert place(speech, 49.0, 10.5, SECONDS, rng) == Place(49.5, 10.5)  # as late as it must be


@pytest.mark.parametrize(
    ("recipe", "name", "overlap"),
    [
        ("dnr-v2", SPEECH, 0), ("dnr-v2", FOREGROUND, 0), ("dnr-v3", SPEECH, 0.25), ("dnr-v3", MUSIC, 0),
        ("dnr-v3", FOREGROUND, 0.5), ("dnr-v3", BACKGROUND, 1.0),
    ],
)  # fmt: skip
def test_overlap(recipe: str, name: str, overlap: float) -> None:
    rng, track = np.random.default_rng(0), RECIPES[recipe].tracks[name]
    starts = np.array([next_earliest(track, Place(10.0, 4.0), rng) for _ in range(500)])
    assert starts.min() == pytest.approx(14.0 - 4.0 * overlap, abs=0.05 * overlap)
    assert starts.max() <= 14.0


def test_draws_have_their_spread() -> None:
    rng = np.random.default_rng(0)
    flat = [Draw(-27, 2, False).value(rng) for _ in range(4000)]
    bell = [Draw(-32, 6, True).value(rng) for _ in range(4000)]
    assert [min(flat), max(flat)] == pytest.approx([-29, -25], abs=0.01)
    assert [np.mean(bell), np.std(bell)] == pytest.approx([-32, 6], abs=0.3)


def test_published_levels() -> None:
    levels = {name: track.loudness_lufs.middle for name, track in RECIPES["dnr-v2"].tracks.items()}
    assert levels == {SPEECH: -17, MUSIC: -24, FOREGROUND: -21, BACKGROUND: -29}
    levels = {name: track.loudness_lufs.middle for name, track in RECIPES["dnr-v3"].tracks.items()}
    assert levels == {SPEECH: -27, MUSIC: -32, FOREGROUND: -32, BACKGROUND: -40}


def test_an_unknown_recipe() -> None:
    with pytest.raises(DatasetError, match="dnr-v2, dnr-v3"):
        find_recipe("dnr")
