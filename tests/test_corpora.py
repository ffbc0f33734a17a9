"""Folders of recordings: what is in them, what is kept aside, what cannot be used."""

import logging
from pathlib import Path

import numpy as np
import pytest
from conftest import tone
from made_corpora import write

from vidsep.corpora import Recording, held_aside, licences, load, read_corpus
from vidsep.errors import DatasetError

HEADER = "file\tseconds\tclass\thas_vocals\trepository\tlicense\tattribution\n"


def test_sub_folders_are_sources(tmp_path: Path) -> None:
    for name in ("ann/1.wav", "ann/deeper/2.wav", "bob/1.wav", "lonely.wav"):
        write(tmp_path / name, tone(440, -20, 0.5, 8000, 1), 8000)
    (tmp_path / "notes.txt").write_text("no sound")
    recordings = read_corpus(tmp_path)
    assert {recording.source for recording in recordings} == {"ann", "bob", "lonely.wav"}
    assert [recording.seconds for recording in recordings] == [0.5] * 4


def test_a_table_says_what_files_are(tmp_path: Path) -> None:
    write(tmp_path / "dog.wav", tone(440, -20, 0.5, 8000, 1), 8000)
    table = HEADER + 'dog.wav\t0.5\tdogs\tyes\tsome/where\tCC0-1.0\t"Dog" by Ann\n'
    (tmp_path / "MANIFEST.tsv").write_text(table, encoding="utf-8")
    expected = Recording(tmp_path / "dog.wav", "dogs, some/where", "dogs", 0.5, True, "CC0-1.0", '"Dog" by Ann')
    assert read_corpus(tmp_path) == [expected]


def test_missing_files_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "here.wav", tone(440, -20, 0.5, 8000, 1), 8000)
    (tmp_path / "MANIFEST.tsv").write_text(
        HEADER + "here.wav\t1\ta\t\t\t\t\ngone.wav\t1\ta\t\t\t\t\n", encoding="utf-8"
    )
    with caplog.at_level(logging.WARNING, "vidsep"):
        assert len(read_corpus(tmp_path)) == 1
    assert "1 of the 2 files" in caplog.text
    assert "gone.wav" in caplog.text


def test_broken_files_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path / "good.wav", tone(440, -20, 0.5, 8000, 1), 8000)
    (tmp_path / "bad.flac").write_bytes(b"fLaC and no more")
    with caplog.at_level(logging.WARNING, "vidsep"):
        assert [recording.path.name for recording in read_corpus(tmp_path)] == ["good.wav"]
    assert "1 of the 2 files" in caplog.text


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "no folder"),
        ({}, "no recording"),
        ({"MANIFEST.tsv": b"file\tseconds\nx.wav\tlong\n"}, "line 2"),
        ({"MANIFEST.tsv": b"\xff\xfe\x00"}, "cannot be read"),
    ],
)
def test_unusable_folders_are_refused(tmp_path: Path, content: dict[str, bytes] | None, fault: str) -> None:
    folder = tmp_path / "corpus"
    if content is not None:
        folder.mkdir()
        for name, data in content.items():
            (folder / name).write_bytes(data)
    with pytest.raises(DatasetError, match=fault):
        read_corpus(folder)


def recordings_of(n_sources: int) -> list[Recording]:
    return [Recording(Path(f"{i}-{k}.wav"), f"s{i}", f"s{i}", 1.0) for i in range(n_sources) for k in range(3)]


@pytest.mark.parametrize(("n_sources", "share", "n_aside"), [(50, 0.1, 5), (3, 0.01, 1), (2, 0.9, 1)])
def test_whole_sources_are_kept_aside(n_sources: int, share: float, n_aside: int) -> None:
    recordings = recordings_of(n_sources)
    kept, aside = held_aside(recordings, share)
    assert sorted([*kept, *aside], key=str) == sorted(recordings, key=str)
    assert not {one.source for one in kept} & {one.source for one in aside}
    assert len({one.source for one in aside}) == n_aside


def test_which_ones_does_not_depend_on_order_but_on_the_seed() -> None:
    recordings = recordings_of(50)
    aside = {one.source for one in held_aside(recordings, 0.1, seed=3)[1]}
    assert aside == {one.source for one in held_aside(recordings[::-1], 0.1, seed=3)[1]}
    assert aside != {one.source for one in held_aside(recordings, 0.1, seed=4)[1]}


def test_one_source_cannot_be_divided() -> None:
    with pytest.raises(DatasetError, match="two sources"):
        held_aside(recordings_of(1))


def test_loading_brings_rate_and_channels(tmp_path: Path) -> None:
    write(tmp_path / "stereo.wav", tone(440, -20, 1.0, 48000, 2) * [1, 0.5], 48000)
    recording = Recording(tmp_path / "stereo.wav", "", "", 1.0)
    stereo, mono = load(recording, 16000, 2), load(recording, 16000, 1)
    assert stereo.shape == (16000, 2)
    assert mono.shape == (16000, 1)
    middle = slice(1000, -1000)
    np.testing.assert_allclose(mono[middle, 0], stereo[middle].mean(axis=1), atol=1e-4)
    assert np.abs(stereo[middle]).max(axis=0) == pytest.approx([0.1, 0.05], rel=1e-2)


@pytest.mark.parametrize("fault", ["missing", "corrupt", "empty", "slow"])
def test_files_that_cannot_be_loaded_say_so(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "x.wav"
    if fault == "corrupt":
        path.write_bytes(b"RIFF")
    elif fault == "empty":
        write(path, np.zeros((0, 1)))
    elif fault == "slow":
        write(path, tone(100, -20, 1, 4000, 1), 4000)
    with pytest.raises(DatasetError, match=r"x\.wav"):
        load(Recording(path, "", "", 1.0), 8000, 1)


def test_licences_are_listed_once() -> None:
    recordings = [Recording(Path("a"), "", "", 1.0, licence=licence) for licence in ("CC0", "", "CC0")]
    assert licences(recordings) == ["CC0", "unknown"]
