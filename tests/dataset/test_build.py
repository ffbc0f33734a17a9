"""Sets on disk: layout, hash, split, and what must not be left behind."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from conftest import scene, tone

from vidsep.corpora import held_aside, read_corpus
from vidsep.dataset import build
from vidsep.dataset.build import Corpora, build_set
from vidsep.dataset.options import BuildOptions
from vidsep.errors import DatasetError, OutputError, PresetError
from vidsep.evaluation.clips import find_clips

RATE = 16000
OPTIONS = BuildOptions(clips=2, seconds=6, sample_rate=RATE, split="all")


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Corpora:
    """Four sources a corpus, two recordings each, of 3 and 6 s."""
    folder = tmp_path_factory.mktemp("corpora")
    for i, source in enumerate(("ada", "ben", "cleo", "dan")):
        for seconds in (3.0, 6.0):
            rng = np.random.default_rng(i)
            sounds = {
                "speech": scene(seconds, RATE, i)[:, :1],
                "music": tone(200 + 50 * i, -20, seconds, RATE) * np.array([1, 0.5], np.float32),
                "effects": rng.normal(0, 0.05, (round(seconds * RATE), 1)).astype(np.float32),
            }
            for kind, sound in sounds.items():
                path = folder / kind / source / f"{source}-{seconds:.0f}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(path, sound, RATE, "FLOAT")
    return Corpora(folder / "speech", folder / "music", folder / "effects")


def options(**changes: Any) -> BuildOptions:
    return BuildOptions(**{**vars(OPTIONS), **changes})


def test_a_set_is_whole(corpora: Corpora, tmp_path: Path) -> None:
    built = build_set(tmp_path / "set", corpora, OPTIONS)
    clips = find_clips(built.folder).clips
    assert [clip.name for clip in clips] == ["0000", "0001"]
    mixture, rate = soundfile.read(clips[0].mixture)
    stems = [soundfile.read(path)[0] for path in clips[0].stems.values() if path]
    np.testing.assert_array_equal(sum(stems), mixture)
    assert (len(mixture), rate) == (6 * RATE, RATE)
    document = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    assert document["sha256"] == built.sha256
    assert document["options"]["recipe"]["name"] == "dnr-v2"
    assert {credit["source"] for credit in document["recordings"]["speech"]} == {"ada", "ben", "cleo", "dan"}
    assert list(tmp_path.iterdir()) == [built.folder]


def test_annotations_are_those_of_dnr(corpora: Corpora, tmp_path: Path) -> None:
    build_set(tmp_path / "set", corpora, OPTIONS)
    with (tmp_path / "set" / "0000" / "annots.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["class"] for row in rows} <= {"speech", "music", "sfx", "background"}
    starts = [float(row["mix start time"]) for row in rows]
    assert starts == sorted(starts)
    for row in rows:
        assert 0 <= float(row["mix start time"]) < float(row["mix end time"]) <= 6.001
        length = float(row["clip end sample"]) - float(row["clip start sample"])
        assert length == pytest.approx(float(row["mix end time"]) - float(row["mix start time"]), abs=1e-3)
        assert row["file"].startswith(row["annotation"])


def test_the_hash_is_equal_on_every_run_and_in_every_format(corpora: Corpora, tmp_path: Path) -> None:
    first = build_set(tmp_path / "first", corpora, OPTIONS)
    assert build_set(tmp_path / "again", corpora, OPTIONS).sha256 == first.sha256
    assert build_set(tmp_path / "flac", corpora, options(file_format="flac")).sha256 == first.sha256
    assert build_set(tmp_path / "seed", corpora, options(seed=1)).sha256 != first.sha256
    for name in ("mix", "speech", "music", "sfx"):
        wav, flac = (soundfile.read(tmp_path / place) for place in (f"first/0001/{name}.wav", f"flac/0001/{name}.flac"))
        np.testing.assert_array_equal(wav[0], flac[0])


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_sound_is_written_to_the_last_bit(tmp_path: Path, suffix: str) -> None:
    """Quiet and loud: fractions of full scale would come out one step too small above -6 dBFS."""
    steps = np.array([[0, 1, -1, 2**22 + 1, -(2**22) - 1, 2**23 - 1, -(2**23)]], np.float64).T
    sound = (steps / 2**23).astype(np.float32)
    build.write_sound(tmp_path / f"a.{suffix}", sound, RATE)
    np.testing.assert_array_equal(soundfile.read(tmp_path / f"a.{suffix}", always_2d=True)[0] * 2**23, steps)


def test_a_longer_set_begins_with_the_shorter_one(corpora: Corpora, tmp_path: Path) -> None:
    for name, clips in (("short", 1), ("long", 2)):
        build_set(tmp_path / name, corpora, options(clips=clips))
    short, long = ((tmp_path / name / "0000" / "mix.wav").read_bytes() for name in ("short", "long"))
    assert short == long


@pytest.mark.parametrize("split", ["held-aside", "training"])
def test_splits_are_those_of_training(corpora: Corpora, tmp_path: Path, split: str) -> None:
    built = build_set(tmp_path / "set", corpora, options(split=split, share=0.25))
    kept, aside = held_aside(read_corpus(corpora.speech), 0.25, 0)
    expected = {recording.path.name for recording in (aside if split == "held-aside" else kept)}
    document = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    assert {credit["file"] for credit in document["recordings"]["speech"]} == expected


def test_stereo_keeps_the_width_of_music_and_the_voice_in_the_middle(corpora: Corpora, tmp_path: Path) -> None:
    build_set(tmp_path / "set", corpora, options(n_channels=2))
    music, speech = (soundfile.read(tmp_path / "set" / "0000" / f"{name}.wav")[0] for name in ("music", "speech"))
    left, right = np.sqrt(np.mean(music**2, axis=0))
    assert right / left == pytest.approx(0.5, abs=1e-4)
    np.testing.assert_array_equal(speech[:, 0], speech[:, 1])


def test_a_corpus_of_backgrounds_is_used(corpora: Corpora, tmp_path: Path) -> None:
    built = build_set(tmp_path / "set", Corpora(corpora.speech, corpora.music, corpora.effects, corpora.music), OPTIONS)
    with (built.folder / "0000" / "annots.csv").open(encoding="utf-8", newline="") as file:
        assert any(row["class"] == "background" for row in csv.DictReader(file))
    document = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(document["recordings"]["background"]) == 8


def test_an_existing_set_is_not_touched(corpora: Corpora, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        build_set(tmp_path / "set", corpora, OPTIONS)
    assert (tmp_path / "set" / "mine.txt").read_text() == "mine"


def test_an_interrupted_build_leaves_nothing(corpora: Corpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "write_annotations", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_set(tmp_path / "set", corpora, OPTIONS)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told(corpora: Corpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "write_annotations", full)
    with pytest.raises(OutputError, match="No space left"):
        build_set(tmp_path / "set", corpora, OPTIONS)
    assert not list(tmp_path.iterdir())


def test_a_broken_recording_is_passed_over(corpora: Corpora, tmp_path: Path) -> None:
    """A file whose header is sound and whose end is missing is found only when it is decoded."""
    copy = tmp_path / "effects"
    shutil.copytree(corpora.effects, copy)
    soundfile.write(copy / "ada" / "ada-3.wav", np.full((3 * RATE, 1), np.nan), RATE, "FLOAT")
    build_set(tmp_path / "set", Corpora(corpora.speech, corpora.music, copy), options(clips=6))
    used = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "set").glob("*/annots.csv"))
    assert "ada-3.wav,sfx" not in used and "ada-3.wav,background" not in used


def test_too_few_sources_are_an_error(corpora: Corpora, tmp_path: Path) -> None:
    lone = Corpora(corpora.speech / "ada", corpora.music, corpora.effects)
    (tmp_path / "lone").mkdir()
    shutil.copy(corpora.speech / "ada" / "ada-3.wav", tmp_path / "lone")
    lone = Corpora(tmp_path / "lone", corpora.music, corpora.effects)
    with pytest.raises(DatasetError, match="two sources"):
        build_set(tmp_path / "set", lone, options(split="held-aside"))


@pytest.mark.parametrize(
    "wrong",
    [{"clips": 0}, {"seconds": 1}, {"n_channels": 3}, {"absent": 1.0}, {"split": "odd"}, {"file_format": "mp3"},
     {"sample_rate": 100}],
)  # fmt: skip
def test_wrong_options_are_told(wrong: dict[str, object]) -> None:
    with pytest.raises(PresetError):
        options(**wrong)
