"""What a training run is made of: one frozen dataclass for each table of its TOML file.

To add a setting, add one field here (unit, range, default, help): files, checks, ``vidsep train --settings`` and the
test of a resumed run know it at once.
"""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NewType

from vidsep.audio import STEM_NAMES
from vidsep.separation.models.band_config import BandMixerConfig
from vidsep.settings import Setting, check_ranges, check_value, choice, number, setting_of

NameOrPath = NewType("NameOrPath", str)
"""What is known by its name, or a file; in the settings, its path is relative to the file that they are in."""

PRECISIONS = ("float32", "mixed_bfloat16")


def paths(help: str) -> Any:
    """A path or a list of paths, none by default."""
    return field(default=(), metadata={"setting": Setting(help)})


def numbers(default: tuple[int, ...], low: int, high: int, help: str) -> Any:
    """A list of whole numbers."""
    return field(default=default, metadata={"setting": Setting(help, low=low, high=high)})


def words(help: str) -> Any:
    """A list of texts, none by default."""
    return field(default=(), metadata={"setting": Setting(help)})


def whole(default: int, low: int, high: int, help: str) -> Any:
    """A whole number."""
    return number(default, "", low, high, help)


def share(default: float, help: str) -> Any:
    """A share of all examples."""
    return number(default, "", 0, 1, f"share {help}")


@dataclass(frozen=True)
class Section:
    """A table of the file; its settings are in range as soon as it exists."""

    def __post_init__(self) -> None:
        check_ranges(self)
        for one in dataclasses.fields(self):
            value = getattr(self, one.name)
            for entry in value if isinstance(value, tuple) else ():
                check_value(one.name, entry, setting_of(one))


@dataclass(frozen=True)
class CorporaSettings(Section):
    """Where the recordings are (see `vidsep.corpora`) and which of them are kept aside."""

    speech: tuple[Path, ...] = paths("folders of speech")
    music: tuple[Path, ...] = paths("folders of music")
    effects: tuple[Path, ...] = paths("folders of sound effects and ambiences")
    vocals: tuple[Path, ...] = paths("folders of singing without accompaniment, laid over music; may be left out")
    leave_out_licences: tuple[str, ...] = words("recordings of these licences are not used, such as 'GPL*'")
    aside_share: float = number(0.1, "", 0.01, 0.5, "share of speakers, artists and classes never trained on")
    aside_seed: int = whole(0, 0, 2**31 - 1, "which of them")


@dataclass(frozen=True)
class NetworkSettings(Section):
    """The sizes of the band mixer; the defaults are those of the built-in network."""

    sample_rate: int = number(44100, "Hz", 8000, 96000, "rate of the sound that the network hears")
    n_fft: int = whole(2048, 64, 16384, "samples in a frame of the STFT")
    hop: int = whole(512, 16, 8192, "samples from a frame to the next")
    patch: int = whole(2, 1, 16, "frames in a step of the network")
    n_bands: int = whole(48, 2, 256, "bands that the spectrum is split into")
    n_groups: int = whole(8, 1, 64, "groups of bands that are multiplied at once")
    width: int = whole(80, 4, 1024, "channels of the network")
    hidden: int = whole(160, 4, 4096, "channels of the mask estimator")
    dilations: tuple[int, ...] = numbers(
        (1, 2, 4, 8, 16, 1, 2, 4, 8, 16), 1, 512, "one for each block: how many steps its convolution looks away"
    )
    level_seconds: float = number(2.0, "s", 0.1, 10, "window over which the level of the input is measured")
    steps: int = whole(768, 16, 8192, "steps in one run of the finished network")
    highest_hz: float | None = number(20000.0, "Hz", 1000, 48000, "what is above is not heard; off is to hear it all")

    def band_mixer(self, n_steps: int | None = None) -> BandMixerConfig:
        """The network's configuration, for ``n_steps`` at once; ValueError if its parts do not fit together."""
        if self.n_fft % self.hop or self.n_fft // self.hop < 2 or self.n_fft % (self.patch * self.hop):
            raise ValueError("n_fft is a multiple of 2 hop and of patch hop")
        if self.n_groups > self.n_bands or 2 * self.n_bands > self.n_fft // 2:
            raise ValueError("there are at least as many bands as groups, and at most a quarter as many as n_fft")
        values = dataclasses.asdict(self) | {"stems": STEM_NAMES, "steps": n_steps or self.steps}
        config = BandMixerConfig(**values)
        if n_steps is None and config.body < 1:
            raise ValueError(f"steps is above {2 * config.reach + config.lead}, what the dilations look away")
        return config


@dataclass(frozen=True)
class ExampleSettings(Section):
    """How mixtures are made. Levels are RMS of the active parts against full scale."""

    dialogue: float = share(0.8, "with dialogue")
    music: float = share(0.78, "with music")
    effects: float = share(0.8, "with effects")
    second_voice: float = share(0.12, "of those with dialogue: with two voices")
    bed: float = share(0.6, "of those with effects: with a background that goes on")
    most_events: int = whole(3, 0, 8, "single effects in an example, at most; they may overlap")
    dialogue_db: float = number(-20, "dB", -60, 0, "mean level of dialogue")
    dialogue_spread_db: float = number(3, "dB", 0, 20, "standard deviation of it")
    music_db: float = number(-26, "dB", -60, 0, "mean level of music")
    music_spread_db: float = number(4.5, "dB", 0, 20, "standard deviation of it")
    bed_db: float = number(-31, "dB", -60, 0, "mean level of backgrounds")
    bed_spread_db: float = number(5, "dB", 0, 20, "standard deviation of it")
    event_db: float = number(-24, "dB", -60, 0, "mean level of single effects")
    event_spread_db: float = number(4, "dB", 0, 20, "standard deviation of it")
    sung: float = share(0.1, "of those with music: music with singing in it, where there is some")
    reverberated: float = share(0.45, "with a room around dialogue and single effects")
    equalised: float = share(0.6, "of the sources: with a tilt, a broad peak or dip")
    band_limited: float = share(0.15, "of the sources: without their highest or lowest frequencies")
    stretched: float = share(0.15, "with changed tempo or changed pitch; costs time")
    varispeed: float = share(0.25, "of the sources: played faster or slower")
    compressed: float = share(0.25, "of those with music: driven into saturation, as loud masters are")
    narrow: float = share(0.15, "of those with music: music in mono")
    mono: float = share(0.2, "with both channels alike")
    lossy: float = share(0.25, "with the holes that lossy codecs leave in the mixture's spectrum")
    lowest_gain_db: float = number(-12, "dB", -60, 0, "least gain of a mixture")
    highest_gain_db: float = number(4, "dB", -60, 24, "greatest gain of a mixture")


@dataclass(frozen=True)
class LossSettings(Section):
    """Weights of the parts of the loss, see `vidsep.training.losses`."""

    complex: float = number(0.5, "", 0, 100, "distance of complex spectra")
    magnitude: float = number(1.0, "", 0, 100, "distance of compressed magnitudes")
    snr: float = number(0.005, "", 0, 100, "bounded signal-to-noise ratio in dB")
    resolutions: float = number(0.0, "", 0, 100, "distance of magnitudes at three other frame lengths; costs time")
    silence: float = number(0.0, "", 0, 100, "level of stems that should be silent, in dB")


@dataclass(frozen=True)
class RunSettings(Section):
    """How long, how fast and where to."""

    folder: Path = field(default=Path("run"), metadata={"setting": Setting("where all of the run is kept")})
    begin_with: NameOrPath | None = field(
        default=None,
        metadata={"setting": Setting("a model, by name or file, whose weights a run begins with; off is random ones")},
    )
    batch: int = whole(16, 1, 4096, "mixtures in a step")
    seconds: float = number(4.0, "s", 0.2, 60, "length of a mixture")
    steps: int | None = number(None, "", 1, 10**9, "steps of the run; off is no limit")
    minutes: float | None = number(None, "min", 0.01, 10**6, "time of the run, all its sessions together; off is none")
    precision: str = choice("float32", PRECISIONS, "what the network computes in; mixed_bfloat16 is for GPUs")
    learning_rate: float = number(1e-3, "", 1e-7, 1, "highest learning rate of AdamW")
    final_share: float = number(0.02, "", 0, 1, "what the cosine leaves of it at the end")
    warmup_steps: int = whole(200, 0, 10**6, "steps over which it rises from zero")
    weight_decay: float = number(0.01, "", 0, 1, "AdamW's")
    clip_norm: float = number(1.0, "", 1e-3, 1e6, "longest gradient")
    average: float = number(0.998, "", 0, 0.99999, "share of the averaged weights that a step keeps")
    seed: int = whole(0, 0, 2**31 - 1, "of the first weights and of all examples")
    checkpoint_minutes: float = number(5, "min", 0.01, 1440, "at most so much is lost when the run is killed")
    validation_minutes: float = number(15, "min", 0.01, 1440, "time between two validations")
    validation_examples: int = whole(64, 1, 100_000, "mixtures of recordings that are kept aside")
    retries: int = whole(3, 0, 100, "how often to go back to a checkpoint when the loss is no number")


@dataclass(frozen=True)
class TrainingConfig:
    """A training run."""

    corpora: CorporaSettings
    network: NetworkSettings = NetworkSettings()
    examples: ExampleSettings = ExampleSettings()
    loss: LossSettings = LossSettings()
    run: RunSettings = RunSettings()

    @property
    def n_steps(self) -> int:
        """Steps of the network in an example, one at least."""
        network = self.network
        return max(1, round(self.run.seconds * network.sample_rate / (network.patch * network.hop)))

    @property
    def n_samples(self) -> int:
        """Samples of an example: those that the frames of its steps cover."""
        network = self.network
        return (self.n_steps * network.patch - 1) * network.hop + network.n_fft
