"""Many clips' scores in a few numbers a stem.

A stem's mean over all clips says little: in some it is nearly alone, where the mixture scores 50 dB and no network can
better it. So each number is that of the clips on which its question can be asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median

from vidsep.evaluation.scoring import DOMINANT, MIXED, SOLO, StemScore


@dataclass(frozen=True)
class Spread:
    """``n`` values in dB."""

    n: int
    mean: float
    median: float
    lowest: float


@dataclass(frozen=True)
class StemSummary:
    """One stem in one row. What no clip answers is None.

    ``si_sdr``, ``snr`` and ``sdr`` are over all clips in which the stem sounds with others. ``mixed`` and
    ``improvement`` are SI-SDR where the mixture is below 20 dB then; ``preservation`` is SI-SDR where the mixture is
    better than that or the stem sounds alone; ``solo`` is where it sounds alone; ``below_mixture`` is where it is
    silent.
    """

    si_sdr: Spread | None
    snr: Spread | None
    sdr: Spread | None
    mixed: Spread | None
    improvement: Spread | None
    preservation: Spread | None
    solo: Spread | None
    below_mixture: Spread | None

    def as_dict(self) -> dict[str, object]:
        """The numbers for JSON, rounded to hundredths of a decibel."""
        return {name: value and {key: round(x, 2) for key, x in value.items()} for name, value in asdict(self).items()}


def spread(values: Iterable[float | None]) -> Spread | None:
    """Of those ``values`` that are not None; None if all are.

    >>> spread([1.0, None, 2.0, 6.0])
    Spread(n=3, mean=3.0, median=2.0, lowest=1.0)
    """
    found = [value for value in values if value is not None]
    return Spread(len(found), fmean(found), median(found), min(found)) if found else None


def summarise(scores: Sequence[StemScore]) -> dict[str, dict[str, StemSummary]]:
    """The summary of each row by its name, and in it of each stem, in the order of the scores."""
    rows = dict.fromkeys(score.row for score in scores)
    stems = dict.fromkeys(score.stem for score in scores)
    return {
        row: {stem: _stem_summary([s for s in scores if (s.row, s.stem) == (row, stem)]) for stem in stems}
        for row in rows
    }


def _stem_summary(scores: Sequence[StemScore]) -> StemSummary:
    mixed = [score for score in scores if score.situation == MIXED]
    among_others = [score for score in scores if score.situation in (MIXED, DOMINANT)]
    return StemSummary(
        si_sdr=spread(score.si_sdr_db for score in among_others),
        snr=spread(score.snr_db for score in among_others),
        sdr=spread(score.sdr_db for score in among_others),
        mixed=spread(score.si_sdr_db for score in mixed),
        improvement=spread(score.improvement_db for score in mixed),
        preservation=spread(score.si_sdr_db for score in scores if score.situation in (DOMINANT, SOLO)),
        solo=spread(score.si_sdr_db for score in scores if score.situation == SOLO),
        below_mixture=spread(score.below_mixture_db for score in scores),
    )
