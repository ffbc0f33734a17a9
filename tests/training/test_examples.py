"""Examples, by what physically must hold: levels, sums, silence, pitch, time; and the same on every backend."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from conftest import noise, tone
from made_corpora import RATE, level_db, run_table, write

from vidsep.audio import FloatArray
from vidsep.progress import Silent
from vidsep.separation import devices
from vidsep.training.config import config_from
from vidsep.training.draw import Draw, Numbers
from vidsep.training.gather import gather

PLAIN = {
    "dialogue": 1, "music": 1, "effects": 1, "second_voice": 0, "bed": 1, "most_events": 0, "equalised": 0,
    "band_limited": 0, "reverberated": 0, "stretched": 0, "varispeed": 0, "compressed": 0, "narrow": 0, "mono": 0,
    "lossy": 0, "lowest_gain_db": 0, "highest_gain_db": 0, "dialogue_db": -40, "music_db": -46, "bed_db": -50,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def quiet_start() -> None:
    """Keras is there before anything imports it."""
    devices.start("cpu")


class Made:
    """Examples of a run, made without compiling."""

    def __init__(self, folder: Path, examples: Mapping[str, float], vocals: bool = False) -> None:
        from vidsep.training.examples import Studio, sounds_of

        table = run_table(folder, batch=4, seconds=1.0)
        if vocals:
            for number in range(2):
                write(folder / "vocals" / f"singer {number}" / "a.wav", tone(3000, -20, 3, RATE, 1))
            table["corpora"]["vocals"] = "vocals"
        config = config_from({**table, "examples": dict(examples)}, folder)
        gathered = gather(config, Silent())
        self.draw = Draw(config, gathered.training, config.run.batch)
        self.studio, self.sounds = Studio(config, self.draw.layout), sounds_of(gathered.everything)

    def stems(self, numbers: Numbers) -> FloatArray:
        return np.asarray(self.studio.stems(self.sounds, numbers))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("plain"), PLAIN)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Everything that can happen to an example happens to half of them."""
    shares = {name: 0.5 for name, value in PLAIN.items() if value in (0, 1) and not name.endswith(("_db", "events"))}
    return Made(tmp_path_factory.mktemp("rich"), shares)


def active_db(stems: FloatArray) -> FloatArray:
    """Level of the tenths of a second within 20 dB of the loudest, ``(examples,)``."""
    frames = np.square(stems).reshape(*stems.shape[:2], -1)[..., : stems.shape[-1] // 800 * 800]
    power = frames.reshape(*stems.shape[:2], -1, 800).mean(axis=(1, 3))
    active = power >= 0.01 * power.max(axis=1, keepdims=True)
    return np.asarray(10 * np.log10((power * active).sum(axis=1) / active.sum(axis=1)), np.float32)


def test_levels_are_those_that_were_drawn(plain: Made) -> None:
    numbers = plain.draw(0, 0, 0)
    numbers["bed_width"][:] = 0
    stems = plain.stems(numbers)
    np.testing.assert_allclose(active_db(stems[:, 0]), numbers["dialogue_db"], atol=0.05)
    np.testing.assert_allclose(active_db(stems[:, 1]), numbers["music_db"], atol=0.05)
    bed = plain.draw.layout.where("bed")[0]
    np.testing.assert_allclose(active_db(stems[:, 2]), numbers["source_db"][:, bed], atol=0.3)


def test_equalisation_leaves_the_level_of_effects(plain: Made) -> None:
    numbers = plain.draw(0, 0, 0)
    before = plain.stems(numbers)[:, 2]
    numbers["tilt_db"][:], numbers["bump_db"][:] = 3, 6
    after = plain.stems(numbers)[:, 2]
    assert np.abs(after - before).max() > 0.1 * np.abs(before).max()
    for one, other in zip(before, after, strict=True):
        assert level_db(one) == pytest.approx(level_db(other), abs=0.3)


def test_stems_that_are_off_are_silent(rich: Made) -> None:
    for step in range(3):
        numbers = rich.draw(0, 0, step)
        stems = rich.stems(numbers)
        assert np.isfinite(stems).all()
        peaks = np.abs(stems).max(axis=(2, 3))
        np.testing.assert_array_equal(peaks > 0, numbers["stems"] > 0)


def test_no_mixture_exceeds_full_scale(rich: Made) -> None:
    numbers = rich.draw(0, 0, 0)
    quiet = rich.stems(numbers)
    numbers["gain_db"] += np.float32(60)
    loud = rich.stems(numbers)
    peaks = np.abs(loud.sum(axis=1)).max(axis=(1, 2))
    np.testing.assert_allclose(peaks, 1, atol=1e-3)
    for one, other in zip(quiet, loud, strict=True):  # one gain for all stems: their balance stays
        np.testing.assert_allclose(one / np.abs(one).max(), other / np.abs(other).max(), atol=1e-3)


def test_mono_is_mono_and_swapped_is_swapped(rich: Made) -> None:
    numbers = rich.draw(0, 0, 0)
    numbers["mono"][:], numbers["swap"][:] = 0, 0
    as_it_is = rich.stems(numbers)
    numbers["swap"][:] = 1
    np.testing.assert_allclose(rich.stems(numbers), as_it_is[:, :, ::-1], atol=1e-6)
    numbers["mono"][:] = 1
    mono = rich.stems(numbers)
    np.testing.assert_array_equal(mono[:, :, 0], mono[:, :, 1])


def test_width_zero_is_mono(plain: Made) -> None:
    numbers = plain.draw(0, 0, 0)
    numbers["music_width"][:], numbers["bed_width"][:] = 0, 0
    stems = plain.stems(numbers)
    np.testing.assert_allclose(stems[:, 1:, 0], stems[:, 1:, 1], atol=1e-6)
    numbers["music_width"][:] = 1
    assert np.abs(np.diff(plain.stems(numbers)[:, 1], axis=1)).max() > 1e-3


def test_a_pan_to_one_side_leaves_the_other_silent(plain: Made) -> None:
    numbers = plain.draw(0, 0, 0)
    numbers["pan"][:, 0], numbers["swap"][:] = -np.pi / 4, 0
    dialogue = plain.stems(numbers)[:, 0]
    assert np.abs(dialogue[:, 1]).max() < 1e-5 * np.abs(dialogue[:, 0]).max()


def test_singing_is_music(tmp_path: Path) -> None:
    made = Made(tmp_path, PLAIN | {"sung": 1}, vocals=True)
    stems = made.stems(made.draw(0, 0, 0))
    spectrum = np.abs(np.fft.rfft(stems * np.hanning(stems.shape[-1]), axis=-1))
    hz = np.fft.rfftfreq(stems.shape[-1], 1 / RATE)
    sung = spectrum[..., np.abs(hz - 3000) < 3].max(axis=(-1, -2))
    assert (sung[:, 1] > 10 * sung[:, 0]).all()
    assert (sung[:, 1] > 10 * sung[:, 2]).all()


def frequency_hz(sound: FloatArray) -> float:
    """Of the strongest partial."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE / len(sound))


def test_speed_takes_pitch_along() -> None:
    from vidsep.training.crops import played

    sound = tone(440, -20, 2.0, RATE, 1).T[None]
    as_it_is, faster = (np.asarray(played(sound, np.array([[speed]], np.int32), 8000)) for speed in (1024, 1280))
    np.testing.assert_array_equal(as_it_is, sound[..., :8000])
    assert frequency_hz(faster[0, 0]) == pytest.approx(550, abs=1)
    ideal = tone(550, -20, 1.0, RATE, 1)[:, 0]
    assert level_db(faster[0, 0, 10:-10] - ideal[10:-10]) < level_db(ideal) - 35


@pytest.mark.parametrize("tempo", [0.8, 1.0, 1.25])
def test_stretching_keeps_the_pitch(tempo: float) -> None:
    from vidsep.training.stretch import frame_length, stretched

    n_fft = frame_length(RATE)
    sound = tone(440, -20, 3.0, RATE, 1).T.copy()
    sound[:, 8000:16000] *= 0.1
    made = np.asarray(stretched(sound, np.array([tempo], np.float32), n_fft))[0]
    assert len(made) == sound.shape[1]
    if tempo == 1:
        np.testing.assert_allclose(made, sound[0], atol=1e-4)
    start = round(4000 / tempo)
    assert frequency_hz(made[start - 2000 : start + 2000]) == pytest.approx(440, abs=2)
    edge = round(8000 / tempo)  # where the tone goes down by 20 dB
    before, after = made[edge - 1500 : edge - n_fft], made[edge + n_fft : edge + 1500]
    assert level_db(before) - level_db(after) == pytest.approx(20, abs=3)


def test_limits_of_a_band_hold() -> None:
    from vidsep.training.colour import equaliser

    numbers = {name: np.zeros((1, 1), np.float32) for name in ("tilt_db", "bump_db", "bump_octave")}
    numbers |= {"highest_hz": np.full((1, 1), 2000, np.float32), "lowest_hz": np.full((1, 1), 200, np.float32)}
    gains = np.asarray(equaliser(numbers, 8000, RATE))[0, 0]  # a bin a hertz
    assert 20 * np.log10(gains[1000]) == pytest.approx(0, abs=0.1)
    assert (gains[2500:] < 1e-3).all()
    assert (gains[:120] < 1e-3).all()


def test_a_tilt_is_so_many_db_an_octave() -> None:
    from vidsep.training.colour import equaliser

    flat = {"tilt_db": 3.0, "bump_db": 0.0, "bump_octave": 0.0, "highest_hz": 2.0 * RATE, "lowest_hz": 0.0}
    gains = np.asarray(equaliser({k: np.full((1, 1), v, np.float32) for k, v in flat.items()}, RATE, RATE))[0, 0]
    assert 20 * np.log10(gains[[500, 1000, 2000]]) == pytest.approx([-3, 0, 3], abs=0.05)


def test_a_codec_leaves_the_strong_and_drops_the_weak() -> None:
    from vidsep.training.colour import coded

    rng = np.random.default_rng(0)
    parts = rng.standard_normal((2, 2, 1, 3, 129)).astype(np.float32)
    parts[..., 40] *= 1e-4
    hz, holes = np.full(2, 3000, np.float32), np.array([-40, -300], np.float32)
    real, imaginary = (np.asarray(part) for part in coded((parts[0], parts[1]), holes, hz, RATE))
    kept = real != 0
    bins_hz = np.linspace(0, RATE / 2, 129)
    assert not kept[..., bins_hz > 3000].any()
    assert not kept[0, ..., 40].any()
    assert kept[1, ..., bins_hz <= 3000].all()
    np.testing.assert_array_equal(real[kept], parts[0][kept])
    np.testing.assert_array_equal(imaginary[kept], parts[1][kept])


def test_a_loud_master_has_lower_peaks() -> None:
    from vidsep.training.colour import saturated

    sound = noise(-20, 1, RATE).T[None].repeat(2, axis=0)
    made = np.asarray(saturated(sound, np.array([0, 1.5], np.float32)))
    np.testing.assert_array_equal(made[0], sound[0])
    crest = [np.abs(one).max() / np.sqrt(np.square(one).mean()) for one in made]
    assert crest[1] < crest[0] / 2


def test_a_room_dies_away_in_its_time(plain: Made) -> None:
    from vidsep.training.space import room_length, rooms

    numbers = {"room": np.array([0, 5000], np.int32), "decay_seconds": np.array([0.2, 0.6], np.float32)}
    n_fft = room_length(RATE)
    spectra = rooms(plain.sounds["noise"], numbers, RATE, n_fft)
    responses = np.fft.irfft(np.asarray(spectra[0]) + 1j * np.asarray(spectra[1]), n_fft)
    np.testing.assert_allclose(np.square(responses).sum(axis=-1), 1, rtol=1e-3)
    for response, seconds in zip(responses, (0.2, 0.6), strict=True):
        n_samples = round(seconds * RATE)  # later, what is left is rounding errors
        power = np.square(response[:, :n_samples]).reshape(2, -1, 200).mean(axis=(0, 2))
        slope_db = np.polyfit(np.arange(len(power)) * 200 / RATE, 10 * np.log10(power), 1)[0]
        assert -60 / slope_db == pytest.approx(seconds, rel=0.1)


def test_reverberation_adds_what_was_asked_for() -> None:
    from vidsep.training.space import reverberated

    rng = np.random.default_rng(0)
    dry, room = rng.standard_normal((2, 2, 1, 2, 4000)).astype(np.float32)
    room /= np.sqrt(2)  # unit power: what energy one is over all bins
    made = reverberated((dry[0], dry[1]), (room[0], room[1]), np.array([0.5], np.float32))
    added = np.square(np.asarray(made[0]) - dry[0]) + np.square(np.asarray(made[1]) - dry[1])
    assert added.mean() / np.square(dry).sum(axis=0).mean() == pytest.approx(0.25, rel=0.1)


JAX = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from test_examples import Made, SHARES
made = Made(Path({folder!r}), SHARES)
import jax
import keras
assert keras.backend.backend() == "jax"
np.save({out!r}, np.asarray(jax.jit(made.studio.stems)(made.sounds, made.draw(3, 0, 5))))
"""
SHARES = {"equalised": 1, "reverberated": 1, "stretched": 0.5, "varispeed": 0.5, "compressed": 0.5, "lossy": 0.5}


def test_the_same_seed_makes_the_same_on_both_backends(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    here, out = Path(__file__).parent, tmp_path / "jax.npy"
    script = JAX.format(tests=str(here), folder=str(tmp_path / "jax"), out=str(out))
    paths = os.pathsep.join([str(here), str(here.parent), str(here.parents[1])])
    environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", script], check=True, timeout=300, env=environment)
    made = Made(tmp_path / "tensorflow", SHARES)
    mine, its = made.stems(made.draw(3, 0, 5)), np.load(out)
    assert np.abs(mine).max() > 0.05
    assert np.abs(mine - its).max() < 10 ** (-80 / 20)
