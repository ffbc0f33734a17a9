"""A model of no weight for tests: each of its stems is a half of what the stems before it have left."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vidsep.audio import STEM_NAMES, FloatArray
from vidsep.separation.models.base import Cut, SeparationModel, Span
from vidsep.separation.row import NetworkClass
from vidsep.separation.weights import Weights, write_weights


class Halves(SeparationModel):
    """As many stems as the header tells."""

    cut = Cut(body=8192, context=0, grid=1)

    def __init__(self, weights: Weights) -> None:
        self.stems, self.sample_rate = tuple(weights.header["stems"]), weights.header["sample_rate"]

    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        return np.stack([pieces * np.float32(0.5 ** (k + 1)) for k in range(len(self.stems))], axis=1)


HALVES = NetworkClass("halves", Halves, options=(("residual", ("pass", "all")),))


def model_at(path: Path, *stems: str, **more: Any) -> Path:
    """A model file with these stems, by default dialogue, music and effects; ``more`` goes into its header."""
    header = {"class": "halves", "config": {}, "sample_rate": 44100, "stems": list(stems or STEM_NAMES), **more}
    write_weights(path, Weights({"a": np.ones(3, np.float32)}, header))
    return path
