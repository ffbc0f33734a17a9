"""The sizes of a Spleeter network and what follows from them, in plain numpy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

INSTRUMENTS = {  # in the order of the networks in Deezer's checkpoints
    2: ("vocals", "accompaniment"),
    4: ("vocals", "drums", "bass", "other"),
    5: ("vocals", "piano", "drums", "bass", "other"),
}
ACTIVATIONS = ("leaky_relu", "elu")
EXTENSIONS = ("zeros", "average")
RESIDUALS = ("pass", "all")


@dataclass(frozen=True)
class SpleeterConfig:
    """What a Spleeter is built from; stored beside its weights.

    It is one U-Net for each of the ``stems``, with ``filters`` channels on the way down; each hears ``n_frames``
    spectra up to bin ``n_bins``. With ``is_softmax`` their masks compete from the start. ``activation`` is that of both
    ways, where ``leaky_relu`` stands for that on the way down and ``relu`` on the way up.

    The rest is no matter of the weights. ``mask_extension`` says what is done above ``n_bins``: there is nothing
    (``zeros``), or the mean of the mask below. ``wiener`` filters the channels of a stem together, by what they share
    over the whole sound. ``residual`` says who gets what the stems leave of it: no one (``pass``) or ``all`` in equal
    parts.
    """

    stems: tuple[str, ...]
    activation: str
    is_softmax: bool
    sample_rate: int = 44100
    n_fft: int = 4096
    hop: int = 1024
    n_bins: int = 1024
    n_frames: int = 512
    filters: tuple[int, ...] = (16, 32, 64, 128, 256, 512)
    mask_extension: str = "zeros"
    wiener: bool = False
    residual: str = "pass"

    def __post_init__(self) -> None:
        fold = 2 ** len(self.filters)
        if self.n_fft % self.hop or self.n_frames % fold or self.n_bins % fold or self.n_bins > self.n_fft // 2:
            raise ValueError(f"the hop must divide the window, {fold} the numbers of frames and bins")
        for value, known in (
            (self.activation, ACTIVATIONS),
            (self.mask_extension, EXTENSIONS),
            (self.residual, RESIDUALS),
        ):
            if value not in known:
                raise ValueError(f"{value!r} is none of {', '.join(known)}")

    @property
    def n_all_bins(self) -> int:
        """Bins of the whole spectrum."""
        return self.n_fft // 2 + 1


OPTIONS = ("n_bins", "mask_extension", "wiener", "residual")


def config_from(data: Mapping[str, Any]) -> SpleeterConfig:
    """The configuration as JSON holds it. Raises TypeError if a field is unknown, ValueError if a value is."""
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return SpleeterConfig(**values)


def header_of(config: SpleeterConfig) -> dict[str, Any]:
    """The header of the weights of such a network, without what is no matter of the weights."""
    data = {name: value for name, value in asdict(config).items() if name not in OPTIONS}
    return {"class": "spleeter", "config": data, "stems": list(config.stems), "sample_rate": config.sample_rate}


def shapes_of(config: SpleeterConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the arrays of a network of this size."""
    shapes: dict[str, tuple[int, ...]] = {}
    down = (2, *config.filters)
    up = (*config.filters[-2::-1], 1)
    for stem in range(len(config.stems)):
        for i, (n_in, n_out) in enumerate(pairwise(down)):
            shapes[f"unet{stem}_down{i}.kernel"] = (5, 5, n_in, n_out)
            shapes[f"unet{stem}_down{i}.bias"] = (n_out,)
            if i < len(config.filters) - 1:  # nothing hears the normalized output of the last one
                shapes |= {f"unet{stem}_down{i}_norm.{part}": (n_out,) for part in ("scale", "shift")}
        n_in = config.filters[-1]
        for i, n_out in enumerate(up):
            shapes[f"unet{stem}_up{i}.kernel"] = (5, 5, n_out, n_in)
            shapes[f"unet{stem}_up{i}.bias"] = (n_out,)
            shapes |= {f"unet{stem}_up{i}_norm.{part}": (n_out,) for part in ("scale", "shift")}
            n_in = 2 * n_out
        shapes |= {f"unet{stem}_mask.kernel": (4, 4, 1, 2), f"unet{stem}_mask.bias": (2,)}
    return shapes
