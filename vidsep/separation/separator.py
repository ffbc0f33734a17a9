"""Sound to stems: resample, cut, run the network, join, resample back, and see to it that they sum to the sound."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vidsep.aside import aside
from vidsep.audio import Audio, FloatArray, Stems
from vidsep.dsp.framing import mean_of
from vidsep.dsp.resample import resample
from vidsep.progress import Advance, ignore
from vidsep.separation.assembly import assembled
from vidsep.separation.passage import Passage
from vidsep.separation.registry import DEFAULT_MODEL, find_model
from vidsep.separation.row import ModelRow
from vidsep.separation.runner import runner_for


class Separator:
    """Separates sound into stems with a network of `vidsep.separation.registry`, by its name or its path.

    ``device`` is ``auto`` (a GPU if there is one), ``cpu`` or ``gpu``; ``weights``, ``shifts`` and ``options`` are
    those of `find_model`. Making one is cheap: the network is loaded on first use, or in the background after
    `warm_up`, and then kept for every separator of the process.
    """

    def __init__(
        self,
        model: str | Path | ModelRow = DEFAULT_MODEL,
        device: str = "auto",
        *,
        weights: str | Path | None = None,
        shifts: int | None = None,
        **options: object,
    ) -> None:
        self.row = model if isinstance(model, ModelRow) else find_model(model, weights, shifts, **options)
        self.runner = runner_for(self.row.with_options(shifts=1), device)  # one network for any number of passes

    def warm_up(self) -> None:
        """Load and compile the network in the background, while a file is decoded, say."""
        self.runner.warm_up()

    def separate(self, samples: FloatArray, sample_rate: int, layout: str = "") -> Stems:
        """Stems of sound in memory, each of its shape ``(n_samples, n_channels)``; a mapping by their names, too.

        ``layout`` is ffmpeg's name of the channel layout, by default the usual one of so many channels.
        Raises what `stream` raises.
        """
        audio = Audio(samples, sample_rate, layout)
        blocks = [samples[:0].repeat(len(self.row.kept), axis=1), *self._made(audio)]
        return self._assembled(np.concatenate(blocks), samples)

    def stream(self, audio: Audio, advance: Advance = ignore) -> Iterator[Stems]:
        """Blocks of stems that are one after the other all of ``audio``; they sum to it.

        Memory does not grow with the length. Raises `MediaError` if the sound holds NaN or infinity and `ModelError`
        if the network cannot run or gives what no working network gives.
        """
        start = 0
        for made in self._made(audio):
            stop = start + len(made)
            yield self._assembled(made, audio.samples[start:stop])
            advance(len(made) / audio.sample_rate)
            start = stop

    def _made(self, audio: Audio) -> Iterator[FloatArray]:
        """What the network makes of ``audio``: the mean of `Passage.stems`, at the rate of ``audio``."""
        passages = [Passage(audio, self.row, self.runner, n_late).stems() for n_late in self.row.delays]
        made = aside(mean_of(passages), parcel_items=1, parcels_ahead=1)  # the network is never kept waiting
        return resample(
            made, len(self.row.kept) * audio.n_channels, self.row.sample_rate, audio.sample_rate, audio.n_samples
        )

    def _assembled(self, made: FloatArray, mix: FloatArray) -> Stems:
        parts = np.split(made, len(self.row.kept), axis=1)
        return assembled(dict(zip(self.row.kept, map(np.ascontiguousarray, parts), strict=True)), mix)
