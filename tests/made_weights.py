"""Small weights from a seed, in the place of published ones that are not on this machine."""

from collections.abc import Mapping

import numpy as np

from vidsep.separation.models import mrx_config, spleeter_config
from vidsep.separation.models.mrx_config import MrxConfig
from vidsep.separation.models.spleeter_config import SpleeterConfig
from vidsep.separation.row import ModelRow
from vidsep.separation.weights import Weights, write_weights

Shapes = Mapping[str, tuple[int, ...]]


def make_weights(row: ModelRow) -> None:
    """Write weights for a row of MRX or Spleeter to its place: a narrow network of the right form."""
    weights = {"mrx": _mrx, "spleeter": _spleeter}[row.network.name](row)
    write_weights(row.file, weights)


def _mrx(row: ModelRow) -> Weights:
    config = MrxConfig(hidden=16)
    header = {"class": "mrx", "config": {"hidden": 16}, "stems": list(row.stems), "sample_rate": row.sample_rate}
    arrays = _arrays(mrx_config.shapes_of(config))
    quieter = {name: array * np.float32(0.2) for name, array in arrays.items() if name.startswith("masks")}
    return Weights({**arrays, **quieter}, header)


def _spleeter(row: ModelRow) -> Weights:
    activation = "leaky_relu" if len(row.stems) == 2 else "elu"
    config = SpleeterConfig(row.stems, activation, len(row.stems) == 5, filters=(4, 4, 8, 8, 8, 8))
    return Weights(_arrays(spleeter_config.shapes_of(config)), spleeter_config.header_of(config))


def _arrays(shapes: Shapes) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Kernels that keep a signal's power, scales about one, small biases."""
    rng = np.random.default_rng(0)
    arrays = {}
    for name, shape in shapes.items():
        kind = name.rpartition(".")[2]
        spread = {"bias": 0.1, "shift": 0.1, "scale": 0.1}.get(kind, float(np.prod(shape[:-1]) ** -0.5))
        arrays[name] = (spread * rng.standard_normal(shape) + (kind == "scale")).astype(np.float32)
    return arrays
