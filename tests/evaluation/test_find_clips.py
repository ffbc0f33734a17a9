"""Folder layouts: Divide and Remaster 2 and 3, MUSDB18-HQ, and what is no clip."""

from pathlib import Path

import pytest

from vidsep.errors import DatasetError
from vidsep.evaluation.clips import SONG_NAMES, alone, find_clips


def make(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("tt/1002", ("mix.wav", "speech.wav", "music.wav", "sfx.wav")),  # DnR 2
        ("flac/eng/test/17", ("mixture.flac", "speech.flac", "music.flac", "sfx.flac")),  # DnR 3
        ("Scene 1", ("Mix.WAV", "Dialogue.wav", "Music.wav", "Effects.wav")),
    ],
)
def test_layouts(tmp_path: Path, place: str, names: tuple[str, ...]) -> None:
    make(*(tmp_path / place / name for name in (*names, "annots.csv")))
    (clip,) = find_clips(tmp_path).clips
    assert clip.name == place
    assert clip.mixture.name == names[0]
    assert [path.name for path in clip.stems.values() if path] == list(names[1:])
    assert list(clip.stems) == ["dialogue", "music", "effects"]


def test_the_folder_itself_may_be_a_clip(tmp_path: Path) -> None:
    make(*(tmp_path / f"{name}.wav" for name in ("mix", "speech", "music", "sfx")))
    assert [clip.name for clip in find_clips(tmp_path).clips] == [tmp_path.name]


def test_songs(tmp_path: Path) -> None:
    names = ("mixture", "vocals", "drums", "bass", "other")
    make(*(tmp_path / "A - B" / f"{name}.wav" for name in names))
    (song,) = find_clips(tmp_path, SONG_NAMES).clips
    assert tuple(song.stems) == names[1:]


def test_clips_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for place in ("0010", "0002", "b", "0001"):
        make(*(tmp_path / place / f"{name}.wav" for name in ("mix", "speech", "music", "sfx")))
    assert [clip.name for clip in find_clips(tmp_path).clips] == ["0001", "0002", "0010", "b"]


def test_a_clip_without_a_stem_is_told(tmp_path: Path) -> None:
    make(*(tmp_path / "whole" / f"{name}.wav" for name in ("mix", "speech", "music", "sfx")))
    make(*(tmp_path / "part" / f"{name}.wav" for name in ("mix", "music")))
    found = find_clips(tmp_path)
    assert [clip.name for clip in found.clips] == ["whole"]
    assert found.incomplete == {"part": "has no dialogue, no effects"}


@pytest.mark.parametrize("files", [(), ("mix.txt", "speech.wav", "music.wav", "sfx.wav"), ("mix.wav", "music.wav")])
def test_no_clip_is_an_error_that_says_what_one_is(tmp_path: Path, files: tuple[str, ...]) -> None:
    make(*(tmp_path / "a" / name for name in files))
    with pytest.raises(DatasetError, match=r"no whole clip.*mix or mixture, speech or dialogue"):
        find_clips(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no folder"):
        find_clips(tmp_path / "nowhere")


def test_each_stem_alone(tmp_path: Path) -> None:
    make(*(tmp_path / "1" / f"{name}.wav" for name in ("mix", "speech", "music", "sfx")))
    (clip,) = find_clips(tmp_path).clips
    parts = alone(clip, clip.stems)
    assert [part.name for part in parts] == ["1 dialogue alone", "1 music alone", "1 effects alone"]
    assert parts[1].mixture == clip.stems["music"]
    assert parts[1].stems == {"dialogue": None, "music": clip.stems["music"], "effects": None}
