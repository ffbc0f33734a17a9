"""Charts: round ticks, thinning that keeps the extremes, lines that break where there is nothing."""

import re

import numpy as np
import pytest

from vidsep.outputs import charts
from vidsep.outputs.charts import Axis


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (60, ["0:00", "0:05", "0:10"]),
        (10, ["0:00", "0:01", "0:02"]),
        (3, ["0:00.0", "0:00.5", "0:01.0"]),
        (0.01, ["0:00.000", "0:00.001", "0:00.002"]),
        (3 * 3600, ["0:00", "15:00", "30:00"]),
    ],
)
def test_time_ticks_are_round(seconds: float, labels: list[str]) -> None:
    ticks = charts.time_ticks(seconds)
    assert [tick.label for tick in ticks][:3] == labels
    assert len(ticks) <= charts.MOST_TIME_TICKS + 1


def test_a_tick_stands_at_its_time() -> None:
    tick = next(tick for tick in charts.time_ticks(80) if tick.label == "1:00")
    assert tick.percent == pytest.approx(75)


def test_the_axis_holds_the_curve_and_cuts_off_what_is_too_low() -> None:
    axis = charts.level_axis([np.array([-np.inf, -100.0, -33.0, -12.5])], lowest=-70)
    assert axis == Axis(-36, -6)


def test_silence_has_an_axis_too() -> None:
    axis = charts.level_axis([np.full(5, -np.inf)], lowest=-70)
    assert axis.high > axis.low


def test_thinning_keeps_the_highest_and_the_lowest() -> None:
    values = np.random.default_rng(0).standard_normal(100_000)
    seconds, kept = charts.thin(np.arange(100_000) / 10, values)
    assert len(kept) <= 2 * charts.MOST_POINTS
    assert (kept.max(), kept.min()) == (values.max(), values.min())
    assert (np.diff(seconds) >= 0).all()


def test_a_line_goes_through_its_points() -> None:
    path = charts.line(np.array([0.0, 5.0, 10.0]), np.array([-20.0, -10.0, 0.0]), 10, Axis(-20, 0), "after")
    assert path == '<path class="after" d="M0.0 100.00L500.0 50.00L1000.0 0.00"/>'


def test_a_line_breaks_where_it_leaves_the_axis() -> None:
    path = charts.line(np.arange(5.0), np.array([-10, -10, -np.inf, -10, -10]), 4, Axis(-20, 0), "after")
    assert re.sub(r"[\d. ]+", "", path.split('d="')[1]) == 'MLMML"/>'


def test_labels_are_escaped() -> None:
    assert "<b>" not in charts.drawing("<b>")


def test_numbers_have_a_real_minus_and_no_minus_zero() -> None:
    assert charts.number(-14.04) == "\N{MINUS SIGN}14.0"
    assert charts.number(-0.04) == "0.0"
