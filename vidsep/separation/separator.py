"""Sound to stems: resample, cut, run the network, join, resample back.

The stems sum to the sound at its own rate: the network gives dialogue and music, and effects are what these leave of
the sound, with all that the network cannot hear (above 22 kHz, or lost in resampling).
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from vidsep.aside import aside
from vidsep.audio import STEM_NAMES, Audio, FloatArray, Stems
from vidsep.dsp.resample import resample, resampled_length
from vidsep.errors import MediaError
from vidsep.progress import Advance, ignore
from vidsep.separation.channels import Hearing, hearings
from vidsep.separation.guard import Guard
from vidsep.separation.pieces import Piece, pieces
from vidsep.separation.registry import DEFAULT_MODEL, find_model
from vidsep.separation.runner import runner_for

KEPT = ("dialogue", "music")  # the stems that the network makes; effects are the rest


class Separator:
    """Separates sound into dialogue, music and effects with a network of `vidsep.separation.registry.MODELS`.

    ``device`` is ``auto`` (a GPU if there is one), ``cpu`` or ``gpu``. Making one is cheap: the network is loaded on
    first use, or in the background after `warm_up`, and then kept for every separator of the process.
    """

    def __init__(self, model: str = DEFAULT_MODEL, device: str = "auto") -> None:
        self.row = find_model(model)
        self.runner = runner_for(self.row, device)

    def warm_up(self) -> None:
        """Load and compile the network in the background, while a file is decoded, say."""
        self.runner.warm_up()

    def separate(self, samples: FloatArray, sample_rate: int, layout: str = "") -> Stems:
        """Stems of sound in memory, each of its shape ``(n_samples, n_channels)``.

        ``layout`` is ffmpeg's name of the channel layout, by default the usual one of so many channels.
        Raises what `stream` raises.
        """
        blocks = list(self.stream(Audio(samples, sample_rate, layout)))
        nothing = samples[:0]
        return Stems(*(np.concatenate([nothing, *(getattr(block, name) for block in blocks)]) for name in STEM_NAMES))

    def stream(self, audio: Audio, advance: Advance = ignore) -> Iterator[Stems]:
        """Blocks of stems that are one after the other all of ``audio``; they sum to it.

        Memory does not grow with the length. Raises `MediaError` if the sound holds NaN or infinity and `ModelError`
        if the network cannot run or gives what no working network gives.
        """
        rate, n_channels = self.row.sample_rate, audio.n_channels
        n_heard = resampled_length(audio.n_samples, audio.sample_rate, rate)
        heard = resample(_finite(audio), n_channels, audio.sample_rate, rate, n_heard)
        made = aside(
            self._run(heard, n_heard, audio), parcel_items=1, parcels_ahead=1
        )  # the network is never kept waiting
        start = 0
        for both in resample(made, 2 * n_channels, rate, audio.sample_rate, audio.n_samples):
            stop = start + len(both)
            dialogue, music = np.ascontiguousarray(both[:, :n_channels]), np.ascontiguousarray(both[:, n_channels:])
            yield Stems(dialogue, music, audio.samples[start:stop] - dialogue - music)
            advance(len(both) / audio.sample_rate)
            start = stop

    def _run(self, heard: Iterator[FloatArray], n_samples: int, audio: Audio) -> Iterator[FloatArray]:
        """Dialogue and music side by side, ``(any, 2 * n_channels)``, at the model's rate."""
        runs = hearings(audio.layout, audio.n_channels)
        source = pieces(heard, n_samples, audio.n_channels, self.runner.model.cut)
        guard = Guard(self.row)
        at_once = -(-self.runner.batch // len(runs))
        while group := list(islice(source, at_once)):
            jobs = [(piece, run) for piece in group for run in runs]
            stems = self._run_jobs(jobs, guard)
            for i, piece in enumerate(group):
                parts = stems[i * len(runs) : (i + 1) * len(runs)]
                yield self._placed(parts, runs, audio.n_channels)[: piece.n_body]
        guard.close()

    def _run_jobs(self, jobs: list[tuple[Piece, Hearing]], guard: Guard) -> list[FloatArray | None]:
        """Stems ``(n_stems, cut.body, 2)`` of each run of the network; None where it would hear only silence."""
        pairs = [piece.samples[:, [run.left, run.right]] for piece, run in jobs]
        sounding = [i for i, pair in enumerate(pairs) if pair.any()]
        stems: list[FloatArray | None] = [None] * len(jobs)
        if sounding:
            made = self.runner.run([pairs[i] for i in sounding], [jobs[i][0].span for i in sounding])
            for i, stem in zip(sounding, made, strict=True):
                guard.look(pairs[i], stem)
                stems[i] = stem
        return stems

    def _placed(self, parts: list[FloatArray | None], runs: list[Hearing], n_channels: int) -> FloatArray:
        """The runs' dialogue and music at their channels' places, ``(cut.body, 2 * n_channels)``."""
        out = np.zeros((self.runner.model.cut.body, 2 * n_channels), np.float32)
        for stems, run in zip(parts, runs, strict=True):
            for i, name in enumerate(self.row.stems):
                if stems is None or name not in KEPT or (name == "dialogue" and not run.may_hold_dialogue):
                    continue
                first = KEPT.index(name) * n_channels
                out[:, first + run.left] += stems[i, :, 0]
                if run.right != run.left:
                    out[:, first + run.right] += stems[i, :, 1]
        return out


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
