"""How good a network is on mixtures of recordings that it was not trained on.

SI-SDR (Le Roux et al., "SDR - half-baked or well done?", 2019) of both channels together. A stem that sounds beside
others is scored by what it gains over the mixture; one whose mixture is above 20 dB already by what is left of it; one
that is silent by the level of what was found, below the mixture.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vidsep.audio import STEM_NAMES

Floats: TypeAlias = npt.NDArray[Any]

ALMOST_ALONE_DB = 20.0  # SI-SDR of a mixture in which a stem needs no separating
SILENT_SHARE = 1e-6  # of the mixture's power: a stem of less is silent
BOUND_DB = 60.0  # scores are held inside, so that perfect ones do not rule the mean


def summarise(batches: Sequence[dict[str, Floats]]) -> dict[str, float]:
    """Means over all examples by stem: ``dialogue_gain_db``, ``..._sdr_db``, ``..._kept_db``, ``..._silence_db``.

    ``batches`` are what `vidsep.training.network.products` gives, with the ``loss``. A mean of nothing is left out.
    ``gain_db`` is the mean of the stems' gains.
    """
    sums = {name: np.concatenate([batch[name] for batch in batches]) for name in ("ww", "ff", "mm", "wf", "wm")}
    after = si_sdr_db(sums["wf"], sums["ww"], sums["ff"])
    before = si_sdr_db(sums["wm"], sums["ww"], sums["mm"])
    silent = sums["ww"] <= SILENT_SHARE * sums["mm"]
    alone = ~silent & (before >= ALMOST_ALONE_DB)
    beside = ~silent & ~alone
    below = np.clip(_db(sums["mm"], sums["ff"]), -BOUND_DB, BOUND_DB)
    result = {"loss": float(np.mean([batch["loss"] for batch in batches]))}
    for column, stem in enumerate(STEM_NAMES):
        for name, chosen, values in (
            ("gain_db", beside, after - before), ("sdr_db", beside, after),
            ("kept_db", alone, after), ("silence_db", silent & (sums["mm"] > 0), below),
        ):  # fmt: skip
            rows = chosen[:, column]
            if rows.any():
                result[f"{stem}_{name}"] = float(values[rows, column].mean())
    gains = [result[f"{stem}_gain_db"] for stem in STEM_NAMES if f"{stem}_gain_db" in result]
    return result | ({"gain_db": float(np.mean(gains))} if gains else {})


def si_sdr_db(product: Floats, reference: Floats, estimate: Floats) -> Floats:
    """From the inner product of reference and estimate and their powers; held within 60 dB.

    >>> si_sdr_db(np.array([1.0]), np.array([1.0]), np.array([1.1])).round(2)
    array([10.])
    """
    target = product**2 / np.maximum(reference, 1e-20)
    return np.clip(_db(target, estimate - target), -BOUND_DB, BOUND_DB)


def _db(signal: Floats, noise: Floats) -> Floats:
    ratio: Floats = 10 * np.log10(np.maximum(signal, 1e-20) / np.maximum(noise, 1e-20))
    return ratio
