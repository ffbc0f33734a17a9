"""The kinds of networks that vidsep can run. What they are made of is imported when one is loaded or converted."""

import zipfile
from pathlib import Path

from vidsep.separation.models.band_mixer import load_band_mixer
from vidsep.separation.models.base import SeparationModel
from vidsep.separation.row import NetworkClass
from vidsep.separation.weights import Weights


def _load_mrx(weights: Weights) -> SeparationModel:
    from vidsep.separation.models.mrx import load_mrx

    return load_mrx(weights)


def _read_mrx(path: Path) -> Weights:
    from vidsep.separation.models.mrx_checkpoint import read_mrx_checkpoint

    return read_mrx_checkpoint(path)


def _is_mrx(path: Path) -> bool:
    return path.is_file() and zipfile.is_zipfile(path)


def _load_spleeter(weights: Weights) -> SeparationModel:
    from vidsep.separation.models.spleeter import load_spleeter

    return load_spleeter(weights)


def _read_spleeter(folder: Path) -> Weights:
    from vidsep.separation.models.spleeter_checkpoint import read_spleeter_checkpoint

    return read_spleeter_checkpoint(folder)


def _is_spleeter(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.index"))


BAND_MIXER = NetworkClass("band-mixer", load_band_mixer)
MRX = NetworkClass("mrx", _load_mrx, _read_mrx, _is_mrx, options=(("residual", ("pass", "all", "music_sfx")),))
SPLEETER = NetworkClass(
    "spleeter", _load_spleeter, _read_spleeter, _is_spleeter,
    options=(("residual", ("pass", "all")), ("mask_extension", ("zeros", "average")), ("wiener", (True, False))),
)  # fmt: skip

NETWORKS = {network.name: network for network in (BAND_MIXER, MRX, SPLEETER)}
