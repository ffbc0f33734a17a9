"""Times as people type them."""

import re

import click

PATTERN = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")
SECONDS_PER_MINUTE = 60


def parse_time(text: str) -> float:
    """Seconds of ``90``, ``90.5``, ``1:30`` or ``0:01:30.5``; ValueError for anything else.

    >>> parse_time("1:30.5")
    90.5
    """
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time; write 90, 90.5, 1:30 or 0:01:30")
    hours, minutes, seconds = match.groups()
    return (int(hours or 0) * SECONDS_PER_MINUTE + int(minutes or 0)) * SECONDS_PER_MINUTE + float(seconds)


class Time(click.ParamType):
    """A point in time or a duration."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return parse_time(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TimeRange(click.ParamType):
    """``START-END``; an empty end is the end of the file."""

    name = "start-end"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float | None]:
        start, dash, end = str(value).partition("-")
        try:
            if not dash:
                raise ValueError(f"{value!r} is not a range; write START-END, as in 0:42-1:10")
            span = parse_time(start or "0"), parse_time(end) if end.strip() else None
            if span[1] is not None and span[1] <= span[0]:
                raise ValueError(f"the range {value!r} ends before it starts")
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return span
