"""Scores as tables in Markdown, which read well on a terminal, too."""

from collections.abc import Iterator, Mapping, Sequence

from vidsep.evaluation.scoring import IDEAL, MIXTURE
from vidsep.evaluation.summary import Spread, StemSummary

NOTHING = "-"

Summary = Mapping[str, Mapping[str, StemSummary]]

MEASURES: tuple[tuple[str, str], ...] = (("SI-SDR", "si_sdr"), ("SNR", "snr"), ("SDR", "sdr"))


def table_lines(summary: Summary) -> Iterator[str]:
    """All tables of an evaluation, line by line, each after an empty line."""
    stems = list(summary[MIXTURE])
    for title, field in MEASURES:
        rows = {row: [_mean_median(getattr(stem, field)) for stem in summary[row].values()] for row in summary}
        yield from table(
            f"{title} in dB, mean / median of the clips in which the stem sounds with others:", stems, rows
        )
    for row in summary:
        if row not in (MIXTURE, IDEAL):
            yield from table(
                f"{row}, in dB, with the number of clips:",
                stems,
                _answers(list(summary[row].values()), list(summary[MIXTURE].values())),
            )


def _answers(made: Sequence[StemSummary], mixture: Sequence[StemSummary]) -> dict[str, list[str]]:
    """What one asks of a network, a line each; the number of clips behind an answer stands in brackets."""
    return {
        "SI-SDR of the mixture where it is below 20 dB: mean": [_with_number(stem.mixed, "mean") for stem in mixture],
        "improvement of it: mean": [_with_number(stem.improvement, "mean") for stem in made],
        "improvement of it: median": [_with_number(stem.improvement, "median") for stem in made],
        "preservation, SI-SDR where the mixture is above 20 dB or the stem is alone: mean": [
            _with_number(stem.preservation, "mean") for stem in made
        ],
        "the stem alone, SI-SDR: mean": [_with_number(stem.solo, "mean") for stem in made],
        "the stem alone, SI-SDR: lowest": [_with_number(stem.solo, "lowest") for stem in made],
        "the stem silent, estimate below the mixture: mean": [
            _with_number(stem.below_mixture, "mean") for stem in made
        ],
        "the stem silent, estimate below the mixture: least": [
            _with_number(stem.below_mixture, "lowest") for stem in made
        ],
    }


def table(title: str, stems: Sequence[str], rows: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A table with a column a stem and a line for each of ``rows``, under its title."""
    cells = [["", *stems], *([name, *values] for name, values in rows.items())]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    rules = ["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]
    lines = ["| " + " | ".join(_aligned(line, widths)) + " |" for line in cells]
    yield from ("", title, "", lines[0], "|" + "|".join(rules) + "|", *lines[1:])


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.rjust(width) if i else text.ljust(width) for i, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _mean_median(spread: Spread | None) -> str:
    return f"{spread.mean:.1f} / {spread.median:.1f}" if spread else NOTHING


def _with_number(spread: Spread | None, name: str) -> str:
    return f"{getattr(spread, name):.1f} ({spread.n})" if spread else NOTHING


def number_or_dash(value: float | None) -> str:
    """A value in dB, or what stands where there is none."""
    return NOTHING if value is None else f"{value:.2f}"


def counted(number: int, noun: str) -> str:
    """A number of things in words.

    >>> counted(1, "clip"), counted(2, "clip")
    ('1 clip', '2 clips')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
