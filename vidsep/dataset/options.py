"""What may be asked of a test set."""

from dataclasses import dataclass

from vidsep.errors import PresetError

SPLITS = ("held-aside", "training", "all")
FORMATS = ("wav", "flac")  # 24 bits both, and the very same values


@dataclass(frozen=True)
class BuildOptions:
    """What to render.

    ``seconds`` is a clip's length. ``split`` chooses the sources that `vidsep.corpora.held_aside` keeps aside (about
    ``share`` of them, by ``split_seed``: the defaults are those of training), the others, or all. ``sample_rate`` in
    hertz is the recipe's where it is None. ``absent`` is the probability with which a stem is left out of a clip."""

    recipe: str = "dnr-v2"
    clips: int = 40
    seconds: float = 60.0
    seed: int = 0
    split: str = "held-aside"
    share: float = 0.1
    split_seed: int = 0
    n_channels: int = 1
    sample_rate: int | None = None
    absent: float = 0.0
    file_format: str = "wav"

    def __post_init__(self) -> None:
        _in_range("the number of clips", self.clips, 1, 1_000_000)
        _in_range("the length of a clip", self.seconds, 2, 3600)
        _in_range("the number of channels", self.n_channels, 1, 2)
        _in_range("the share that is held aside", self.share, 0.01, 0.9)
        _in_range("the share of absent stems", self.absent, 0, 0.9)
        if self.sample_rate is not None:
            _in_range("the sample rate", self.sample_rate, 8000, 192_000)
        if self.split not in SPLITS or self.file_format not in FORMATS:
            raise PresetError(
                f"there is no split {self.split!r} or no format {self.file_format!r}",
                f"a split is one of {', '.join(SPLITS)}, a format one of {', '.join(FORMATS)}",
            )


def _in_range(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise PresetError(f"{what} is {value:g}", f"it lies between {low:g} and {high:g}")
