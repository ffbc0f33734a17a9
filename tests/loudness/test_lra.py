"""Loudness range: EBU Tech 3342, minimum requirements 1 to 4 (5 and 6 are programmes that only the EBU has)."""

import pytest
from tech3341 import steps

from vidsep.loudness.bs1770 import LoudnessMeter


@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_3342_cases(levels: tuple[float, ...], range_lu: float, sample_rate: int) -> None:
    meter = LoudnessMeter(sample_rate, 2)
    meter.add(steps(*[(level, 20) for level in levels], sample_rate=sample_rate))
    assert meter.lra_lu == pytest.approx(range_lu, abs=0.1)  # the standard allows 1 LU


def test_a_steady_tone_has_no_range() -> None:
    meter = LoudnessMeter(48000, 2)
    meter.add(steps((-20, 10)))
    assert meter.lra_lu == pytest.approx(0, abs=0.01)
