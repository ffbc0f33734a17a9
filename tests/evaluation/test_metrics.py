"""The measures against outside judges, and against what can be worked out by hand."""

from collections.abc import Callable

import fast_bss_eval
import fast_bss_eval.numpy
import numpy as np
import pytest
import scipy.signal
from conftest import noise, tone

from vidsep.audio import FloatArray
from vidsep.evaluation.metrics import CEILING_DB, Comparison, Scores, sdr_db, si_sdr_db, snr_db
from vidsep.evaluation.song_scores import museval_metric

TOLERANCE_DB = 1e-3
RATE = 16000


def coloured(seed: int, seconds: float = 2.0, channels: int = 1) -> FloatArray:
    """Noise that falls off towards the treble, as speech and music do."""
    white = noise(-20, seconds, RATE, channels, seed)
    return scipy.signal.lfilter([1.0], [1.0, -0.9], white, axis=0).astype(np.float32)


def estimates() -> dict[str, tuple[FloatArray, FloatArray]]:
    """References and estimates of every kind: noisy, scaled, filtered, leaking, opposite."""
    true, other = coloured(1), coloured(2)
    roomy = scipy.signal.lfilter([0.7, 0, 0, 0.3, 0, -0.2], [1.0], true, axis=0).astype(np.float32)
    return {
        "noisy": (true, true + noise(-30, 2, RATE, 1, 3)),
        "quiet": (true, 0.2 * true + noise(-50, 2, RATE, 1, 3)),
        "filtered": (true, roomy + 0.05 * other),
        "leaking": (true, 0.8 * true + 0.7 * other),
        "opposite": (true, -0.5 * true + 0.1 * other),
        "unlike": (true, other),
    }


def judged(measure: Callable[[FloatArray, FloatArray], object], true: FloatArray, made: FloatArray) -> float:
    return float(np.ravel(measure(true.T.astype(np.float64), made.T.astype(np.float64)))[0])  # type: ignore[call-overload]


def compare(true: FloatArray, made: FloatArray, block: int = 10**9) -> Scores:
    comparison = Comparison(true.shape[1])
    for start in range(0, len(true), block):
        comparison.add(true[start : start + block], [made[start : start + block]])
    return comparison.scores()[0]


@pytest.mark.parametrize("kind", estimates())
def test_si_sdr_and_sdr_are_those_of_fast_bss_eval(kind: str) -> None:
    true, made = estimates()[kind]
    assert si_sdr_db(true, made) == pytest.approx(judged(fast_bss_eval.numpy.si_sdr, true, made), abs=TOLERANCE_DB)
    assert sdr_db(true, made) == pytest.approx(judged(fast_bss_eval.sdr, true, made), abs=TOLERANCE_DB)


@pytest.mark.parametrize("kind", estimates())
def test_snr_is_the_sdr_of_bss_eval_images(kind: str) -> None:
    """Over one window as long as the clip; the images' SDR forgives nothing."""
    true, made = (np.repeat(sound, 2, axis=1) * [1, 0.5] for sound in estimates()[kind])
    sdr, *_ = museval_metric()(true[None], made[None], window=np.inf, hop=np.inf)
    assert snr_db(true.astype(np.float32), made.astype(np.float32)) == pytest.approx(sdr[0, 0], abs=TOLERANCE_DB)


def test_channels_are_measured_together() -> None:
    """SI-SDR has one factor for both, as for their samples one after the other; SDR has a filter for each."""
    true, made = coloured(1, channels=2), coloured(1, channels=2) + 0.3 * coloured(2, channels=2)
    flat = (sound.T.reshape(-1, 1) for sound in (true, made))
    assert si_sdr_db(true, made) == pytest.approx(judged(fast_bss_eval.numpy.si_sdr, *flat), abs=TOLERANCE_DB)
    each = [judged(fast_bss_eval.sdr, true[:, [c]], made[:, [c]]) for c in (0, 1)]
    energies = [float(np.sum(made[:, c].astype(np.float64) ** 2)) for c in (0, 1)]
    explained = sum(energy / (1 + 10 ** (-db / 10)) for energy, db in zip(energies, each, strict=True))
    expected = 10 * np.log10(explained / (sum(energies) - explained))
    assert sdr_db(true, made) == pytest.approx(expected, abs=TOLERANCE_DB)


@pytest.mark.parametrize("block", [100, 4096, 7001])
def test_the_cut_into_blocks_does_not_matter(block: int) -> None:
    true, made = estimates()["filtered"]
    cut, whole = compare(true, made, block), compare(true, made)
    assert cut.si_sdr_db == pytest.approx(whole.si_sdr_db, abs=1e-6)
    assert cut.sdr_db == pytest.approx(whole.sdr_db, abs=1e-6)
    assert cut.snr_db == pytest.approx(whole.snr_db, abs=1e-6)


def test_an_orthogonal_error_of_a_hundredth_is_20_db() -> None:
    """Sines of whole periods share no energy; 0.1 of the amplitude is 0.01 of the energy."""
    true, error = tone(100, -6, 1, RATE), tone(300, -26, 1, RATE)
    scores = compare(true, true + error)
    assert scores.si_sdr_db == pytest.approx(20, abs=TOLERANCE_DB)
    assert scores.snr_db == pytest.approx(20, abs=TOLERANCE_DB)


def test_only_snr_minds_the_level() -> None:
    true = coloured(1)
    half = compare(true, 0.5 * true)
    assert (half.si_sdr_db, half.sdr_db) == (CEILING_DB, CEILING_DB)
    assert half.snr_db == pytest.approx(6.0206, abs=TOLERANCE_DB)
    assert compare(true, -true).snr_db == pytest.approx(-6.0206, abs=TOLERANCE_DB)


def test_only_sdr_forgives_a_delay() -> None:
    true = coloured(1)
    late = np.concatenate([np.zeros((20, 1), np.float32), true[:-20]])
    scores = compare(true, late)
    assert scores.si_sdr_db is not None and scores.si_sdr_db < 0
    assert scores.sdr_db is not None and scores.sdr_db > 30


def test_what_is_equal_stops_at_the_ceiling() -> None:
    true = coloured(1)
    scores = compare(true, true)
    assert (scores.si_sdr_db, scores.snr_db, scores.sdr_db) == (CEILING_DB, CEILING_DB, CEILING_DB)
    assert scores.level_dbfs == pytest.approx(10 * np.log10(np.mean(true.astype(np.float64) ** 2)))


def test_rounding_to_24_bits_is_measured() -> None:
    """Steps of 2**-23 leave an error of step² / 12, and the sum in double precision still tells it."""
    true = coloured(1)
    rounded = (np.rint(true.astype(np.float64) * 2**15) / 2**15).astype(np.float32)
    expected = 10 * np.log10(np.mean(true.astype(np.float64) ** 2) / (2.0**-30 / 12))
    assert compare(true, rounded).si_sdr_db == pytest.approx(expected, abs=0.1)


def test_a_silent_reference_leaves_only_a_level() -> None:
    made = tone(100, -20, 1, RATE)
    scores = compare(np.zeros_like(made), made)
    assert (scores.si_sdr_db, scores.snr_db, scores.sdr_db) == (None, None, None)
    assert scores.level_dbfs == pytest.approx(-23.01, abs=0.01)


def test_a_silent_estimate_is_as_bad_as_can_be() -> None:
    true = coloured(1)
    scores = compare(true, np.zeros_like(true))
    assert (scores.si_sdr_db, scores.sdr_db) == (-CEILING_DB, -CEILING_DB)
    assert scores.snr_db == pytest.approx(0)
    assert scores.level_dbfs == -np.inf


def test_a_reference_without_treble_is_no_trouble() -> None:
    """Speech of 8 kHz at a higher rate leaves its filter's treble free; SDR stays near SI-SDR nevertheless."""
    sections = scipy.signal.butter(12, 0.15, output="sos")
    true = scipy.signal.sosfiltfilt(sections, coloured(1, 4), axis=0).astype(np.float32)
    made = true + noise(-40, 4, RATE, 1, 3)
    scores = compare(true, made)
    assert scores.sdr_db is not None and scores.si_sdr_db is not None
    assert scores.si_sdr_db < scores.sdr_db < scores.si_sdr_db + 0.2
