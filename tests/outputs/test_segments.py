"""Segments: cut where the music changes, with what was taken out, and the places of doubt."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from vidsep.loudness.gating import Levels, to_energies
from vidsep.outputs.levels import StemLevels
from vidsep.outputs.segments import MOST_SEGMENTS, MOST_SPOTS, Segment, music_plays, segments, spots_to_hear, whole

STEP_SECONDS = 0.05


def power(*parts: tuple[float, float]) -> Levels:
    """K-weighted power from (seconds, LUFS) after one another."""
    return np.concatenate(
        [np.full(round(seconds / STEP_SECONDS), to_energies(np.array(lufs))) for seconds, lufs in parts]
    )


def levels(
    music: Levels, dialogue_lufs: float = -25.0, after_db: float = -20.0, share: npt.ArrayLike = 0.9, pair: int = 0
) -> StemLevels:
    n_frames = len(music)
    dialogue = power((n_frames * STEP_SECONDS, dialogue_lufs))
    total = dialogue + music
    contested = np.zeros((n_frames, 3))
    contested[:, pair] = 1.0
    return StemLevels(
        step_seconds=STEP_SECONDS,
        total_seconds=n_frames * STEP_SECONDS,
        dialogue=dialogue,
        music=music,
        effects=np.zeros(n_frames),
        music_after=music * 10 ** (after_db / 10),
        sure=total * np.asarray(share),
        contested=contested,
    )


def times(parts: list[Segment]) -> list[tuple[float, float, bool]]:
    return [(round(part.start_seconds), round(part.end_seconds), part.has_music) for part in parts]


def test_cuts_where_music_stops_and_starts() -> None:
    parts = segments(levels(power((20, -20), (15, -100), (25, -30))))
    assert times(parts) == [(0, 20, True), (20, 35, False), (35, 60, True)]


def test_says_what_was_taken_out() -> None:
    (part,) = segments(levels(power((10, -20)), dialogue_lufs=-20, after_db=-10))
    assert part.music_before_lufs == pytest.approx(-20)
    assert part.music_after_lufs == pytest.approx(-30)
    assert part.reduction_lu == pytest.approx(10)
    assert part.dialogue_lufs == pytest.approx(-20)
    assert part.removed_share == pytest.approx(0.45)  # half of the energy was music, nine tenths of that is gone
    assert part.certainty == pytest.approx((0.9 - 1 / 3) * 1.5)


def test_short_gaps_and_short_bursts_do_not_count() -> None:
    music = power((10, -20), (1, -100), (10, -20), (20, -100), (1, -20), (20, -100))
    assert times(segments(levels(music))) == [(0, 21, True), (21, 62, False)]


def test_nor_do_they_at_the_ends() -> None:
    music = power((0.5, -100), (10, -20), (10, -100), (0.5, -20))
    parts = segments(levels(music))
    assert [part.has_music for part in parts] == [True, False]
    assert parts[0].end_seconds == pytest.approx(10.5, abs=0.6)  # the level is averaged over 1 s


def test_residue_far_under_the_dialogue_is_no_music() -> None:
    assert not music_plays(levels(power((20, -55)), dialogue_lufs=-20)).any()
    assert music_plays(levels(power((20, -40)), dialogue_lufs=-20)).all()


def test_residue_far_under_the_other_music_is_no_music() -> None:
    assert times(segments(levels(power((20, -15), (20, -45)), dialogue_lufs=-100)))[1] == (20, 40, False)


def test_residue_in_a_pause_of_loud_speech_is_no_music() -> None:
    pause = levels(power((60, -52)), dialogue_lufs=-20)
    pause.dialogue[600:700] = 0
    assert not music_plays(pause).any()


def test_a_clip_shorter_than_a_segment_is_one() -> None:
    (part,) = segments(levels(power((0.5, -20))))
    assert part.has_music
    assert part.end_seconds == pytest.approx(0.5)


def test_silence_is_one_part_without_music() -> None:
    (part,) = segments(levels(power((10, -np.inf)), dialogue_lufs=-np.inf))
    assert (part.has_music, part.removed_share, part.music_before_lufs) == (False, 0.0, -np.inf)


def test_long_music_is_cut_evenly() -> None:
    assert times(segments(levels(power((100, -20))))) == [
        (0, 25, True),
        (25, 50, True),
        (50, 75, True),
        (75, 100, True),
    ]


def test_parts_cover_the_programme_and_stay_few() -> None:
    music = power(*[(3, -20), (3, -100)] * 600)  # an hour, 1200 changes
    parts = segments(levels(music))
    assert len(parts) <= MOST_SEGMENTS
    assert parts[0].start_seconds == 0
    assert parts[-1].end_seconds == pytest.approx(3600)
    assert all(a.end_seconds == b.start_seconds for a, b in pairwise(parts))


def test_the_whole_adds_up() -> None:
    everything = whole(levels(power((20, -20), (20, -100)), dialogue_lufs=-20, after_db=-40))
    assert everything.removed_share == pytest.approx(1 / 3, abs=0.001)


def test_listens_where_the_stems_were_least_certain() -> None:
    share = np.full(round(60 / STEP_SECONDS), 0.95)
    share[round(40 / STEP_SECONDS) : round(43 / STEP_SECONDS)] = 0.45
    (spot,) = spots_to_hear(levels(power((60, -20)), share=share, pair=2))
    assert spot.start_seconds == pytest.approx(40, abs=0.2)
    assert spot.end_seconds == pytest.approx(43, abs=0.2)
    assert spot.between == ("music", "effects")


def test_clear_stems_need_no_listening() -> None:
    assert spots_to_hear(levels(power((60, -20)), share=0.98)) == []


def test_doubt_without_music_or_without_sound_does_not_count() -> None:
    assert spots_to_hear(levels(power((60, -100)), share=0.4)) == []
    assert spots_to_hear(levels(power((60, -np.inf)), dialogue_lufs=-np.inf, share=0.4)) == []


def test_spots_are_few_and_stand_apart_in_order() -> None:
    spots = spots_to_hear(levels(power((600, -20)), share=np.random.default_rng(1).uniform(0.4, 0.7, 12_000)))
    assert len(spots) == MOST_SPOTS
    assert all(b.start_seconds - a.start_seconds > 10 for a, b in pairwise(spots))
