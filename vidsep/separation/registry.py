"""The table of models: what there is, what it separates, whose it is and where its weights are."""

import difflib
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from vidsep.errors import ModelError
from vidsep.separation.models.band_mixer import load_band_mixer
from vidsep.separation.models.base import SeparationModel
from vidsep.separation.weights import Weights, read_header, read_weights

PACKAGED = Path(__file__).parent / "models"  # where the weights lie that travel with vidsep


@dataclass(frozen=True)
class ModelRow:
    """All that is known of a model without loading it.

    ``stems`` says for each of its outputs which stem of vidsep it belongs to; outputs of one stem are added.
    ``weights`` is the ``.npz`` file and ``sha256`` its hash, ``build`` makes the network that they fill.
    """

    name: str
    description: str
    stems: tuple[str, ...]
    sample_rate: int
    n_parameters: int
    licence: str
    citation: str
    weights: Path
    sha256: str
    build: Callable[[Weights], SeparationModel]

    @property
    def identity(self) -> str:
        """Name, and a hash of the weights and their header: two rows that are equal in it give the same stems."""
        digest = hashlib.sha256(self.sha256.encode() + read_header(self.weights)).hexdigest()
        return f"{self.name}-{digest[:16]}"

    def check_weights(self) -> None:
        """Raise `ModelError` if the weights are missing or not those that the table names."""
        read_weights(self.weights, self.sha256)

    def as_dict(self) -> dict[str, object]:
        """The row as data for JSON."""
        shown = {name: value for name, value in asdict(self).items() if name != "build"}
        return {**shown, "stems": list(self.stems), "weights": str(self.weights)}

    def load(self) -> SeparationModel:
        """The network with its weights; imports Keras. Raises `ModelError` if the weights are missing or wrong."""
        return self.build(read_weights(self.weights, self.sha256))


DEFAULT_MODEL = "band-mixer"

MODELS = {
    row.name: row
    for row in [
        ModelRow(
            name=DEFAULT_MODEL,
            description="Built in: three complementary complex masks from a band-split network without recurrence",
            stems=("dialogue", "music", "effects"),
            sample_rate=44100,
            n_parameters=6_750_416,
            licence="MIT",
            citation="docs/model-card.md",
            weights=PACKAGED / "band_mixer.npz",
            sha256="550a6d7a4beb3f9154485406edb75058d0fac9b4e53fc0885b8c68123cb0c643",
            build=load_band_mixer,
        ),
    ]
}


def find_model(name: str) -> ModelRow:
    """The model of that name; `ModelError` naming the nearest one if there is none.

    >>> find_model("band-mixer").sample_rate
    44100
    """
    if name in MODELS:
        return MODELS[name]
    near = difflib.get_close_matches(name, MODELS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(MODELS)}"
    raise ModelError(f"there is no model called {name!r}", hint)
