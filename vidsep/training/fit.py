"""A training run, from its configuration to the weights it leaves."""

import itertools
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vidsep.aside import aside
from vidsep.audio import STEM_NAMES
from vidsep.errors import TrainingError, VidsepError
from vidsep.progress import Progress, Silent
from vidsep.separation import devices
from vidsep.separation.weights import MODEL_FILE, Weights, write_weights
from vidsep.training import checkpoint, scores
from vidsep.training.beginning import first_weights, origin
from vidsep.training.checkpoint import Checkpoint, Standing
from vidsep.training.config import as_table
from vidsep.training.draw import Draw, Numbers
from vidsep.training.gather import Gathered, gather
from vidsep.training.logbook import TRAINING, VALIDATION, Logbook
from vidsep.training.schedule import learning_rate, share_done
from vidsep.training.settings import TrainingConfig
from vidsep.training.stopping import Stop, heeding

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # between two looks at the loss, each of which waits until the device has nothing to do
STEPS_AHEAD = 2  # how many steps the device is given before the first of them is done
VALIDATION_SEED = 2**31  # no run's own
MAY_CHANGE = {
    "run": (
        "folder", "begin_with", "steps", "minutes", "checkpoint_minutes", "validation_minutes", "validation_examples",
        "retries",
    ),
    "corpora": ("speech", "music", "effects", "vocals"),  # where they lie; what they hold is compared by itself
}  # fmt: skip


@dataclass(frozen=True)
class Status:
    """How a run stands, as it is told every few seconds."""

    steps: int
    share_done: float
    minutes: float
    loss: float
    learning_rate: float
    audio_seconds_per_second: float


@dataclass(frozen=True)
class TrainingResult:
    """What a run has come to. ``stopped_by`` is the number of the signal that ended it early."""

    folder: Path
    model: Path
    steps: int
    minutes: float
    metrics: dict[str, float]
    resumed_from: int
    stopped_by: int | None

    def as_dict(self) -> dict[str, object]:
        """JSON-safe."""
        return {**asdict(self), "folder": str(self.folder), "model": str(self.model)}


def train(
    config: TrainingConfig,
    progress: Progress | None = None,
    tell: Callable[[Status], None] = lambda _: None,
    note: Callable[[str], None] = logger.info,
) -> TrainingResult:
    """Train until the run is over, or until Ctrl-C; where its folder holds a checkpoint, go on from there.

    ``tell`` hears how it stands every few seconds, ``note`` gets lines for a person. Keras' backend, TensorFlow or JAX,
    is that of ``KERAS_BACKEND``; a GPU is used where there is one.

    Raises `DatasetError`, `TrainingError` (another configuration than that of the checkpoint; a loss that stays no
    number), `OutputError` (no space, no permission).
    """
    found = checkpoint.find(config.run.folder)
    if found is not None:
        _check_same(found.description["config"], as_table(config))
    first = first_weights(config) if found is None else None
    gathered = gather(config, progress or Silent())
    if found is not None and found.description["recordings"] != gathered.fingerprint:
        raise TrainingError(
            "the corpora do not hold the recordings that the run began with", "choose another run.folder to start over"
        )
    place = devices.start("auto")
    note(f"training on the {place} with {devices.backend_version()}; the first step compiles for a minute or more")
    with devices.on(place), heeding(note) as stop:
        run = _Run(config, gathered, tell, note)
        if found is not None:
            run.restore(found)
            note(f"going on from step {run.standing.steps}")
        elif first is not None:
            run.begin(first)
        try:
            return run.train(stop)
        except VidsepError:
            raise
        except Exception as error:  # frameworks raise what they like
            if not devices.is_out_of_memory(error):
                raise
            raise TrainingError(
                f"the {place} has too little memory for this run", "lower run.batch or run.seconds in a new run.folder"
            ) from error


def _check_same(before: dict[str, Any], now: dict[str, dict[str, Any]]) -> None:
    """Raise `TrainingError` if a setting differs that a run cannot change."""
    for section, values in now.items():
        for name, value in values.items():
            old = before.get(section, {}).get(name)
            if old != value and name not in MAY_CHANGE.get(section, ()):
                raise TrainingError(
                    f"{section}.{name} is {value}, and was {old} when the run began",
                    "set it back, or choose another run.folder to start over",
                )


class _Run:
    def __init__(
        self, config: TrainingConfig, gathered: Gathered, tell: Callable[[Status], None], note: Callable[[str], None]
    ) -> None:
        from vidsep.training.machine import Machine

        self.config, self.gathered, self.tell, self.note = config, gathered, tell, note
        self.draw = Draw(config, gathered.training, config.run.batch)
        self.held_draw = Draw(config, gathered.aside, config.run.batch)
        self.machine = Machine(config, gathered.everything, self.draw.layout)
        self.standing, self.resumed_from = Standing(), 0
        self.metrics: dict[str, float] = {}
        self.begun_with: dict[str, Any] | None = None
        self.failures = 0
        self._clock: float | None = None  # when the run would have begun, had it never been interrupted

    def begin(self, weights: Weights) -> None:
        """Start from what a model has learned."""
        self.machine.begin(weights)
        self.begun_with = origin(weights)

    def restore(self, found: Checkpoint) -> None:
        """Go back, or on, to a checkpoint."""
        try:
            self.machine.restore(list(found.values))
        except ValueError as error:
            raise TrainingError(
                "the checkpoint is of another network or version of Keras", "choose another run.folder to start over"
            ) from error
        self.standing, self.resumed_from = found.standing, found.standing.steps
        self.metrics = dict(found.description.get("metrics", {}))
        self.begun_with = found.description.get("begun_with")

    def train(self, stop: Stop) -> TrainingResult:
        """Steps until the end, with looks, checkpoints and validations when they are due."""
        run = self.config.run
        resumed_from, begun = self.resumed_from, self.standing.minutes
        if share_done(run, self.standing.steps, begun) < 1:
            if not self.resumed_from:
                self._save()
            self.log = Logbook(run.folder, self.standing.steps)
            self._numbers = self._ahead()
            try:
                self._some_steps(stop, most=1)  # compiles, which takes none of the run's minutes
                self._clock = time.monotonic() - 60 * begun
                self._go_on(stop)
            finally:
                self.log.close()
        return TrainingResult(
            run.folder, run.folder / MODEL_FILE, self.standing.steps, self.standing.minutes, self.metrics,
            resumed_from, stop.signal_number,
        )  # fmt: skip

    def _go_on(self, stop: Stop) -> None:
        run = self.config.run
        saved = validated = self._minutes()
        while not stop and share_done(run, self.standing.steps, self._minutes()) < 1:
            if not self._some_steps(stop):
                continue
            now = self._minutes()
            if not stop and now - validated >= run.validation_minutes:
                self._validate()
                validated = self._minutes()
            if now - saved >= run.checkpoint_minutes:
                self._save()
                self.log.draw()
                saved, self.failures = self._minutes(), 0
        if not stop:
            self._validate()
        self._save()
        self.log.draw()

    def _minutes(self) -> float:
        return self.standing.minutes if self._clock is None else (time.monotonic() - self._clock) / 60

    def _some_steps(self, stop: Stop, most: int = 10**9) -> bool:
        """Steps until the next look at the loss. False if it was no number and the run went back."""
        run, begun = self.config.run, time.monotonic()
        losses: list[float] = []
        working: deque[Any] = deque()  # losses of steps that the device may still be at
        rate = 0.0
        for numbers in itertools.islice(self._numbers, most):
            rate = learning_rate(run, self.standing.steps, self._minutes())
            working.append(self.machine.step(numbers, rate))
            if len(working) > STEPS_AHEAD:
                losses.append(float(working.popleft()))
            self.standing = replace(self.standing, steps=self.standing.steps + 1, minutes=self._minutes())
            over = share_done(run, self.standing.steps, self.standing.minutes) >= 1
            if stop or over or time.monotonic() - begun > LOOK_SECONDS:
                break
        losses += [float(loss) for loss in working]
        mean = sum(losses) / len(losses)
        if not math.isfinite(mean):
            self._go_back()
            return False
        pace = len(losses) * run.batch * run.seconds / (time.monotonic() - begun)
        standing = self.standing
        done = share_done(run, standing.steps, standing.minutes)
        status = Status(standing.steps, done, standing.minutes, mean, rate, pace)
        row = {name: value for name, value in asdict(status).items() if name not in ("steps", "share_done")}
        self.log.add(TRAINING, {"step": float(standing.steps), **row})
        self.tell(status)
        return True

    def _ahead(self) -> Iterator[Numbers]:
        """The numbers of the steps to come, drawn in another thread while the device works."""
        run, standing = self.config.run, self.standing
        steps = itertools.count(standing.steps)
        return aside((self.draw(run.seed, standing.attempt, step) for step in steps), 1, 2)

    def _go_back(self) -> None:
        """To the last checkpoint, from where another attempt draws other examples."""
        self.failures += 1
        step, attempt = self.standing.steps, self.standing.attempt + 1
        if self.failures > self.config.run.retries:
            raise TrainingError(
                f"the loss is no number at step {step}, after {self.config.run.retries} returns to a checkpoint",
                "lower run.learning_rate in a new run.folder",
            )
        found = checkpoint.find(self.config.run.folder)
        if found is None:
            raise TrainingError(f"the loss is no number at step {step}, and the checkpoint is gone", "start over")
        self.restore(found)
        self.standing = replace(found.standing, attempt=attempt)
        self._numbers = self._ahead()
        for name in (TRAINING, VALIDATION):
            self.log.forget(name, self.standing.steps)
        self.note(f"the loss is no number at step {step}: back to step {self.standing.steps}")

    def _validate(self) -> None:
        """Score the averaged weights on mixtures that are the same each time."""
        run = self.config.run
        count = math.ceil(run.validation_examples / run.batch)
        batches = [self.machine.score(self.held_draw(VALIDATION_SEED, 0, number)) for number in range(count)]
        self.metrics = scores.summarise(batches)
        self.log.add(VALIDATION, {"step": float(self.standing.steps), **self.metrics})
        gains = [f"{stem} {self.metrics[f'{stem}_gain_db']:+.1f}" for stem in STEM_NAMES
                 if f"{stem}_gain_db" in self.metrics]  # fmt: skip
        self.note(f"step {self.standing.steps}: SI-SDR over the mixture in dB: {', '.join(gains) or 'none'}")

    def _save(self) -> None:
        """The checkpoint, and beside it the averaged weights as a model."""
        folder = self.config.run.folder
        description = {
            "config": as_table(self.config), "recordings": self.gathered.fingerprint, "metrics": self.metrics,
            "begun_with": self.begun_with,
        }  # fmt: skip
        checkpoint.save(folder, Checkpoint(self.machine.values(), self.standing, description))
        network = self.config.network.band_mixer()
        header = {
            "class": "band-mixer",
            "config": asdict(network),
            "sample_rate": network.sample_rate,
            "stems": list(network.stems),
            "description": f"Trained with vidsep train, {self.standing.steps} steps",
            "licence": "whoever trained it decides; training_data lists what it was made from",
            "training_data": self.gathered.description(),
            "metrics": self.metrics,
            **({"begun_with": self.begun_with} if self.begun_with else {}),
        }
        write_weights(folder / MODEL_FILE, Weights(self.machine.weights(), header))
