"""What a preset holds: one frozen dataclass for each table of its TOML file.

To add a setting, add one field here (unit, range, default, help): files, ``--set``, ``vidsep presets show`` and
docs/presets.md know it at once. Its use goes into `vidsep.mixing`.
"""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidsep.processors import Processor
from vidsep.processors.duck import Duck
from vidsep.processors.replace import Replacement
from vidsep.settings import Setting, check_ranges, choice, flag, number, several, text

CODECS = (
    "source", "aac", "mp3", "mp2", "opus", "vorbis", "ac3", "eac3", "flac", "alac",
    "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le",
)  # fmt: skip
CHANNELS = ("source", "mono", "stereo", "5.1")
CONTAINERS = ("source", "mp4", "mov", "mkv", "webm", "avi", "ts", "mxf")
NOT_IN_NAMES = frozenset('/\\:*?"<>|')  # outputs are called after presets
TRACKS = ("mix", "original", "dialogue", "music", "effects")


def listed(help: str) -> Any:
    """A list of tables, empty by default."""
    return field(default=(), metadata={"setting": Setting(help)})


class Section:
    """A table of a preset; its settings are in range as soon as it exists."""

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class StemSettings(Section):
    """One stem: its processors first to last, its fader, its mute; and how much of it the others give back."""

    gain_db: float = number(0.0, "dB", -60, 24, "the stem's fader")
    mute: bool = flag(False, "whether the stem is left out of the mix")
    floor_db: float | None = number(
        None, "dB", -60, -1, "what stays of a muted stem, relative to its own level; off is silence"
    )
    processors: tuple[Processor, ...] = listed("what changes the stem's sound, first to last")
    debleed_db: float | None = number(
        None, "dB", 0, 20, "how strongly the network's other stems are cleared of this one; effects 6 dB more"
    )


@dataclass(frozen=True)
class MasterSettings(Section):
    """The sum of the stems."""

    processors: tuple[Processor, ...] = listed("what changes the mix, first to last, before its loudness is set")


@dataclass(frozen=True)
class DuckSettings(Duck):
    """Music under the voice."""

    enabled: bool = flag(False, "whether the music, old or new, goes down while somebody speaks")


@dataclass(frozen=True)
class PieceSettings(Section):
    """One piece of replacement music."""

    file: Path = field(metadata={"setting": Setting("the sound; in a preset file relative to the file's folder")})
    start_seconds: float | None = number(None, "s", 0, 360_000, "where it begins under the picture; off is in its turn")
    end_seconds: float | None = number(
        None, "s", 0, 360_000, "where it ends under the picture; off is where it is over"
    )
    in_point_seconds: float = number(0.0, "s", 0, 360_000, "how much of its beginning is skipped")
    gain_db: float = number(0.0, "dB", -60, 24, "its fader")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.end_seconds is not None and self.end_seconds <= (self.start_seconds or 0.0):
            raise ValueError(f"end_seconds is {self.end_seconds:g} s, before the piece has begun")


@dataclass(frozen=True)
class ReplacementSettings(Replacement):
    """The music that plays instead of the old music."""

    required: bool = flag(False, "whether a remix without a piece of music is an error")
    pieces: tuple[PieceSettings, ...] = listed("the music, in the order in which it plays")


@dataclass(frozen=True)
class LoudnessSettings(Section):
    """How loud the new soundtrack is, and who says so."""

    target_lufs: float | None = number(None, "LUFS", -40, -5, "integrated loudness; off leaves it as it comes")
    gate: str = choice(
        "programme", ("programme", "dialogue"), "what is measured: all of the mix, or the mix while somebody speaks"
    )
    tolerance_lu: float = number(0.2, "LU", 0.1, 5, "how far the written file may be off the target")
    true_peak_dbtp: float | None = number(None, "dBTP", -20, 0, "ceiling of the limiter; off is no limiter")
    min_dialogue_share: float = number(
        0.15, "", 0, 1, "share of the programme below which a dialogue gate gives way to fallback_lufs"
    )
    fallback_lufs: float = number(-24.0, "LUFS", -40, -5, "target for the whole mix where too little is spoken")
    source: str = text("", "who asks for this target")
    official: bool = flag(False, "whether the source itself published it")


@dataclass(frozen=True)
class OutputSettings(Section):
    """What is written."""

    codec: str = choice("source", CODECS, "audio codec; source is that of the old soundtrack where it can be written")
    bitrate_kbps: float | None = number(None, "kb/s", 8, 6144, "bit rate of a lossy codec; off is that of the source")
    tracks: tuple[str, ...] = several(("mix",), TRACKS, "audio tracks of the new file, the first one is the default")
    channels: str = choice(
        "source", CHANNELS, "most channels of the new soundtrack: more are mixed down (ITU-R BS.775), fewer stay"
    )
    container: str = choice("source", CONTAINERS, "container; source is that of the input")


@dataclass(frozen=True)
class Preset:
    """Everything that is chosen about a remix; the default changes nothing."""

    name: str = text("", "what reports call it; the file's name where it is left out")
    description: str = text("", "what it does, in a sentence")
    dialogue: StemSettings = StemSettings()
    music: StemSettings = StemSettings()
    effects: StemSettings = StemSettings()
    master: MasterSettings = MasterSettings()
    duck: DuckSettings = DuckSettings()
    replacement: ReplacementSettings = ReplacementSettings()
    loudness: LoudnessSettings = LoudnessSettings()
    output: OutputSettings = OutputSettings()

    def __post_init__(self) -> None:
        if NOT_IN_NAMES & set(self.name):
            raise ValueError(f"name is {self.name!r}, no file could be called so")

    @property
    def kind(self) -> str:
        """``target`` for a preset that only says how and how loud to deliver, ``job`` for any other."""
        sound = dataclasses.replace(self, name="", description="", loudness=LoudnessSettings(), output=OutputSettings())
        delivers = (self.loudness, self.output) != (LoudnessSettings(), OutputSettings())
        return "target" if sound == Preset() and delivers else "job"
