"""The published PyTorch checkpoints of MRX, turned into the arrays that our network takes.

Between its non-linearities MRX is a chain of linear layers and batch normalizations with fixed statistics. Each chain
is one affine map, and so are the scale of PyTorch's normalized STFT and the mean over the LSTMs: they are multiplied
out here, in double precision, once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vidsep.errors import ModelError
from vidsep.separation.models.mrx_config import MrxConfig, header_of, shapes_of
from vidsep.separation.models.tensor_pickle import read_tensors
from vidsep.separation.weights import Weights

Tensors: TypeAlias = Mapping[str, npt.NDArray[Any]]
Array: TypeAlias = npt.NDArray[np.float64]

EPSILON = 1e-5  # that of PyTorch's batch normalization


def read_mrx_checkpoint(path: Path) -> Weights:
    """The weights in a ``.pth`` file of merlresearch/cocktail-fork-separation, any hidden size.

    Raises `ModelError` if it is no checkpoint, holds more than tensors, or is not that of an MRX.
    """
    tensors = read_tensors(path)
    try:
        config = _config_of(tensors)
        arrays = {name: array.astype(np.float32) for name, array in _arrays(tensors, config).items()}
        if {name: array.shape for name, array in arrays.items()} != shapes_of(config):
            raise ValueError("its tensors do not fit together")
    except (KeyError, ValueError, IndexError) as error:
        raise ModelError(f"{path} is no checkpoint of MRX: {error}", "give one of MERL's .pth files") from error
    return Weights(arrays, header_of(config))


def _config_of(tensors: Tensors) -> MrxConfig:
    n_encoders = _count(tensors, "_encoders.{}.layer.1.weight")
    kernels = [tensors[f"_encoders.{i}.layer.1.weight"] for i in range(n_encoders)]
    return MrxConfig(
        windows=tuple(2 * (kernel.shape[1] - 1) for kernel in kernels),
        hidden=kernels[0].shape[0],
        n_layers=_count(tensors, "_cross_net.lstm.0.weight_ih_l{}"),
    )


def _count(tensors: Tensors, pattern: str) -> int:
    count = 0
    while pattern.format(count) in tensors:
        count += 1
    if not count:
        raise KeyError(pattern.format(0))
    return count


def _arrays(tensors: Tensors, config: MrxConfig) -> dict[str, Array]:
    n_stems, n_windows = len(config.stems), len(config.windows)
    arrays: dict[str, Array] = {}
    for i, window in enumerate(config.windows):
        kernel, bias = _encoder(tensors, f"_encoders.{i}.layer")
        arrays[f"encoder{i}.kernel"] = kernel / np.sqrt(window)
        arrays[f"encoder{i}.bias"] = bias
        masks = [_linear_norm(tensors, f"_decoders.{stem}.{i}.block", 3) for stem in range(n_stems)]
        arrays[f"masks{i}.kernel"], arrays[f"masks{i}.bias"] = (np.stack(parts) for parts in zip(*masks, strict=True))
    for i in range(config.n_layers):
        arrays |= {f"lstm{i}.{name}": array for name, array in _lstm(tensors, i, n_stems).items()}
    blocks = [f"_decoders.{stem}.{i}.block" for stem in range(n_stems) for i in range(n_windows)]
    kernels, biases = zip(*(_linear_norm(tensors, block, 0) for block in blocks), strict=True)
    kernel = np.concatenate(kernels, axis=1)
    kernel[config.hidden :] /= n_stems  # these rows hear the sum of the LSTMs and not their mean
    return arrays | {"decoder.kernel": kernel, "decoder.bias": np.concatenate(biases)}


def _norm(tensors: Tensors, name: str) -> tuple[Array, Array]:
    """Batch normalization as a scale and a shift."""
    weight, bias, mean, variance = (
        tensors[f"{name}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = weight / np.sqrt(variance + EPSILON)
    return scale, bias - mean * scale


def _encoder(tensors: Tensors, name: str) -> tuple[Array, Array]:
    """Normalization, linear layer, normalization: a kernel ``(n_bins, hidden)`` and a bias."""
    in_scale, in_shift = _norm(tensors, f"{name}.0")
    out_scale, out_shift = _norm(tensors, f"{name}.2")
    kernel = tensors[f"{name}.1.weight"].astype(np.float64).T * out_scale
    return in_scale[:, None] * kernel, in_shift @ kernel + out_shift


def _linear_norm(tensors: Tensors, name: str, place: int) -> tuple[Array, Array]:
    """A linear layer at ``place`` in a block and the normalization after it: a kernel ``(n_in, n_out)`` and a bias."""
    scale, shift = _norm(tensors, f"{name}.{place + 1}")
    return tensors[f"{name}.{place}.weight"].astype(np.float64).T * scale, shift


def _lstm(tensors: Tensors, layer: int, n_stems: int) -> dict[str, Array]:
    """The layer of all LSTMs, first each stem's forward direction, then its backward one; gates i, f, g, o."""
    names = [f"_cross_net.lstm.{stem}.{{}}_l{layer}{way}" for stem in range(n_stems) for way in ("", "_reverse")]
    parts = {
        part: np.stack([tensors[name.format(part)].astype(np.float64).T for name in names])
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    return {
        "kernel": parts["weight_ih"],
        "recurrent": parts["weight_hh"],
        "bias": parts["bias_ih"] + parts["bias_hh"],
    }
