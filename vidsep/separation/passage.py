"""One sound on its way through a network: to its rate and level, cut, run, joined."""

import math
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from vidsep.audio import Audio, FloatArray, db_to_gain
from vidsep.dsp.resample import resample, resampled_length
from vidsep.errors import MediaError
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.separation.assembly import ENOUGH
from vidsep.separation.channels import Hearing, hearings
from vidsep.separation.guard import Guard
from vidsep.separation.models.base import Span
from vidsep.separation.pieces import Piece, joined, pieces
from vidsep.separation.row import ModelRow
from vidsep.separation.runner import Runner


class Passage:
    """The way of ``audio`` through the network that ``runner`` runs.

    The network hears ``n_late`` samples of silence first, so that it cuts the sound into other frames.
    """

    def __init__(self, audio: Audio, row: ModelRow, runner: Runner, n_late: int = 0) -> None:
        self.audio, self.row, self.runner, self.n_late = audio, row, runner, n_late
        self.n_samples = n_late + resampled_length(audio.n_samples, audio.sample_rate, row.sample_rate)
        runs = hearings(audio.layout, audio.n_channels)
        self.runs = [run for run in runs if run.may_hold_dialogue or row.kept != ENOUGH]

    def stems(self) -> Iterator[FloatArray]:
        """The stems that `ModelRow.kept` names side by side, ``(any, n_kept * n_channels)``, at the model's rate."""
        model = self.runner.model
        gain = input_gain(self.audio, model.input_lufs)
        known = {run: self._known(run, gain) for run in self.runs} if model.studies else {}
        silence = self.n_late
        for block in joined(self._of_pieces(gain, known), self.n_samples, model.cut):
            yield block[silence:] / gain
            silence = max(0, silence - len(block))

    def _pieces(self, gain: np.float32) -> Iterator[Piece]:
        n_channels, rates = self.audio.n_channels, (self.audio.sample_rate, self.row.sample_rate)
        blocks = resample(_finite(self.audio), n_channels, *rates, self.n_samples - self.n_late)
        sound = chain([np.zeros((self.n_late, n_channels), np.float32)], (block * gain for block in blocks))
        return pieces(sound, self.n_samples, n_channels, self.runner.model.cut)

    def _known(self, run: Hearing, gain: np.float32) -> Any:
        """What the model has to know of the channels of ``run``."""

        def sound() -> Iterator[tuple[FloatArray, Span]]:
            return ((piece.samples[:, [run.left, run.right]], piece.span) for piece in self._pieces(gain))

        return self.runner.study(sound)

    def _of_pieces(self, gain: np.float32, known: dict[Hearing, Any]) -> Iterator[FloatArray]:
        """The stems of one piece after the other, ``(cut.body + cut.overlap, n_kept * n_channels)``."""
        source, guard, n_runs = self._pieces(gain), Guard(self.row), len(self.runs)
        at_once = -(-self.runner.batch // n_runs)
        while group := list(islice(source, at_once)):
            stems = self._run_jobs([(piece, run) for piece in group for run in self.runs], guard, known)
            for i in range(len(group)):
                yield self._placed(stems[i * n_runs : (i + 1) * n_runs])
        guard.close()

    def _run_jobs(
        self, jobs: list[tuple[Piece, Hearing]], guard: Guard, known: dict[Hearing, Any]
    ) -> list[FloatArray | None]:
        """The stems of each run of the network over a piece; None where there is nothing to separate.

        That is silence, and a channel that holds no dialogue where all that is not kept counts as effects.
        """
        pairs = [piece.samples[:, [run.left, run.right]] for piece, run in jobs]
        stems: list[FloatArray | None] = [None] * len(jobs)
        is_wanted = [self.row.kept != ENOUGH or run.may_hold_dialogue for _, run in jobs]
        sounding = [i for i, pair in enumerate(pairs) if is_wanted[i] and pair.any()]
        batches = [(sounding, None)]
        if known:  # what is known holds for the pieces of one run
            batches = [([i for i in sounding if jobs[i][1] == run], known[run]) for run in self.runs]
        context = self.runner.model.cut.context
        for batch, knows in batches:
            if not batch:
                continue
            made = self.runner.run([pairs[i] for i in batch], [jobs[i][0].span for i in batch], knows)
            for i, stem in zip(batch, made, strict=True):
                guard.look(pairs[i][context : context + stem.shape[1]], stem)
                stems[i] = stem
        return stems

    def _placed(self, parts: Sequence[FloatArray | None]) -> FloatArray:
        """The runs' stems at their channels' places, ``(cut.body + cut.overlap, n_kept * n_channels)``."""
        kept, n_channels, cut = self.row.kept, self.audio.n_channels, self.runner.model.cut
        out = np.zeros((cut.body + cut.overlap, len(kept) * n_channels), np.float32)
        for stems, run in zip(parts, self.runs, strict=True):
            for i, name in enumerate(self.row.stems):
                if stems is None or name not in kept:
                    continue
                first = kept.index(name) * n_channels
                out[:, first + run.left] += stems[i, :, 0]
                if run.right != run.left:
                    out[:, first + run.right] += stems[i, :, 1]
        return out


def input_gain(audio: Audio, target_lufs: float | None) -> np.float32:
    """What makes ``audio`` as loud as that, as a factor; one for silence, and where no loudness is asked for."""
    if target_lufs is None:
        return np.float32(1)
    meter = LoudnessMeter(audio.sample_rate, audio.n_channels, audio.layout)
    for block in _finite(audio):
        meter.add(block)
    missing_db = target_lufs - meter.integrated_lufs
    return np.float32(db_to_gain(missing_db) if math.isfinite(missing_db) else 1)


def _finite(audio: Audio) -> Iterator[FloatArray]:
    start = 0
    for block in audio.blocks():
        if not np.isfinite(block).all():
            seconds = (start + int(np.argmin(np.isfinite(block).all(axis=1)))) / audio.sample_rate
            raise MediaError(
                f"the sound holds values that are no numbers (NaN or infinity), the first at {seconds:.3f} s",
                "decode or export it again",
            )
        start += len(block)
        yield block
