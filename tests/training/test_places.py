"""Where examples come from: always from inside a recording, always the same for the same seed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_corpora import run_table, write

from vidsep.corpora import Recording
from vidsep.errors import DatasetError
from vidsep.progress import Silent
from vidsep.training.config import config_from
from vidsep.training.draw import Draw, n_stretched
from vidsep.training.gather import gather
from vidsep.training.places import FADE, Drawer
from vidsep.training.resident import CELL, Resident, decode


def resident(*seconds: float, rate: int = 8000) -> Resident:
    """Recordings that hold nothing, of these lengths, one label each."""
    lengths = np.array([round(one * rate) for one in seconds])
    counts = -(-lengths // CELL)
    recordings = tuple(Recording(Path(f"{i}.wav"), f"s{i}", f"s{i}", one) for i, one in enumerate(seconds))
    return Resident(np.zeros((counts.sum(), 1, CELL), np.int16), recordings, np.cumsum(counts) - counts, lengths)


def test_crops_stay_inside_their_recordings() -> None:
    rng, corpus = np.random.default_rng(0), resident(0.05, 0.7, 9.0)
    drawer = Drawer.of(corpus)
    rows = drawer.recordings(rng, (2000, 2))
    places = drawer.places(rng, rows, rng.uniform(0, 4000, rows.shape), rng.uniform(1, 20_000, rows.shape))
    begin = corpus.first_cells[rows] * CELL
    assert (places.start * CELL + places.first >= begin).all()
    assert (places.start * CELL + places.stop <= begin + corpus.lengths[rows]).all()
    assert (places.stop > places.first).all()


def test_sounds_fade_only_where_they_were_cut() -> None:
    rng, drawer = np.random.default_rng(0), Drawer.of(resident(0.5))
    rows = np.zeros((500, 1), np.int64)
    whole = drawer.places(rng, rows, np.zeros(rows.shape), np.full(rows.shape, 4000.0))
    assert (whole.rise == 1).all()
    assert (whole.fall == 1).all()
    part = drawer.places(rng, rows, np.zeros(rows.shape), np.full(rows.shape, 1000.0))
    np.testing.assert_array_equal(part.rise == FADE, part.start > 0)
    assert (part.fall == FADE).sum() > 400


def test_long_recordings_do_not_drown_short_ones() -> None:
    drawer = Drawer.of(resident(1.0, 100.0))
    assert drawer.chances[1] / drawer.chances[0] == pytest.approx(100**0.4)


def test_backgrounds_come_from_what_is_long_enough() -> None:
    assert Drawer.of(resident(1.0, 3.0, 0.2), shortest=20_000).chances.tolist() == [0, 1, 0]
    assert (Drawer.of(resident(1.0, 3.0), shortest=80_000).chances > 0).all()


def draw_of(folder: Path, **examples: Any) -> Draw:
    table = run_table(folder, batch=64)
    config = config_from({**table, "examples": examples}, folder)
    return Draw(config, gather(config, Silent()).training, config.run.batch)


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    draw, again = draw_of(tmp_path), draw_of(tmp_path)
    first = draw(1, 0, 7)
    for name, values in again(1, 0, 7).items():
        np.testing.assert_array_equal(first[name], values)
        assert values.dtype in (np.float32, np.int32)
    for other in (draw(2, 0, 7), draw(1, 1, 7), draw(1, 0, 8)):
        assert (other["gain_db"] != first["gain_db"]).all()


def test_something_always_sounds(tmp_path: Path) -> None:
    numbers = draw_of(tmp_path, dialogue=0.1, music=0.1, effects=0.1)(0, 0, 0)
    assert (numbers["stems"].sum(axis=1) >= 1).all()
    layout = draw_of(tmp_path).layout
    effects = numbers["on"][:, [*layout.where("bed"), *layout.where("event")]].max(axis=1)
    np.testing.assert_array_equal(effects, numbers["stems"][:, 2])


def test_shares_are_what_was_asked_for(tmp_path: Path) -> None:
    numbers = draw_of(tmp_path, dialogue=1, music=0, effects=0.5, mono=1, reverberated=0)(0, 0, 0)
    assert numbers["stems"].mean(axis=0) == pytest.approx([1, 0, 0.5], abs=0.2)
    assert (numbers["mono"] == 1).all()
    assert (numbers["wet"] == 0).all()


def test_changed_pitch_keeps_the_tempo_and_the_other_way_round(tmp_path: Path) -> None:
    draw = draw_of(tmp_path, stretched=0.5)
    numbers = draw(0, 0, 0)
    count = n_stretched(0.5, draw.batch)
    assert count == 32
    tempo = numbers["stretch"] * numbers["speed"] / 1024
    pitched = numbers["speed"][:count] != 1024
    np.testing.assert_allclose(tempo[:count][pitched], 1, atol=2e-3)
    np.testing.assert_allclose(tempo[:count][~pitched], numbers["stretch"][:count][~pitched], rtol=1e-6)
    assert 0.3 < pitched.mean() < 0.7


def test_recordings_that_cannot_be_used_are_left_out_with_a_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "good.wav", np.full((800, 1), 0.5))
    write(tmp_path / "silent.wav", np.zeros((800, 1)))
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    names = ("good", "silent", "bad", "gone")
    recordings = [Recording(tmp_path / f"{name}.wav", name, name, 0.1) for name in names]
    kept = decode("speech", recordings, 8000, 1)
    assert [one.source for one in kept.recordings] == ["good"]
    assert "speech: 3 of 4 files are left out" in caplog.text
    np.testing.assert_array_equal(kept.cells.reshape(-1)[:800], 16384)
    with pytest.raises(DatasetError, match="none can be used"):
        decode("speech", recordings[1:], 8000, 1)


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    table = run_table(tmp_path)
    (tmp_path / "nothing").mkdir()
    table["corpora"]["music"] = "nothing"
    with pytest.raises(DatasetError, match=r"nothing holds no recording"):
        gather(config_from(table, tmp_path), Silent())


def test_recordings_under_unwanted_licences_are_left_out(tmp_path: Path) -> None:
    table = run_table(tmp_path)
    table["corpora"]["leave_out_licences"] = ["GPL*", ""]
    with pytest.raises(DatasetError, match=r"all 3 recordings of speech"):
        gather(config_from(table, tmp_path), Silent())


def test_nobody_is_on_both_sides(tmp_path: Path) -> None:
    gathered = gather(config_from(run_table(tmp_path), tmp_path), Silent())
    for kind, resident_of in gathered.training.items():
        here = {one.source for one in resident_of.recordings}
        there = {one.source for one in gathered.aside[kind].recordings}
        assert here
        assert there
        assert not here & there
