"""Songs: what museval says of them is passed on, whatever stems a network makes."""

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import noise, scene, tone

from vidsep.audio import Audio, FloatArray, Stems
from vidsep.errors import DatasetError, ModelError
from vidsep.evaluation.song_scores import METRICS, museval_metric
from vidsep.evaluation.songs import SongEvaluation, evaluate_songs
from vidsep.progress import Advance, ignore

RATE = 8000
SECONDS = 3.0
SOUNDS: Mapping[str, FloatArray] = {
    "vocals": scene(SECONDS, RATE)[:, :1],  # museval's work grows with the cube of stems times channels
    "drums": noise(-30, SECONDS, RATE, 1, 1),
    "bass": tone(80, -20, SECONDS, RATE, 1) + noise(-60, SECONDS, RATE, 1, 2),
    "other": tone(500, -25, SECONDS, RATE, 1) + noise(-60, SECONDS, RATE, 1, 3),
}
FOUR: Mapping[str, Mapping[str, float]] = {
    "vocals": {"vocals": 1.0, "bass": 0.1}, "drums": {"drums": 0.9}, "bass": {"bass": 0.8, "other": 0.1},
    "other": {"other": 1.0, "drums": 0.2},
}  # fmt: skip
TWO = {"vocals": {"vocals": 1.0, "drums": 0.1}, "accompaniment": {"drums": 0.9, "bass": 1.0, "other": 1.0}}
FIVE = {**FOUR, "other": {"drums": 0.2}, "piano": {"other": 1.0}}


def mixed(weights: Mapping[str, float]) -> FloatArray:
    total: FloatArray = np.sum([np.float32(weight) * SOUNDS[name] for name, weight in weights.items()], axis=0)
    return total


class Network:
    """Makes its stems of the true ones, by their weights."""

    def __init__(self, stems: Mapping[str, Mapping[str, float]]) -> None:
        self.made = {name: mixed(weights) for name, weights in stems.items()}

    def stream(self, audio: Audio, advance: Advance = ignore) -> Iterator[Stems]:
        start = 0
        for block in audio.blocks(1.0):
            part = {name: sound[start : start + len(block)] for name, sound in self.made.items()}
            yield Stems(block, 0 * block, 0 * block, part)
            start += len(block)


class Film:
    """Makes dialogue, music and effects."""

    def stream(self, audio: Audio, advance: Advance = ignore) -> Iterator[Stems]:
        for block in audio.blocks():
            yield Stems(block, 0 * block, 0 * block)


def write(folder: Path, **changed: FloatArray) -> Path:
    folder.mkdir(parents=True)
    sounds = {**SOUNDS, **changed}
    for name, sound in {"mixture": sum(sounds.values()), **sounds}.items():
        soundfile.write(folder / f"{name}.wav", sound, RATE, "FLOAT")
    return folder


def judged(names: tuple[str, ...], truth: Mapping[str, FloatArray], made: Mapping[str, FloatArray]) -> dict[str, float]:
    true, estimates = (np.stack([sounds[name] for name in names]) for sounds in (truth, made))
    sdr, *_ = museval_metric()(true, estimates, window=RATE, hop=RATE)
    return {name: float(np.nanmedian(sdr[i])) for i, name in enumerate(names)}


def sdr(result: SongEvaluation, name: str = "net") -> dict[str, float | None]:
    return {stem: values["SDR"] for stem, values in result.summary()[name].items()}


def test_four_stems(tmp_path: Path) -> None:
    write(tmp_path / "song")
    network = Network(FOUR)
    result = evaluate_songs(tmp_path, {"net": network})
    assert sdr(result) == pytest.approx(judged(tuple(SOUNDS), SOUNDS, network.made), abs=1e-3)
    assert result.n_songs == 1
    assert set(result.summary()["net"]["vocals"]) == set(METRICS)


def test_two_stems_are_scored_on_the_accompaniment(tmp_path: Path) -> None:
    write(tmp_path / "song")
    network = Network(TWO)
    truth = {"vocals": SOUNDS["vocals"], "accompaniment": mixed({"drums": 1, "bass": 1, "other": 1})}
    result = evaluate_songs(tmp_path, {"net": network})
    assert sdr(result) == pytest.approx(judged(("vocals", "accompaniment"), truth, network.made), abs=1e-3)


def test_a_piano_counts_to_the_others(tmp_path: Path) -> None:
    write(tmp_path / "song")
    result = evaluate_songs(tmp_path, {"five": Network(FIVE), "net": Network(FOUR)})
    assert sdr(result, "five") == pytest.approx(sdr(result), abs=1e-3)


def test_a_network_is_worth_the_median_of_the_songs(tmp_path: Path) -> None:
    """Against vocals of half, once and twice the level the same estimate scores once well and twice badly."""
    for name, gain in (("a", 0.5), ("b", 1.0), ("c", 1.1)):
        write(tmp_path / name, vocals=np.float32(gain) * SOUNDS["vocals"])
    result = evaluate_songs(tmp_path, {"net": Network(TWO)})
    each = [result.scores["net"][name]["vocals"]["SDR"] for name in "abc"]
    assert sdr(result)["vocals"] == pytest.approx(float(np.median(each)))
    assert len({round(value, 1) for value in each}) == 3


def test_a_song_that_cannot_be_scored_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "good")
    write(tmp_path / "mute", vocals=np.zeros_like(SOUNDS["vocals"]))
    (write(tmp_path / "broken") / "bass.wav").write_bytes(b"no sound")
    result = evaluate_songs(tmp_path, {"net": Network(TWO)})
    assert result.n_songs == 1
    assert set(result.skipped) == {"mute", "broken"}
    assert "2 songs left out" in "\n".join(result.lines())
    assert [record["song"] for record in result.records()] == ["good"] * 2


def test_a_network_for_films_is_told(tmp_path: Path) -> None:
    write(tmp_path / "song")
    with pytest.raises(ModelError, match="makes dialogue, music, effects"):
        evaluate_songs(tmp_path, {"film": Film()})


def test_a_network_that_lacks_a_stem_is_told(tmp_path: Path) -> None:
    write(tmp_path / "song")
    with pytest.raises(ModelError, match="makes no bass"):
        evaluate_songs(
            tmp_path, {"odd": Network({"vocals": {"vocals": 1}, "drums": {"drums": 1}, "other": {"bass": 1}})}
        )


def test_no_museval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    museval_metric.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DatasetError, match=r"vidsep\[evaluate\]"):
        evaluate_songs(tmp_path, {"net": Network(FOUR)})
