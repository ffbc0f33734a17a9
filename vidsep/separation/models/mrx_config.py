"""The sizes of an MRX network and what follows from them, in plain numpy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

RESIDUALS = ("pass", "all", "music_sfx")


@dataclass(frozen=True)
class MrxConfig:
    """What an MRX is built from; stored beside its weights.

    ``windows`` are the lengths of the STFTs' windows in samples, from short to long, ``hop`` is their common hop.
    ``hidden`` is the width of the network and ``n_layers`` the number of layers of its LSTMs, one LSTM per stem.
    ``residual`` says who gets what the stems leave of the sound: no one (``pass``), ``all`` in equal parts, or music
    and effects, half of it each (``music_sfx``).
    """

    stems: tuple[str, ...] = ("music", "dialogue", "effects")
    sample_rate: int = 44100
    windows: tuple[int, ...] = (1024, 2048, 8192)
    hop: int = 256
    hidden: int = 512
    n_layers: int = 3
    residual: str = "pass"

    def __post_init__(self) -> None:
        if self.hidden % 2 or any(window % (2 * self.hop) for window in self.windows):
            raise ValueError("the hidden size must be even, half of each window a multiple of the hop")
        if self.residual not in RESIDUALS:
            raise ValueError(f"there is no residual mode {self.residual!r}, there is {', '.join(RESIDUALS)}")

    @property
    def n_bins(self) -> tuple[int, ...]:
        """Bins of each of the spectra."""
        return tuple(window // 2 + 1 for window in self.windows)

    @property
    def reach(self) -> int:
        """How many samples to either side of its centre the longest window reaches."""
        return max(self.windows) // 2

    @property
    def n_directions(self) -> int:
        """Sequences that a layer runs through at once: forwards and backwards for each stem's LSTM."""
        return 2 * len(self.stems)

    def share_of(self, stem: str) -> float:
        """What part of the residual ``stem`` gets."""
        getters = {"pass": (), "all": self.stems, "music_sfx": ("music", "effects")}[self.residual]
        return 1 / len(getters) if stem in getters else 0.0


def shapes_of(config: MrxConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the arrays of a network of this size."""
    hidden, n_stems, n_directions = config.hidden, len(config.stems), config.n_directions
    n_pairs = n_stems * len(config.windows)
    shapes: dict[str, tuple[int, ...]] = {}
    for i, n_bins in enumerate(config.n_bins):
        shapes |= {f"encoder{i}.kernel": (n_bins, hidden), f"encoder{i}.bias": (hidden,)}
        shapes |= {f"masks{i}.kernel": (n_stems, hidden, n_bins), f"masks{i}.bias": (n_stems, n_bins)}
    for i in range(config.n_layers):
        shapes[f"lstm{i}.kernel"] = (n_directions, hidden, 2 * hidden)
        shapes[f"lstm{i}.recurrent"] = (n_directions, hidden // 2, 2 * hidden)
        shapes[f"lstm{i}.bias"] = (n_directions, 2 * hidden)
    return shapes | {"decoder.kernel": (2 * hidden, n_pairs * hidden), "decoder.bias": (n_pairs * hidden,)}


def config_from(data: Mapping[str, Any]) -> MrxConfig:
    """The configuration as JSON holds it. Raises TypeError if a field is unknown, ValueError if sizes do not fit."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return MrxConfig(**values)


def header_of(config: MrxConfig) -> dict[str, Any]:
    """The header of the weights of such a network. The residual is no matter of the weights."""
    data = asdict(config)
    del data["residual"]
    return {"class": "mrx", "config": data, "stems": list(config.stems), "sample_rate": config.sample_rate}
