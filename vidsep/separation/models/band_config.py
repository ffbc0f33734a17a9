"""The sizes of a band mixer and what follows from them, in plain numpy."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vidsep.separation.models.base import CHANNELS

PARTS = 2  # real and imaginary part


@dataclass(frozen=True)
class BandMixerConfig:
    """What a band mixer is built from; stored beside its weights.

    ``patch`` frames of the STFT make one step of the network, which runs over ``steps`` of them at once: 768 are 18 s.
    Of 512 a third would be context that is computed twice, and 1024 take more memory for hardly more speed.
    ``level_seconds`` is the length of the window over which the level of the input is measured. What is above
    ``highest_hz`` is parted as the rest tells, unheard; None is to hear it all.
    """

    sample_rate: int
    stems: tuple[str, ...]
    n_fft: int
    hop: int
    patch: int
    n_bands: int
    n_groups: int
    width: int
    hidden: int
    dilations: tuple[int, ...]
    level_seconds: float
    steps: int
    highest_hz: float | None = None

    @property
    def n_bins(self) -> int:
        return self.n_fft // 2 + 1

    @property
    def heard(self) -> npt.NDArray[np.float32]:
        """1 for each bin that the network hears, else 0; ``(n_bins,)``."""
        highest_hz = self.highest_hz or self.sample_rate
        return (np.arange(self.n_bins) * self.sample_rate <= highest_hz * self.n_fft).astype(np.float32)

    @property
    def step(self) -> int:
        """Samples from one step to the next."""
        return self.patch * self.hop

    @property
    def reach(self) -> int:
        """How many steps to either side a step of the output depends on."""
        return sum(self.dilations)

    @property
    def lead(self) -> int:
        """How many steps before its place the first frame of a step starts."""
        return self.n_fft // self.step

    @property
    def level_reach(self) -> int:
        """How many steps to either side the level depends on."""
        return round(self.level_seconds * self.sample_rate / self.step / 2)

    @property
    def body(self) -> int:
        """How many steps of stems come from one run of the network."""
        return self.steps - 2 * self.reach - self.lead

    @property
    def n_features(self) -> int:
        return self.patch * CHANNELS * PARTS

    @property
    def n_masks(self) -> int:
        return self.patch * len(self.stems) * CHANNELS * PARTS


@dataclass(frozen=True)
class BandGroup:
    """Neighbouring bands whose weights are one array, padded to the widest of them.

    ``first`` is the number of its first band; ``bands`` are the first bin of each band and the one after its last.
    """

    first: int
    bands: tuple[tuple[int, int], ...]

    @property
    def n_bands(self) -> int:
        return len(self.bands)

    @property
    def widest(self) -> int:
        return max(stop - start for start, stop in self.bands)

    @property
    def bins(self) -> npt.NDArray[np.int32]:
        """Which bin stands where in the padded bands, ``(n_bands, widest)``; 0 where there is none."""
        starts = np.array(self.bands)[:, :1]
        return np.where(self.inside, starts + np.arange(self.widest), 0).astype(np.int32)

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Where a bin stands, ``(n_bands, widest)``."""
        widths = np.diff(np.array(self.bands), axis=1)
        return np.asarray(np.arange(self.widest) < widths)


def band_edges(config: BandMixerConfig) -> list[int]:
    """Edges of the bands in bins of the STFT, evenly spaced in mel, each band at least two bins wide.

    The mel scale is O'Shaughnessy's, ``2595 log10(1 + f / 700 Hz)``.
    """
    nyquist_hz = config.sample_rate / 2
    mels = np.linspace(0, 2595 * np.log10(1 + nyquist_hz / 700), config.n_bands + 1)
    hz = 700 * (10 ** (mels / 2595) - 1)
    edges = [0]
    for edge in np.round(hz / nyquist_hz * (config.n_bins - 1))[1:-1]:
        edges.append(max(int(edge), edges[-1] + 2))
    return [*edges, config.n_bins]


def groups_of_bands(config: BandMixerConfig) -> list[BandGroup]:
    """The bands in ``config.n_groups`` groups, from low to high."""
    bands = list(pairwise(band_edges(config)))
    members = np.array_split(np.arange(config.n_bands), config.n_groups)
    return [BandGroup(int(group[0]), tuple(bands[i] for i in group)) for group in members]
