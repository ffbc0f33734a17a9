"""How fast the separator is and how much memory it takes, stage by stage.

    python benchmarks/separation.py [--seconds 60 600] [--rate 48000] [--channels 2] [--model band-mixer] [--device cpu]

Prints a table in Markdown. "x real time" is seconds of sound per second of work; start-up (import, build, compile) has
its own line and is not in the others. Memory is the process's highest so far, so that a longer programme that takes no
more than a shorter one shows the same number.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from vidsep.audio import Audio, FloatArray
from vidsep.dsp.resample import resample, resampled_length
from vidsep.separation.models.base import Span
from vidsep.separation.registry import DEFAULT_MODEL, MODELS
from vidsep.separation.separator import Separator

MEGABYTE = 1e6


class Programme:
    """Noise of any length that takes no memory: what was sliced is made anew."""

    def __init__(self, seconds: float, sample_rate: int, n_channels: int) -> None:
        self.shape = (round(seconds * sample_rate), n_channels)
        self._second = 0.1 * np.random.default_rng(0).standard_normal((sample_rate, n_channels)).astype(np.float32)

    def __getitem__(self, key: slice, /) -> FloatArray:
        start, stop, _ = key.indices(self.shape[0])
        return np.take(self._second, np.arange(start, stop), axis=0, mode="wrap")


def main() -> None:
    """Measure and print."""
    options = parsed()
    print(f"| stage ({options.rate} Hz, {options.channels} channels) | sound | time | x real time | memory |")
    print("|---|---|---|---|---|")
    separator = Separator(options.model, options.device)
    measured("start: import, build, compile", 0, lambda: separator.runner.model)
    measured_network(separator)
    for seconds in options.seconds:
        audio = Audio(Programme(seconds, options.rate, options.channels), options.rate)
        measured("resample there and back", seconds, partial(drain, there_and_back(separator, audio)))
        measured("separate", seconds, partial(drain, (block.music for block in separator.stream(audio))))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed and memory of vidsep's separator")
    parser.add_argument("--seconds", type=float, nargs="+", default=[60, 600], help="lengths of the programmes")
    parser.add_argument("--rate", type=int, default=48000, help="sample rate in hertz")
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--model", choices=MODELS, default=DEFAULT_MODEL)
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], default="auto")
    return parser.parse_args()


def measured(stage: str, seconds: float, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    spent = time.perf_counter() - start
    speed = f"{seconds / spent:.1f}" if seconds else ""
    sound = f"{seconds:.0f} s" if seconds else ""
    print(f"| {stage} | {sound} | {spent:.1f} s | {speed} | {memory_mb():.0f} MB |", flush=True)


def measured_network(separator: Separator, n_runs: int = 8) -> None:
    """The bare network on full batches: what the separator would reach if all else took no time."""
    runner, model = separator.runner, separator.runner.model
    pieces = [Programme(1, model.cut.n_samples, 2)[:] for _ in range(runner.batch)]
    spans = [Span(0, model.cut.n_samples)] * runner.batch
    seconds = n_runs * runner.batch * model.cut.body / model.sample_rate
    measured("network alone", seconds, lambda: sum(len(runner.run(pieces, spans)) for _ in range(n_runs)))


def there_and_back(separator: Separator, audio: Audio) -> Iterator[FloatArray]:
    """All resampling that separation needs: the sound to the model's rate, two stems back."""
    rate, n_channels = separator.row.sample_rate, audio.n_channels
    n_heard = resampled_length(audio.n_samples, audio.sample_rate, rate)
    heard = resample(audio.blocks(), n_channels, audio.sample_rate, rate, n_heard)
    both = (np.concatenate([block, block], axis=1) for block in heard)
    return resample(both, 2 * n_channels, rate, audio.sample_rate, audio.n_samples)


def drain(blocks: Iterator[FloatArray]) -> int:
    return sum(len(block) for block in blocks)


def memory_mb() -> float:
    """The most memory this process has held; not known on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEGABYTE if sys.platform == "darwin" else peak * 1024 / MEGABYTE


if __name__ == "__main__":
    main()
