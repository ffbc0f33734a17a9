"""The scores of all clips in one picture."""

from collections.abc import Sequence

from vidsep.evaluation.scoring import MIXTURE, SOLO, StemScore
from vidsep.outputs.scatter import Panel, Point, Series, scatter_png


def scores_png(scores: Sequence[StemScore]) -> bytes:
    """SI-SDR of the estimate over that of the mixture, a panel a stem, a colour a row.

    Points above the line are better than the mixture. Stems that are silent or alone have none.
    """
    stems = dict.fromkeys(score.stem for score in scores)
    rows = dict.fromkeys(score.row for score in scores if score.row != MIXTURE)
    panels = [Panel(stem, [Series(row, _points(scores, stem, row)) for row in rows]) for stem in stems]
    return scatter_png(panels, "SI-SDR of the mixture, dB", "SI-SDR of the estimate, dB")


def _points(scores: Sequence[StemScore], stem: str, row: str) -> list[Point]:
    found = [score for score in scores if (score.stem, score.row) == (stem, row)]
    return [
        (score.si_sdr_db - score.improvement_db, score.si_sdr_db)
        for score in found
        if score.situation != SOLO and score.si_sdr_db is not None and score.improvement_db is not None
    ]
