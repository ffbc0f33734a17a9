"""MRX in PyTorch, as its authors run it: the whole sound at once, layer after layer. A benchmark's peer.

    python benchmarks/peers/mrx_torch.py make CHECKPOINT [--hidden 512] [--seed 1]
    python benchmarks/peers/mrx_torch.py run CHECKPOINT SOUND.npy STEMS.npy [--threads N]

Needs PyTorch and numpy. The architecture is that of the checkpoint's keys (Petermann et al., arXiv:2110.09958).
``run`` prints one JSON object: seconds of wall clock and of CPU, peak memory in bytes.
"""

import argparse
import json
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

WINDOWS, HOP, STEMS, LAYERS = (1024, 2048, 8192), 256, 3, 3
SAMPLE_RATE, TARGET_LUFS = 44100, -27.0


def main() -> None:
    """Make random weights, or separate a sound of the shape ``(n_samples, n_channels)`` at 44.1 kHz."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["make", "run"])
    parser.add_argument("checkpoint")
    parser.add_argument("sound", nargs="?")
    parser.add_argument("stems", nargs="?")
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lufs", action="store_true", help="bring the sound to -27 LUFS and the stems back")
    parser.add_argument("--threads", type=int, default=0, help="0 is PyTorch's own choice")
    options = parser.parse_args()
    if options.action == "make":
        torch.save(random_weights(options.hidden, options.seed), options.checkpoint)
        return
    if options.threads:
        torch.set_num_threads(options.threads)
    weights = torch.load(options.checkpoint, weights_only=True)
    lstms = make_lstms(weights)
    sound = torch.from_numpy(np.ascontiguousarray(np.load(options.sound).T))
    with torch.no_grad():
        separate(sound[:, : HOP * 100], weights, lstms)
        wall, cpu = time.perf_counter(), time.process_time()
        gain = 10 ** ((TARGET_LUFS - loudness(sound)) / 20) if options.lufs else 1.0
        stems = separate(sound * gain, weights, lstms) / gain
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    np.save(options.stems, stems.numpy())
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": peak_bytes()}))


def separate(sound: Tensor, weights: dict[str, Tensor], lstms: list[nn.LSTM]) -> Tensor:
    """Stems ``(3, n_channels, n_samples)`` of ``sound`` ``(n_channels, n_samples)``."""
    spectra = [spectrum(sound, window) for window in WINDOWS]
    heard = torch.stack([encoded(part.abs(), weights, f"_encoders.{i}.layer") for i, part in enumerate(spectra)]).mean(
        0
    )
    said = torch.stack([lstm(heard)[0] for lstm in lstms]).mean(0)
    state = torch.cat([heard, said], dim=-1)
    stems = []
    for stem in range(STEMS):
        parts = []
        for i, (window, part) in enumerate(zip(WINDOWS, spectra, strict=True)):
            mask = decoded(state, weights, f"_decoders.{stem}.{i}.block").transpose(1, 2)
            parts.append(
                torch.istft(
                    mask * part, window, HOP, window=torch.hann_window(window), normalized=True, length=sound.shape[1]
                )
            )
        stems.append(torch.stack(parts).sum(0))
    return torch.stack(stems)


def loudness(sound: Tensor) -> float:
    import pyloudnorm

    return float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.numpy().T))


def spectrum(sound: Tensor, window: int) -> Tensor:
    return torch.stft(
        sound, window, HOP, window=torch.hann_window(window), normalized=True, pad_mode="reflect", return_complex=True
    )


def encoded(magnitude: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    frames = magnitude.transpose(1, 2)
    x = norm(frames.reshape(-1, frames.shape[-1]), weights, f"{name}.0")
    x = norm(functional.linear(x, weights[f"{name}.1.weight"]), weights, f"{name}.2")
    return torch.tanh(x.reshape(*frames.shape[:2], -1))


def decoded(state: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    x = state.reshape(-1, state.shape[-1])
    for linear, after in ((0, 1), (3, 4)):
        x = torch.relu(norm(functional.linear(x, weights[f"{name}.{linear}.weight"]), weights, f"{name}.{after}"))
    return x.reshape(*state.shape[:2], -1)


def norm(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    mean, variance, weight, bias = (weights[f"{name}.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
    return functional.batch_norm(x, mean, variance, weight, bias)


def make_lstms(weights: dict[str, Tensor]) -> list[nn.LSTM]:
    hidden = weights["_encoders.0.layer.1.weight"].shape[0]
    lstms = []
    for stem in range(STEMS):
        lstm = nn.LSTM(hidden, hidden // 2, num_layers=LAYERS, bidirectional=True, batch_first=True)
        prefix = f"_cross_net.lstm.{stem}."
        lstm.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})
        lstms.append(lstm.eval())
    return lstms


def random_weights(hidden: int, seed: int) -> dict[str, Tensor]:
    """A state dictionary as MERL's checkpoints hold it, of random numbers."""
    torch.manual_seed(seed)
    bins = [window // 2 + 1 for window in WINDOWS]
    weights: dict[str, Tensor] = {}

    def add_norm(name: str, size: int) -> None:
        values = {"weight": 1 + 0.1 * torch.randn(size), "bias": 0.1 * torch.randn(size)}
        values |= {"running_mean": 0.1 * torch.randn(size), "running_var": 0.5 + torch.rand(size)}
        values["num_batches_tracked"] = torch.tensor(1)
        weights.update({f"{name}.{key}": value for key, value in values.items()})

    def add_linear(name: str, n_in: int, n_out: int) -> None:
        weights[f"{name}.weight"] = torch.randn(n_out, n_in) / n_in**0.5

    for i, n_bins in enumerate(bins):
        add_norm(f"_encoders.{i}.layer.0", n_bins)
        add_linear(f"_encoders.{i}.layer.1", n_bins, hidden)
        add_norm(f"_encoders.{i}.layer.2", hidden)
    for stem in range(STEMS):
        lstm = nn.LSTM(hidden, hidden // 2, num_layers=LAYERS, bidirectional=True)
        weights.update({f"_cross_net.lstm.{stem}.{key}": value for key, value in lstm.state_dict().items()})
        for i, n_bins in enumerate(bins):
            block = f"_decoders.{stem}.{i}.block"
            add_linear(f"{block}.0", 2 * hidden, hidden)
            add_norm(f"{block}.1", hidden)
            add_linear(f"{block}.3", hidden, n_bins)
            add_norm(f"{block}.4", n_bins)
    return weights


def peak_bytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
