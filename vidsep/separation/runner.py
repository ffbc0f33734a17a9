"""Runs a model on a device: loaded once, in batches that fit it."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import ModelError, VidsepError
from vidsep.separation import devices
from vidsep.separation.models.base import CHANNELS, SeparationModel, Span
from vidsep.separation.row import ModelRow

BATCHES = {"cpu": 1, "gpu": 8}  # pieces at once: two cores are busy with one, a GPU is not

log = logging.getLogger(__name__)


@cache
def runner_for(row: ModelRow, device: str) -> "Runner":
    """The runner of this model on this device: one for all of a process, which thus loads and compiles it once."""
    return Runner(row, device)


class Runner:
    """A model of the table, started on first use and then kept.

    ``device`` is ``auto``, ``cpu`` or ``gpu``. A GPU that is too small gets smaller batches; when not even one piece
    fits, the CPU takes over and a warning says so.
    """

    def __init__(self, row: ModelRow, device: str = "auto") -> None:
        self._row, self._device = row, device
        self._place, self._batch = "cpu", BATCHES["cpu"]
        self._lock = threading.Lock()
        self._loading: Future[SeparationModel] | None = None

    def warm_up(self) -> None:
        """Start importing, building and compiling in the background; does nothing the second time."""
        self._started()

    @property
    def model(self) -> SeparationModel:
        """The model, once it is ready. Raises `ModelError` if it cannot run here; the next try starts afresh."""
        try:
            return self._started().result()
        except Exception:
            self._loading = None
            raise

    @property
    def batch(self) -> int:
        """How many pieces run at once; known when the model is ready."""
        return self._batch

    def study(self, sound: Callable[[], Iterable[tuple[FloatArray, Span]]]) -> Any:
        """`SeparationModel.study` of the sound that ``sound`` gives, from its start each time it is called."""
        while True:
            model = self.model
            try:
                with devices.on(self._place):
                    return model.study(sound())
            except VidsepError:
                raise
            except Exception as error:  # frameworks raise what they like
                self._recover(error)

    def run(self, pieces: Sequence[FloatArray], spans: Sequence[Span], known: Any = None) -> FloatArray:
        """`SeparationModel.separate` for one or more pieces of shape ``(cut.n_samples, 2)``.

        ``known`` is what `study` returned of the sound that they are pieces of.
        """
        stems: list[FloatArray] = []
        first = 0
        while first < len(pieces):
            last = first + self._batch
            try:
                stems.append(self._run_batch(pieces[first:last], spans[first:last], known))
            except VidsepError:
                raise
            except Exception as error:  # frameworks raise what they like
                self._recover(error)
            else:
                first = last
        return np.concatenate(stems)

    def _started(self) -> "Future[SeparationModel]":
        with self._lock:
            if self._loading is None:
                pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vidsep-model")
                self._loading = pool.submit(self._load)
                pool.shutdown(wait=False)
            return self._loading

    def _load(self) -> SeparationModel:
        self._place = devices.start(self._device)
        self._batch = BATCHES[self._place]
        with devices.on(self._place):
            model = self._row.load()
            silence = np.zeros((self._batch, model.cut.n_samples, CHANNELS), np.float32)
            with suppress(Exception):  # compiles; what goes wrong goes wrong again in run, and is dealt with there
                model.separate(silence, [Span(0, model.cut.n_samples)] * self._batch)
        devices.give_memory_back()
        return model

    def _run_batch(self, pieces: Sequence[FloatArray], spans: Sequence[Span], known: Any) -> FloatArray:
        model, missing = self.model, self._batch - len(pieces)
        filled = np.stack([*pieces, *[np.zeros_like(pieces[0])] * missing])  # one shape, compiled once
        spans = [*spans, *[spans[0]] * missing]
        with devices.on(self._place):
            stems = model.separate(filled, spans) if known is None else model.separate_knowing(known, filled, spans)
        return stems[: len(pieces)]

    def _recover(self, error: Exception) -> None:
        if not devices.is_out_of_memory(error):
            step = "try --device cpu" if self._place == "gpu" else "vidsep doctor looks for what is wrong"
            raise ModelError(f"the network failed on the {self._place}: {error}", step) from error
        if self._batch > 1:
            self._batch //= 2
            log.info("the %s has too little memory, going on with %d pieces at once", self._place, self._batch)
        elif self._place == "gpu":
            log.warning("the GPU has too little memory for the network, going on with the CPU")
            self._device, self._loading = "cpu", None
        else:
            raise ModelError("there is too little memory to run the network", "close other programs") from error
