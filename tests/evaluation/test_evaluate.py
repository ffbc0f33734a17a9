"""Whole evaluations of sets whose numbers are worked out here, by networks that are none."""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median

import numpy as np
import pytest
import soundfile
from conftest import noise, scene, tone

from vidsep.audio import STEM_NAMES, Audio, FloatArray, Stems
from vidsep.errors import DatasetError
from vidsep.evaluation.evaluate import Evaluation, evaluate
from vidsep.evaluation.metrics import CEILING_DB
from vidsep.evaluation.scoring import IDEAL, MIXTURE
from vidsep.progress import Advance, ignore

RATE = 16000
FILES = {"dialogue": "speech", "music": "music", "effects": "sfx"}


class Made:
    """A network that makes of a mixture whatever a function does."""

    def __init__(self, make: Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]) -> None:
        self.make = make

    def stream(self, audio: Audio, advance: Advance = ignore) -> Iterator[Stems]:
        for block in audio.blocks(1.0):
            yield Stems(*self.make(block))
            advance(len(block) / audio.sample_rate)


LAZY = Made(lambda mix: (mix, 0.01 * mix, 0 * mix))  # all is dialogue; 40 dB below it lies in the music


def write(folder: Path, rate: int = RATE, **stems: FloatArray) -> Path:
    """A clip of these stems and of silence in the place of the others."""
    folder.mkdir(parents=True)
    zeros = np.zeros_like(next(iter(stems.values())))
    sounds = {name: stems.get(name, zeros) for name in STEM_NAMES}
    soundfile.write(folder / "mix.wav", sum(sounds.values()), rate, "FLOAT")
    for name, sound in sounds.items():
        soundfile.write(folder / f"{FILES[name]}.wav", sound, rate, "FLOAT")
    return folder


def decibels(true: FloatArray, made: FloatArray) -> float:
    """SI-SDR as the paper writes it down."""
    s, e = true.ravel().astype(np.float64), made.ravel().astype(np.float64)
    target = np.dot(e, s) / np.dot(s, s) * s
    return float(10 * np.log10(np.sum(target**2) / np.sum((e - target) ** 2)))


def voice(seed: int = 0) -> FloatArray:
    return scene(2.0, RATE, seed)


def rain(level_db: float = -30.0, seed: int = 0) -> FloatArray:
    return noise(level_db, 2.0, RATE, 2, seed)


def hum(level_db: float = -20.0) -> FloatArray:
    return tone(110, level_db, 2.0, RATE)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Four clips: all three stems; one nearly alone; one quite alone; one with two stems."""
    folder = tmp_path_factory.mktemp("set")
    write(folder / "1-three", dialogue=voice(), music=hum(), effects=rain())
    write(folder / "2-dominant", dialogue=voice(), effects=rain(-62))
    write(folder / "3-solo", music=hum())
    write(folder / "4-two", dialogue=voice(1), music=hum(-40))
    return evaluate(folder, {"lazy": LAZY})


def test_the_mixture_has_the_values_of_the_formula(judged: Evaluation) -> None:
    three = voice() + hum() + rain()
    music = judged.summary[MIXTURE]["music"]
    assert music.mixed is not None and music.si_sdr is not None
    expected = [decibels(hum(), three), decibels(hum(-40), voice(1) + hum(-40))]
    assert music.mixed.n == 2
    assert music.mixed.mean == pytest.approx(mean(expected), abs=1e-3)
    assert music.mixed.median == pytest.approx(median(expected), abs=1e-3)
    assert music.mixed.lowest == pytest.approx(min(expected), abs=1e-3)
    assert music.si_sdr == music.mixed  # where it is alone there is nothing to compare


def test_snr_of_the_mixture_is_the_ratio_of_the_stems(judged: Evaluation) -> None:
    snr = judged.summary[MIXTURE]["effects"].snr
    assert snr is not None and snr.n == 2
    ratio = np.sum(rain().astype(np.float64) ** 2) / np.sum((voice() + hum()).astype(np.float64) ** 2)
    faint = np.sum(rain(-62).astype(np.float64) ** 2) / np.sum(voice().astype(np.float64) ** 2)
    assert snr.mean == pytest.approx(10 * np.mean(np.log10([ratio, faint])), abs=1e-3)


def test_improvement_is_only_asked_where_there_is_something_to_separate(judged: Evaluation) -> None:
    """The dialogue of clip 2 is nearly alone: its 30 dB would hide what the network does."""
    dialogue = judged.summary["lazy"]["dialogue"]
    assert dialogue.improvement is not None and dialogue.preservation is not None
    assert dialogue.improvement.n == 2
    assert dialogue.improvement.mean == pytest.approx(0, abs=1e-6)
    assert dialogue.preservation.n == 1
    assert dialogue.preservation.mean == pytest.approx(decibels(voice(), voice() + rain(-62)), abs=1e-3)
    assert dialogue.solo is None
    assert judged.summary["lazy"]["music"].solo is not None


def test_a_silent_stem_is_measured_by_its_level(judged: Evaluation) -> None:
    """The music of clip 2 is the mixture 40 dB lower; nothing comes out as effects in the clips that have none."""
    music, effects = judged.summary["lazy"]["music"].below_mixture, judged.summary["lazy"]["effects"].below_mixture
    assert music is not None and music.n == 1
    assert music.mean == pytest.approx(40, abs=1e-3)
    assert effects is not None and (effects.n, effects.lowest) == (2, CEILING_DB)


def test_the_ideal_mask_betters_the_mixture(judged: Evaluation) -> None:
    for stem in STEM_NAMES:
        improvement = judged.summary[IDEAL][stem].improvement
        assert improvement is not None and improvement.lowest > 3


def test_a_perfect_network_is_at_the_ceiling(tmp_path: Path) -> None:
    """Of left and right alone: dialogue to the left, effects to the right, both come back whole."""
    left, right = np.array([[1, 0], [0, 1]], np.float32)
    write(tmp_path / "1", dialogue=voice() * left, effects=rain() * right)
    result = evaluate(tmp_path, {"perfect": Made(lambda mix: (mix * left, 0 * mix, mix * right))})
    summary = result.summary["perfect"]
    for name in ("dialogue", "effects"):
        for spread in (summary[name].si_sdr, summary[name].snr, summary[name].sdr):
            assert spread is not None and spread.mean == CEILING_DB
    assert summary["music"].below_mixture is not None


def test_each_stem_alone(tmp_path: Path) -> None:
    """With ``solo`` a clip gives three more, in which each other stem is silent."""
    write(tmp_path / "1", dialogue=voice(), music=hum(), effects=rain())
    result = evaluate(tmp_path, {"lazy": LAZY}, solo=True)
    assert (result.n_clips, result.seconds) == (1, 2.0)
    lazy = result.summary["lazy"]
    assert lazy["dialogue"].solo is not None and lazy["dialogue"].solo.mean == CEILING_DB
    assert lazy["music"].below_mixture is not None and lazy["music"].below_mixture.n == 2
    assert lazy["dialogue"].below_mixture is not None
    assert lazy["dialogue"].below_mixture.mean == pytest.approx(0, abs=1e-6)  # all of it leaks into the dialogue


def test_a_silent_stem_is_not_separated_alone(tmp_path: Path) -> None:
    write(tmp_path / "1", dialogue=voice(), effects=rain())
    result = evaluate(tmp_path, {"lazy": LAZY}, solo=True)
    assert {score.clip for score in result.scores} == {"1", "1 dialogue alone", "1 effects alone"}
    assert not result.skipped


def test_several_networks_share_the_clips(tmp_path: Path) -> None:
    write(tmp_path / "1", dialogue=voice(), effects=rain())
    result = evaluate(tmp_path, {"lazy": LAZY, "other": Made(lambda mix: (0 * mix, mix, 0 * mix))})
    assert list(result.summary) == [MIXTURE, IDEAL, "lazy", "other"]
    assert set(result.speeds) == {"lazy", "other"}
    assert all(speed > 0 for speed in result.speeds.values())


def test_limit_takes_the_first_clips(tmp_path: Path) -> None:
    for i in range(3):
        write(tmp_path / str(i), dialogue=voice(i), effects=rain())
    assert {score.clip for score in evaluate(tmp_path, {}, limit=2).scores} == {"0", "1"}


def nan_in(folder: Path) -> None:
    sound, rate = soundfile.read(folder / "speech.wav", dtype="float32")
    sound[1000] = np.nan
    soundfile.write(folder / "speech.wav", sound, rate, "FLOAT")


def another_length(folder: Path) -> None:
    soundfile.write(folder / "music.wav", hum()[:-5], RATE, "FLOAT")


def another_rate(folder: Path) -> None:
    soundfile.write(folder / "music.wav", hum(), 2 * RATE, "FLOAT")


def mono(folder: Path) -> None:
    soundfile.write(folder / "sfx.wav", rain()[:, :1], RATE, "FLOAT")


def no_sound_file(folder: Path) -> None:
    (folder / "mix.wav").write_bytes(b"RIFF and so on")


def no_stem(folder: Path) -> None:
    (folder / "sfx.wav").unlink()


def all_silent(folder: Path) -> None:
    for path in folder.iterdir():
        soundfile.write(path, np.zeros((100, 2), np.float32), RATE, "FLOAT")


def no_samples(folder: Path) -> None:
    for path in folder.iterdir():
        soundfile.write(path, np.zeros((0, 2), np.float32), RATE, "FLOAT")


FAULTS: dict[Callable[[Path], None], str] = {
    nan_in: "no numbers",
    another_length: "do not belong together",
    another_rate: "do not belong together",
    mono: "do not belong together",
    no_sound_file: "cannot be read",
    no_stem: "has no effects",
    all_silent: "is silent",
    no_samples: "is empty",
}


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_a_broken_clip_is_left_out_and_counted(
    tmp_path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "good", dialogue=voice(), effects=rain())
    spoil(write(tmp_path / "bad", dialogue=voice(), effects=rain()))
    result = evaluate(tmp_path, {"lazy": LAZY})
    assert result.n_clips == 1
    assert list(result.skipped) == ["bad"]
    assert FAULTS[spoil] in result.skipped["bad"]
    assert "1 in" in caplog.text and "left out" in caplog.text
    assert "1 clip left out" in "\n".join(result.lines())


def test_nothing_to_score_is_an_error(tmp_path: Path) -> None:
    nan_in(write(tmp_path / "bad", dialogue=voice(), effects=rain()))
    with pytest.raises(DatasetError, match=r"nothing in .* bad first: .*no numbers"):
        evaluate(tmp_path, {"lazy": LAZY})


def test_json_has_no_single_clips_and_no_infinity(judged: Evaluation) -> None:
    document = judged.as_dict()
    assert document["n_clips"] == 4
    rows = document["rows"]
    assert isinstance(rows, dict)
    assert rows["lazy"]["dialogue"]["improvement"]["n"] == 2
    assert rows["lazy"]["dialogue"]["solo"] is None


def test_the_table_answers_what_one_asks(judged: Evaluation) -> None:
    text = "\n".join(judged.lines())
    assert "4 clips" in text
    lazy = text[text.index("lazy, in dB") :]
    assert "| improvement of it: mean" in lazy
    silent = next(line for line in lazy.splitlines() if "silent" in line and "mean" in line)
    assert silent.split("|")[3].strip() == "40.0 (1)"
