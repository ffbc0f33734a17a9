"""Deezer's TensorFlow checkpoints of Spleeter, turned into the arrays that our networks take."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vidsep.errors import ModelError
from vidsep.separation.models.spleeter_config import INSTRUMENTS, SpleeterConfig, header_of, shapes_of
from vidsep.separation.weights import Weights

Tensors: TypeAlias = Mapping[str, npt.NDArray[Any]]

EPSILON = 1e-3  # that of Keras' batch normalization
CONVS_PER_UNET, UPS_PER_UNET, NORMS_PER_UNET = 7, 6, 12


def read_spleeter_checkpoint(folder: Path) -> Weights:
    """The weights in a folder with one checkpoint (``model.index``, ``model.data-00000-of-00001``) of Deezer's.

    How many stems it is for is seen by its tensors. Raises `ModelError` if it cannot be read or is not a Spleeter's.
    """
    tensors = _tensors(folder)
    try:
        config = _config_of(tensors)
        arrays = _arrays(tensors, config)
        if {name: array.shape for name, array in arrays.items()} != shapes_of(config):
            raise ValueError("its tensors do not fit together")
    except (KeyError, ValueError) as error:
        raise ModelError(f"{folder} is no checkpoint of Spleeter: {error}", "give one of Deezer's folders") from error
    return Weights(arrays, header_of(config))


def _tensors(folder: Path) -> dict[str, npt.NDArray[Any]]:
    import tensorflow as tf

    indexes = sorted(folder.glob("*.index"))
    if len(indexes) != 1:
        raise ModelError(
            f"{folder} holds {len(indexes)} checkpoints and not one", "give a folder with model.index and its data"
        )
    try:
        reader = tf.train.load_checkpoint(str(indexes[0].with_suffix("")))
        names = reader.get_variable_to_shape_map()
        return {name: np.asarray(reader.get_tensor(name)) for name in names if not name.startswith("global_step")}
    except Exception as error:  # TensorFlow raises what it likes
        raise ModelError(f"the checkpoint {indexes[0]} cannot be read: {error}", "get it again from Deezer") from error


def _config_of(tensors: Tensors) -> SpleeterConfig:
    n_convs = sum(name.endswith("/kernel") and not name.startswith("conv2d_transpose") for name in tensors)
    stems = INSTRUMENTS.get(n_convs // CONVS_PER_UNET, ())
    if n_convs != CONVS_PER_UNET * len(stems):
        raise ValueError(f"it has {n_convs} convolutions")
    activation = "leaky_relu" if len(stems) == 2 else "elu"
    filters = tuple(len(tensors[f"{_numbered('conv2d', i)}/bias"]) for i in range(CONVS_PER_UNET - 1))
    return SpleeterConfig(stems, activation, is_softmax=len(stems) == 5, filters=filters)


def _arrays(tensors: Tensors, config: SpleeterConfig) -> dict[str, npt.NDArray[np.float32]]:
    """Keras numbered the layers in the order in which they were made: U-Net by U-Net, first down, then up."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    n_down = len(config.filters)
    for stem in range(len(config.stems)):
        convs = [_numbered("conv2d", stem * CONVS_PER_UNET + i) for i in range(CONVS_PER_UNET)]
        ups = [_numbered("conv2d_transpose", stem * UPS_PER_UNET + i) for i in range(UPS_PER_UNET)]
        norms = [_numbered("batch_normalization", stem * NORMS_PER_UNET + i) for i in range(NORMS_PER_UNET)]
        layers = {f"down{i}": name for i, name in enumerate(convs[:-1])} | {
            f"up{i}": name for i, name in enumerate(ups)
        }
        for place, name in {**layers, "mask": convs[-1]}.items():
            arrays |= {f"unet{stem}_{place}.{part}": tensors[f"{name}/{part}"] for part in ("kernel", "bias")}
        for place, name in zip(layers, norms, strict=True):
            if place != f"down{n_down - 1}":
                scale, shift = _norm(tensors, name)
                arrays |= {f"unet{stem}_{place}_norm.scale": scale, f"unet{stem}_{place}_norm.shift": shift}
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def _norm(tensors: Tensors, name: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Batch normalization as a scale and a shift."""
    gamma, beta, mean, variance = (
        tensors[f"{name}/{part}"].astype(np.float64) for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale, beta - mean * scale


def _numbered(kind: str, number: int) -> str:
    return f"{kind}_{number}" if number else kind
