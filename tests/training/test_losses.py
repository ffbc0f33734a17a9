"""The parts of the loss: nothing for perfection, more for more error, and the same for quiet and loud mixtures."""

from typing import Any

import numpy as np
import pytest
from made_corpora import TINY

from vidsep.audio import STEM_NAMES
from vidsep.separation import devices
from vidsep.training.scores import Floats, si_sdr_db, summarise
from vidsep.training.settings import LossSettings, NetworkSettings

CONFIG = NetworkSettings(**{**TINY, "dilations": (1, 2)}).band_mixer()
EACH = [
    LossSettings(**{name: float(name == one) for name in ("complex", "magnitude", "snr", "resolutions", "silence")})
    for one in ("complex", "magnitude", "snr", "resolutions", "silence")
]


def sounds(seed: int = 0, silent: int | None = None) -> Floats:
    """Stems ``(2, 3, 2, n)`` of noise."""
    stems = np.random.default_rng(seed).standard_normal((2, 3, 2, 64 * 64)).astype(np.float32)
    if silent is not None:
        stems[:, silent] = 0
    return stems


def loss(wanted: Floats, found: Floats, weights: LossSettings) -> float:
    devices.start("cpu")
    from vidsep.training import losses
    from vidsep.training.network import Heard, stem_spectra

    rms = np.sqrt(np.square(wanted.sum(axis=1)).mean(axis=(1, 2)))
    heard = Heard(stem_spectra(wanted, CONFIG), stem_spectra(found, CONFIG), rms)
    return float(np.asarray(losses.loss(heard, CONFIG, weights)))


@pytest.mark.parametrize("weights", EACH)
def test_more_error_costs_more(weights: LossSettings) -> None:
    wanted, other = sounds(0, silent=1), sounds(1)
    costs = [loss(wanted, wanted + amount * other, weights) for amount in (0, 0.03, 0.1, 0.3, 1)]
    assert costs == sorted(costs)
    assert costs[1] > costs[0]
    if not weights.snr:
        assert costs[0] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("weights", EACH)
def test_quiet_mixtures_count_as_loud_ones(weights: LossSettings) -> None:
    wanted, found = sounds(0, silent=1), sounds(0) + 0.1 * sounds(1)
    assert loss(0.01 * wanted, 0.01 * found, weights) == pytest.approx(loss(wanted, found, weights), rel=1e-3)


def test_the_snr_is_bounded() -> None:
    wanted = sounds()
    assert -30 <= loss(wanted, wanted, LossSettings(0, 0, 1)) < -28
    assert loss(wanted, np.zeros_like(wanted), LossSettings(0, 0, 1)) == pytest.approx(0, abs=0.1)


def test_silence_has_a_gradient_everywhere() -> None:
    devices.start("cpu")
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("asks TensorFlow for gradients")
    import tensorflow as tf

    from vidsep.training import losses
    from vidsep.training.network import Heard, stem_spectra

    silence = tf.constant(np.zeros((2, 3, 2, 64 * 64), np.float32))
    with tf.GradientTape() as tape:
        tape.watch(silence)
        heard = Heard(stem_spectra(silence, CONFIG), stem_spectra(silence, CONFIG), tf.zeros(2))
        total = losses.loss(heard, CONFIG, LossSettings(1, 1, 1, 1, 1))
    assert np.isfinite(np.asarray(total))
    assert np.isfinite(np.asarray(tape.gradient(total, silence))).all()


def batch(wanted: Floats, found: Floats) -> dict[str, Any]:
    mixture = wanted.sum(axis=1, keepdims=True) + 0 * wanted
    pairs = {"w": wanted, "f": found, "m": mixture}
    return {"loss": np.float32(1)} | {
        pair: (pairs[pair[0]] * pairs[pair[1]]).sum(axis=(2, 3)) for pair in ("ww", "ff", "mm", "wf", "wm")
    }


def test_scores_of_known_errors() -> None:
    wanted = sounds()
    rng = np.random.default_rng(5)
    error = rng.standard_normal(wanted.shape).astype(np.float32)
    error -= (
        wanted * (error * wanted).sum(axis=(2, 3), keepdims=True) / np.square(wanted).sum(axis=(2, 3), keepdims=True)
    )
    error *= np.sqrt(
        np.square(wanted).sum(axis=(2, 3), keepdims=True) / np.square(error).sum(axis=(2, 3), keepdims=True)
    )
    result = summarise([batch(wanted, 0.5 * (wanted + 0.1 * error))])
    for stem in STEM_NAMES:
        assert result[f"{stem}_sdr_db"] == pytest.approx(20, abs=1e-3)
        assert result[f"{stem}_gain_db"] == pytest.approx(20 + 3, abs=1)  # two equal others: 3 dB above the stem
    assert "dialogue_silence_db" not in result


def test_silent_and_lonely_stems_are_told_apart() -> None:
    wanted = sounds(silent=1)
    wanted[:, 2] *= 0.01
    found = wanted.copy()
    found[:, 1] = 0.1 * wanted.sum(axis=1)
    result = summarise([batch(wanted, found)])
    assert result["music_silence_db"] == pytest.approx(20, abs=1e-3)
    assert result["dialogue_kept_db"] == 60
    assert result["effects_sdr_db"] == 60
    assert "music_gain_db" not in result
    assert "dialogue_gain_db" not in result


def test_scale_does_not_count() -> None:
    one = np.array([1.0])
    assert si_sdr_db(0.3 * one, one, 0.09 * one + 0.01 * 0.09)[0] == pytest.approx(20, abs=1e-6)
