"""How fast a training step is, where its time goes, and how fast another trainer is at the same sizes.

    python -m benchmarks.training --data CORPORA [--peer train_reference.py] [--backend tensorflow jax] [--steps 6]

CORPORA is a folder with ``speech``, ``music`` and ``effects`` in it. Prints a table in Markdown. Speed is seconds of
mixture per second, by the clock and by the processor's time of all threads together: on a machine that does other
things as well, the second is the one to compare. Each part of the step is timed as a program of its own, compiled like
the whole; "network" is the forward and backward pass and the optimizer on features that cost nothing.

The peer is a script with the commands ``decode --data --pcm`` and ``train --pcm --out --minutes --dim --blocks --hidden
--batch --seconds --every``, which prints ``step N ... audio-s/s`` from time to time.
"""

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KINDS = ("speech", "music", "effects")
N_FILES = 12  # of each kind: how many there are does not change the step
LINE = re.compile(r"step (\d+) ")


def main() -> None:
    """Measure and print."""
    options = parsed()
    if options.part:
        ours(options)
        return
    print(f"Width {options.width}, {options.blocks} blocks, batch {options.batch} of {options.seconds} s\n")
    print("| | s of sound / s | s of sound / processor s | share of the step |\n|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        corpora = few_files(options.data, Path(name))
        for backend in options.backend:
            command = [sys.executable, "-m", "benchmarks.training", *sys.argv[1:], "--part", str(corpora)]
            subprocess.run(command, check=True, env=os.environ | {"KERAS_BACKEND": backend})
        if options.peer:
            peer(options, corpora, Path(name))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed of a training step")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--backend", nargs="+", choices=["tensorflow", "jax"], default=["tensorflow", "jax"])
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--width", type=int, default=80)
    parser.add_argument("--hidden", type=int, default=160)
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.2)
    parser.add_argument("--precision", choices=["float32", "mixed_bfloat16"], default="float32")
    parser.add_argument("--part", type=Path, help=argparse.SUPPRESS)  # what a process of its own measures
    return parser.parse_args()


def few_files(data: Path, folder: Path) -> Path:
    """Some files of each corpus with their rows of the table."""
    for kind in KINDS:
        (folder / "few" / kind).mkdir(parents=True)
        with (data / kind / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        chosen = rows[:: max(1, len(rows) // N_FILES)]
        for row in chosen:
            shutil.copy(data / kind / row[header.index("file")], folder / "few" / kind)
        lines = ["\t".join(row) for row in (header, *chosen)]
        (folder / "few" / kind / "MANIFEST.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "few"


def ours(options: argparse.Namespace) -> None:
    """The step and its parts on this process's backend."""
    from vidsep.progress import Silent
    from vidsep.separation import devices
    from vidsep.training.config import config_from
    from vidsep.training.draw import Draw
    from vidsep.training.gather import gather

    table = {
        "corpora": {kind: str(options.part / kind) for kind in KINDS},
        "network": {
            "width": options.width,
            "hidden": options.hidden,
            "dilations": [2 ** (i % 5) for i in range(options.blocks)],
        },
        "run": {
            "steps": 1, "batch": options.batch, "seconds": options.seconds, "precision": options.precision,
        },
    }  # fmt: skip
    config = config_from(table, Path.cwd())
    gathered = gather(config, Silent())
    draw = Draw(config, gathered.training, config.run.batch)
    place = devices.start("auto")
    import keras
    from keras import ops

    from vidsep.training.machine import Machine

    class NetworkAlone(Machine):
        """A machine whose loss is of the network's output on features that cost nothing."""

        def loss(self, sounds: Any, numbers: Any) -> Any:
            network, sizes = self.network, self.network.config
            shape = (options.batch, sizes.steps, sizes.n_bins, sizes.n_features)
            features = ops.ones(shape) * ops.sin(
                ops.reshape(numbers["gain_db"], (-1, 1, 1, 1)) + ops.arange(sizes.n_features, dtype="float32")
            )
            everywhere = ops.ones((options.batch, sizes.steps, 1, 1), dtype=network.model.compute_dtype)
            return ops.mean(ops.square(ops.cast(network.model([features, everywhere], training=True), "float32")))

    with devices.on(place):
        whole = Machine(config, gathered.everything, draw.layout)
        step = per_step(options.steps, lambda n: float(whole.step(draw(0, 0, n), 1e-3)))
        examples = per_step(options.steps, lambda n: float(whole.examples(draw(0, 0, n))[0, 0, 0, 0]))
        alone = NetworkAlone(config, gathered.everything, draw.layout)
        network = per_step(options.steps, lambda n: float(alone.step(draw(0, 0, n), 1e-3)))
    sound = options.batch * options.seconds
    name = f"vidsep, {keras.backend.backend()} on the {place}"
    rest = tuple(max(0.0, a - b - c) for a, b, c in zip(step, network, examples, strict=True))
    for label, part in ((name, step), ("- network", network), ("- examples", examples), ("- STFT and loss", rest)):
        share = f"{100 * part[1] / step[1]:.0f} %" if part is not step else ""
        by_clock, by_processor = (sound / one if one else float("inf") for one in part)
        row(label, by_clock, by_processor, share)


def per_step(n_steps: int, work: Callable[[int], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor for one call, after one that compiles."""
    work(0)
    clock, processor = time.perf_counter(), time.process_time()
    for number in range(1, n_steps + 1):
        work(number)
    return (time.perf_counter() - clock) / n_steps, (time.process_time() - processor) / n_steps


def peer(options: argparse.Namespace, corpora: Path, folder: Path) -> None:
    """The same for the other trainer, from the lines that it prints while it runs."""
    script = [sys.executable, str(options.peer)]
    subprocess.run([*script, "decode", "--data", str(corpora), "--pcm", str(folder / "pcm")], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    sizes = {"dim": options.width, "blocks": options.blocks, "hidden": options.hidden, "batch": options.batch,
             "seconds": options.seconds, "minutes": 30, "every": 0.1, "validation-batches": 1}  # fmt: skip
    arguments = [text for name, value in sizes.items() for text in (f"--{name}", str(value))]
    if options.precision == "mixed_bfloat16":
        arguments.append("--bf16")
    command = [*script, "train", "--pcm", str(folder / "pcm"), "--out", str(folder / "peer"), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    seen: list[tuple[int, float, float]] = []
    try:
        for line in process.stdout or ():
            if match := LINE.match(line):
                seen.append((int(match[1]), time.perf_counter(), processor_seconds(process.pid)))
                if seen[-1][0] > seen[0][0] + options.steps:
                    break
    finally:
        process.kill()
        process.wait()
    steps, clock, processor = (last - first for first, last in zip(seen[0], seen[-1], strict=True))
    sound = steps * options.batch * options.seconds
    row(options.peer.name, sound / clock, sound / processor if processor else float("nan"), "")


def processor_seconds(pid: int) -> float:
    """Of a process so far, all threads together; 0 where the system does not say (it does on Linux)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def row(label: str, by_clock: float, by_processor: float, share: str) -> None:
    print(f"| {label} | {by_clock:.1f} | {by_processor:.1f} | {share} |", flush=True)


if __name__ == "__main__":
    main()
