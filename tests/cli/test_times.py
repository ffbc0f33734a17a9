"""Times as people type them."""

import click
import pytest

from vidsep.cli.times import TimeRange, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90.25", 90.25), ("1:30", 90), ("01:02:03.5", 3723.5), (" 7 ", 7)]
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1:", "1:2:3:4", "abc", "nan", "1e9", "1,5"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "span"), [("0:42-1:10", (42, 70)), ("5-", (5, None)), ("-5", (0, 5)), ("1.5 - 2", (1.5, 2))]
)
def test_ranges_are_read(text: str, span: tuple[float, float | None]) -> None:
    assert TimeRange().convert(text, None, None) == span


@pytest.mark.parametrize("text", ["42", "9-3", "3-3", "a-b"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        TimeRange().convert(text, None, None)
