"""One clip: its true stems beside the mixture as it is, what ideal masks make of it, and what networks make of it."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vidsep.audio import STEM_NAMES, Audio, FloatArray, Samples, Stems
from vidsep.errors import DatasetError
from vidsep.evaluation.clips import Clip
from vidsep.evaluation.ideal_mask import ideal_block
from vidsep.evaluation.metrics import CEILING_DB, SILENT_DBFS, Comparison, Scores
from vidsep.evaluation.sound_files import FileSamples, opened
from vidsep.progress import Advance, ignore
from vidsep.spool import SpooledSamples, spool
from vidsep.work import work_folder

MIXTURE = "mixture"
IDEAL = "ideal ratio mask"
BLOCK_SAMPLES = 2**18  # a multiple of the masks' hop

EASY_DB = 20.0  # a stem so far above the rest is there to be left alone, not to be separated

MIXED = "mixed"  # sounds with others, and the mixture is below `EASY_DB`
DOMINANT = "dominant"  # sounds with others that hardly matter
SOLO = "solo"  # sounds alone
SILENT = "silent"


class Separating(Protocol):
    """What is scored: `vidsep.Separator`, or anything else that makes the three stems of sound."""

    def stream(self, audio: Audio, advance: Advance = ignore) -> Iterator[Stems]:
        """Blocks of stems that are one after the other all of ``audio``."""
        ...


@dataclass(frozen=True)
class StemScore:
    """One stem of one clip in one row of the table.

    ``improvement_db`` is how much its SI-SDR is above that of the mixture. ``below_mixture_db`` is measured where the
    stem is silent: how far the estimate's level is below the mixture's.
    """

    clip: str
    stem: str
    situation: str
    row: str
    si_sdr_db: float | None
    snr_db: float | None
    sdr_db: float | None
    improvement_db: float | None
    below_mixture_db: float | None


@dataclass(frozen=True)
class ClipScores:
    """The scores of a clip; ``took_seconds`` is how long each network worked on it."""

    seconds: float
    scores: tuple[StemScore, ...]
    took_seconds: Mapping[str, float]

    @property
    def sounding(self) -> list[str]:
        """The stems that are not silent."""
        return list(dict.fromkeys(score.stem for score in self.scores if score.situation != SILENT))


@dataclass(frozen=True)
class Silence:
    """`vidsep.audio.Samples` of a stem that is not there."""

    shape: tuple[int, ...]

    def __getitem__(self, key: slice, /) -> FloatArray:
        return np.zeros((len(range(*key.indices(self.shape[0]))), self.shape[1]), np.float32)


def score_clip(clip: Clip, separators: Mapping[str, Separating], advance: Advance = ignore) -> ClipScores:
    """Separate ``clip`` with each of ``separators`` (by the name of its row) and compare.

    ``advance`` hears of the sound's seconds once for each separator. Memory does not grow with the clip's length.
    Raises `DatasetError` if a file cannot be read, holds NaN, or the files differ in length, rate or channels.
    """
    with opened([clip.mixture, *filter(None, clip.stems.values())]) as files, work_folder() as work:
        mixture = files[clip.mixture]
        stems = {name: files[path] if path else Silence(mixture.shape) for name, path in clip.stems.items()}
        audio = Audio(mixture, mixture.sample_rate)
        made: dict[str, SpooledSamples] = {}
        took: dict[str, float] = {}
        for i, (name, separator) in enumerate(separators.items()):
            began = time.perf_counter()
            made[name] = spool(_side_by_side(separator, audio, advance), work / f"{i}.f32", 3 * audio.n_channels)
            took[name] = time.perf_counter() - began
        return ClipScores(audio.seconds, tuple(_compared(clip.name, mixture, stems, made)), took)


def _side_by_side(separator: Separating, audio: Audio, advance: Advance) -> Iterator[FloatArray]:
    for block in separator.stream(audio, advance):
        yield np.concatenate([getattr(block, name) for name in STEM_NAMES], axis=1)


def _compared(
    clip: str, mixture: FileSamples, stems: Mapping[str, Samples], made: Mapping[str, SpooledSamples]
) -> list[StemScore]:
    n_samples, n_channels = mixture.shape
    for name, samples in made.items():
        if samples.shape[0] != n_samples:
            raise ValueError(f"{name} made {samples.shape[0]} samples of {n_samples}")
    rows = [MIXTURE, IDEAL, *made]
    comparisons = {name: Comparison(n_channels, len(rows)) for name in stems}
    energy = 0.0
    for start in range(0, n_samples, BLOCK_SAMPLES):
        stop = min(start + BLOCK_SAMPLES, n_samples)
        heard = mixture[start:stop]
        energy += float(np.sum(np.square(heard, dtype=np.float64)))
        ideal = ideal_block(mixture, list(stems.values()), start, stop)
        blocks = [samples[start:stop] for samples in made.values()]
        for i, (name, stem) in enumerate(stems.items()):
            place = STEM_NAMES.index(name) * n_channels
            estimates = [block[:, place : place + n_channels] for block in blocks]
            comparisons[name].add(stem[start:stop], [heard, ideal[i], *estimates])
    level = 10 * math.log10(energy / (n_samples * n_channels)) if energy > 0 else -math.inf
    if level < SILENT_DBFS:
        raise DatasetError(f"the mixture of {clip} is silent", "take the clip out of the set")
    return list(_scores(clip, rows, comparisons, level))


def _scores(
    clip: str, rows: list[str], comparisons: Mapping[str, Comparison], mixture_dbfs: float
) -> Iterator[StemScore]:
    n_sounding = sum(comparison.level_dbfs >= SILENT_DBFS for comparison in comparisons.values())
    for stem, comparison in comparisons.items():
        scores = comparison.scores()
        situation = _situation(scores[0], n_sounding)
        for row, score in zip(rows, scores, strict=True):
            gained = _difference(score.si_sdr_db, scores[0].si_sdr_db)
            below = min(mixture_dbfs - score.level_dbfs, CEILING_DB) if situation == SILENT else None
            yield StemScore(clip, stem, situation, row, score.si_sdr_db, score.snr_db, score.sdr_db, gained, below)


def _situation(mixture: Scores, n_sounding: int) -> str:
    if mixture.si_sdr_db is None:
        return SILENT
    if n_sounding == 1:
        return SOLO
    return MIXED if mixture.si_sdr_db < EASY_DB else DOMINANT


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base
