"""The built-in network, and each published model beside its original: the same weights, sound and cores, one run.

    python benchmarks/models.py [--seconds 60] [--threads 2] [--peer-python PYTHON] [--model mrx spleeter:2stems ...]

The published models' weights are random, of the published sizes. MRX's peer is its architecture in PyTorch as MERL runs
it, the whole sound at once; it needs a Python with PyTorch (``--peer-python``). Spleeter's is its graph in TensorFlow
as Deezer's exported graphs order it, the whole sound at once. Both are in ``benchmarks/peers``, and give MERL's and
Deezer's own reference outputs. Each of the two sides is a process of its own and has separated a short sound before it
is timed.

Prints a table in Markdown. "x real time" is seconds of sound per second of clock, "CPU" the seconds of CPU per second
of sound, which others at work on the machine do not change much; memory is the process's highest. The difference is
that of our stems to the original's, in dB below the original's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 44100
PEERS = Path(__file__).parent / "peers"
MODELS = ("band-mixer", "mrx", "spleeter:2stems", "spleeter:4stems", "spleeter:5stems", "spleeter:2stems-16kHz")
OURS = """
import json, sys, time
import numpy as np
from vidsep.audio import Audio
from vidsep.separation.separator import Separator
name, weights, residual, sound, stems = sys.argv[1:]
sound, separator = np.load(sound), Separator(name, "cpu", weights=weights or None, residual=residual or None)
separator.separate(sound, 44100) if len(sound) < 50 * 44100 else separator.separate(sound[: 50 * 44100], 44100)
wall, cpu = time.perf_counter(), time.process_time()
parts = [np.stack([block[s] for s in separator.row.stems]) for block in separator.stream(Audio(sound, 44100))]
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
import resource
np.save(stems, np.concatenate(parts, axis=1))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"wall": wall, "cpu": cpu, "memory": memory}))
"""


def main() -> None:
    """Measure and print."""
    options = parsed()
    print("| model | side | x real time | CPU | memory | difference |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "sound.npy", programme(options.seconds))
        for model in options.model:
            {"band-mixer": band_mixer, "mrx": mrx}.get(model, spleeter)(model, folder, options)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Speed, memory and numbers of the published models and their originals"
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the originals")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python with PyTorch, for MRX's original")
    parser.add_argument("--model", nargs="+", choices=MODELS, default=MODELS)
    return parser.parse_args()


def programme(seconds: float) -> npt.NDArray[np.float32]:
    """Two tones that swell, and noise, in stereo."""
    t, rng = np.arange(round(seconds * RATE)) / RATE, np.random.default_rng(0)
    swell = 1 + np.sin(2 * np.pi * 2 * t)
    channels = [0.1 * np.sin(2 * np.pi * hz * t) * swell + 0.03 * rng.standard_normal(len(t)) for hz in (300, 330)]
    return np.stack(channels, axis=1).astype(np.float32)


def band_mixer(model: str, folder: Path, options: argparse.Namespace) -> None:
    """The built-in network, which has no original beside it."""
    line(model, "vidsep", separated(model, "", "", folder), options.seconds, "")


def mrx(model: str, folder: Path, options: argparse.Namespace) -> None:
    """MRX with 512 hidden units, as published."""
    peer, weights, sound = PEERS / "mrx_torch.py", folder / "mrx.pth", folder / "sound.npy"
    ran(options.peer_python, peer, "make", weights)
    theirs = ran(
        options.peer_python, peer, "run", weights, sound, folder / "theirs.npy", "--threads", options.threads, "--lufs"
    )
    stems = np.load(folder / "theirs.npy").swapaxes(1, 2)
    compare(model, "PyTorch", theirs, stems, weights, folder, options)


def spleeter(model: str, folder: Path, options: argparse.Namespace) -> None:
    """Spleeter's U-Nets, as published."""
    from vidsep.separation.models.spleeter_config import INSTRUMENTS

    n_stems = int(model.split(":")[1][0])
    checkpoint = folder / f"{n_stems}stems"
    tensors = seeded_tensors(len(INSTRUMENTS[n_stems]))
    np.savez(folder / "tensors.npz", **tensors)  # type: ignore[arg-type]  # some name may be a keyword, it thinks
    save_checkpoint(checkpoint, tensors)
    bins = 1536 if model.endswith("16kHz") else 1024
    arguments = [folder / "tensors.npz", folder / "sound.npy", folder / "theirs.npy", "--bins", bins]
    theirs = ran(sys.executable, PEERS / "spleeter_tf.py", *arguments, "--threads", options.threads)
    compare(model, "TensorFlow graph", theirs, np.load(folder / "theirs.npy"), checkpoint, folder, options)


def compare(
    model: str,
    side: str,
    theirs: dict[str, float],
    judge: Any,
    weights: Path,
    folder: Path,
    options: argparse.Namespace,
) -> None:
    """Run ours and print both lines."""
    ours = separated(model, weights, "pass", folder)
    made = np.load(folder / "ours.npy")
    difference_db = 10 * np.log10(np.square(made - judge).sum() / np.square(judge).sum())
    line(model, f"original ({side})", theirs, options.seconds, "")
    line(model, "vidsep", ours, options.seconds, f"{difference_db:.0f} dB")


def separated(model: str, weights: object, residual: str, folder: Path) -> dict[str, float]:
    """Our side."""
    sounds = folder / "sound.npy", folder / "ours.npy"
    return ran(sys.executable, "-c", OURS, model, weights, residual, *sounds, home=folder)


def line(model: str, side: str, result: dict[str, float], seconds: float, difference: str) -> None:
    speed, cpu, memory = seconds / result["wall"], result["cpu"] / seconds, result["memory"] / 1e9
    print(f"| {model} | {side} | {speed:.1f} | {cpu:.3f} | {memory:.1f} GB | {difference} |", flush=True)


def ran(python: str, *arguments: object, home: Path | None = None) -> dict[str, float]:
    """What the program prints as JSON; nothing if it prints nothing."""
    env = os.environ | ({"VIDSEP_MODEL_DIR": str(home / "models")} if home else {})
    command = [python, *map(str, arguments)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env).stdout
    result: dict[str, float] = json.loads(output) if output.strip() else {}
    return result


def seeded_tensors(n_stems: int) -> dict[str, npt.NDArray[np.float32]]:
    """Variables of a checkpoint of Deezer's under their names."""
    rng, filters = np.random.default_rng(4), (16, 32, 64, 128, 256, 512)
    convs: list[tuple[int, ...]] = []
    ups: list[tuple[int, ...]] = []
    norms: list[int] = []
    for _ in range(n_stems):
        down, up = (2, *filters), (*filters[-2::-1], 1)
        convs += [(5, 5, *pair) for pair in zip(down, filters, strict=False)] + [(4, 4, 1, 2)]
        ups += [(5, 5, n, filters[-1] if i == 0 else 2 * up[i - 1]) for i, n in enumerate(up)]
        norms += [*filters, *up]
    tensors: dict[str, Any] = {}
    for kind, shapes in (("conv2d", convs), ("conv2d_transpose", ups)):
        for i, shape in enumerate(shapes):
            n_in, n_out = (shape[3], shape[2]) if kind == "conv2d_transpose" else shape[2:]
            name = numbered(kind, i)
            tensors[f"{name}/kernel"] = rng.standard_normal(shape) * np.sqrt(2 / (shape[0] * shape[1] * n_in))
            tensors[f"{name}/bias"] = 0.1 * rng.standard_normal(n_out)
    for i, size in enumerate(norms):
        name = numbered("batch_normalization", i)
        tensors |= {
            f"{name}/gamma": 1 + 0.1 * rng.standard_normal(size),
            f"{name}/beta": 0.1 * rng.standard_normal(size),
        }
        tensors |= {f"{name}/moving_mean": np.zeros(size), f"{name}/moving_variance": np.ones(size)}
    return {name: np.asarray(values, np.float32) for name, values in tensors.items()}


def numbered(kind: str, number: int) -> str:
    return f"{kind}_{number}" if number else kind


def save_checkpoint(folder: Path, tensors: dict[str, npt.NDArray[np.float32]]) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    folder.mkdir(exist_ok=True)
    names: Sequence[str] = list(tensors)
    values = [tf.constant(tensors[name]) for name in names]
    tf.raw_ops.SaveV2(
        prefix=str(folder / "model"), tensor_names=names, shape_and_slices=[""] * len(names), tensors=values
    )


if __name__ == "__main__":
    main()
