"""What a report is made of. The pipeline fills it in; nothing here is computed."""

from collections.abc import Iterable
from dataclasses import dataclass

from vidsep.audio import Audio, FloatArray, StemSource
from vidsep.loudness.gating import Levels
from vidsep.loudness.measure import Loudness
from vidsep.processors.duck import DuckCurve


@dataclass(frozen=True, eq=False)
class Programme:
    """A soundtrack and what was measured of it.

    ``short_term_lufs`` are the values of `LoudnessMeter.short_term_lufs`: the 3 s before 0.1 s, 0.2 s, ...
    """

    audio: Audio
    loudness: Loudness
    short_term_lufs: Levels


@dataclass(frozen=True, eq=False)
class Separation:
    """The stems of the soundtrack before, and the music stem as it went into the mix, before the master gain.

    ``music_after`` comes in blocks of any size and lasts as long as the stems; it is read once.
    """

    model: str
    stems: StemSource
    music_after: Iterable[FloatArray]


@dataclass(frozen=True, eq=False)
class Ducking:
    """How the music went down under the voice, and by how many LU below it was asked to be."""

    curve: DuckCurve
    asked_difference_lu: float


@dataclass(frozen=True)
class Picture:
    """The hashes (sha256) of the picture's packets in the input and in the output."""

    n_packets: int
    sha256_before: str
    sha256_after: str


@dataclass(frozen=True)
class StreamRow:
    """A stream of the input and what became of it: ``fate`` is "copied", "replaced", "added" or "dropped"."""

    number: int
    kind: str
    description: str
    fate: str


@dataclass(frozen=True, eq=False)
class ReportData:
    """One run of vidsep. What does not apply stays None or empty, and the page leaves it out."""

    input_name: str
    output_name: str
    date: str
    vidsep_version: str
    preset_name: str
    before: Programme
    after: Programme
    separation: Separation | None = None
    target_lufs: float | None = None
    tolerance_lu: float = 0.2
    ceiling_dbtp: float | None = None
    ducking: Ducking | None = None
    picture: Picture | None = None
    streams: tuple[StreamRow, ...] = ()
    warnings: tuple[str, ...] = ()
    settings_toml: str = ""
    soundtrack_sha256: str = ""
    output_sha256: str = ""
