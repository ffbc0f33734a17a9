"""The music that benchmarks make to train with: the same for everybody, and sound in both channels."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import tonal_music
from benchmarks.made_music import PEAK, write_corpus


@pytest.mark.parametrize("number", range(3))
def test_a_piece_is_the_same_each_time_and_sounds_on_both_sides(number: int) -> None:
    music, again = (tonal_music.piece(6.0, np.random.default_rng(number)) for _ in range(2))
    np.testing.assert_array_equal(music, again)
    assert music.shape == (6 * 44100, 2)
    assert np.isfinite(music).all()
    assert (np.sqrt(np.mean(np.square(music), axis=0)) > 0.01 * np.abs(music).max()).all()


def test_a_corpus_has_a_folder_for_each_artist(tmp_path: Path) -> None:
    write_corpus(tmp_path, "made", 10, 11, lambda number: np.full((100, 2), number - 15.0))
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.flac")) == sorted(
        ["made 0/00.flac", "made 0/10.flac", *(f"made {number}/{number:02d}.flac" for number in range(1, 10))]
    )
    sound, rate = soundfile.read(tmp_path / "made 1" / "01.flac")
    assert rate == 44100
    assert np.abs(sound).max() == pytest.approx(PEAK, abs=1e-4)
