"""What a remix is going to do. Everything that can be refused is refused here, before any work is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vidsep.errors import MediaError, OutputError, PresetError
from vidsep.media.choosing import TrackChoice, chosen_tracks
from vidsep.media.codecs import ENCODERS, encoder_of
from vidsep.media.containers import codec_for, container_for
from vidsep.media.draft import draft
from vidsep.media.fits import Fit, check_copies, what_fits
from vidsep.media.info import AudioStream, MediaInfo
from vidsep.media.probe import probe
from vidsep.mixing import needs_stems
from vidsep.preset import Preset, as_dict, check_files, check_music, load_preset, with_music
from vidsep.readymade import StemFiles, find_stem_files

LAYOUT_CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6}  # of what sound can be mixed down to
PresetSource: TypeAlias = str | Path | Preset
TimeRange: TypeAlias = tuple[float, float | None]
"""Seconds from the start of the file, as players count them; None is its end."""


@dataclass(frozen=True)
class Plan:
    """A remix that can begin: the file, its audio tracks to remix, what to do with them, where it goes."""

    info: MediaInfo
    tracks: tuple[AudioStream, ...]
    preset: Preset
    output: Path
    ranges: tuple[TimeRange, ...] = ()
    report: Path | None = None
    overwrite: bool = False
    warnings: tuple[str, ...] = ()
    stem_files: StemFiles | None = None

    @property
    def needs_stems(self) -> bool:
        """Whether the soundtrack has to be in stems."""
        return needs_stems(self.preset) or self.report is not None

    @property
    def separates(self) -> bool:
        """Whether the network is needed."""
        return self.needs_stems and self.stem_files is None

    @property
    def pages(self) -> tuple[Path, ...]:
        """The report of each track: ``report``, and for a second or later one ``NAME.track-N.html`` beside it."""
        if self.report is None:
            return ()
        numbers = [self.info.audio.index(track) + 1 for track in self.tracks[1:]]
        return (self.report, *(self.report.with_name(f"{self.report.stem}.track-{n}.html") for n in numbers))

    def layout(self, stream: AudioStream) -> str:
        """ffmpeg's name of the new sound's channels in the place of ``stream``: its own, unless they are too many."""
        most = self.preset.output.channels
        return most if stream.n_channels > LAYOUT_CHANNELS.get(most, stream.n_channels) else stream.layout

    def codec(self, stream: AudioStream) -> str:
        """The codec of the new sound in the place of ``stream``. Raises `OutputError` where the container has none."""
        container, chosen = container_for(self.output, self.info), self.preset.output.codec
        layout = self.layout(stream)
        n_channels = LAYOUT_CHANNELS.get(layout, stream.n_channels)
        if chosen == "source":
            return codec_for(container, n_channels, layout, stream)
        if chosen not in container.audio:
            raise OutputError(f"{container.name} files hold no {chosen}", f"choose one of {', '.join(container.audio)}")
        encoder_of(chosen, n_channels, layout)
        return chosen

    def is_lossy(self, stream: AudioStream) -> bool:
        """Whether the new sound in the place of ``stream`` loses something when it is encoded."""
        return not ENCODERS[self.codec(stream)].is_lossless

    def lines(self) -> list[str]:
        """The plan for people."""
        numbers = [str(self.info.audio.index(track) + 1) for track in self.tracks]
        loudness = self.preset.loudness
        target = "as it comes" if loudness.target_lufs is None else f"{loudness.target_lufs:g} LUFS"
        return [
            f"input    {self.info.path} ({self.info.duration_seconds:.1f} s)",
            f"preset   {self.preset.name}: {self.preset.description}",
            f"tracks   {', '.join(numbers)} of {len(self.info.audio)}",
            f"stems    {self._stems()}",
            *(f"range    {start:g} s to {'the end' if end is None else f'{end:g} s'}" for start, end in self.ranges),
            *(f"music    {piece.file}" for piece in self.preset.replacement.pieces),
            f"loudness {target}",
            f"output   {self.output}: {', '.join(self.preset.output.tracks)}",
            "nothing was written (dry run)",
        ]

    def _stems(self) -> str:
        if not self.needs_stems:
            return "not needed"
        return "needed" if self.stem_files is None else f"from {self.stem_files.folder}"

    def as_dict(self) -> dict[str, object]:
        """The plan for programs, JSON-safe."""
        return {
            "dry_run": True,
            "input": str(self.info.path),
            "output": str(self.output),
            "tracks": [self.info.audio.index(track) + 1 for track in self.tracks],
            "ranges": [list(span) for span in self.ranges],
            "separates": self.separates,
            "stems_dir": str(self.stem_files.folder) if self.stem_files else None,
            "report": str(self.report) if self.report else None,
            "preset": as_dict(self.preset),
            "warnings": list(self.warnings),
        }


def make_plan(
    path: str | Path,
    output: str | Path | None = None,
    *,
    preset: PresetSource | Sequence[PresetSource] = (),
    settings: Mapping[str, object] | None = None,
    music: Sequence[str | Path] = (),
    track: TrackChoice = None,
    ranges: Sequence[TimeRange] = (),
    report: str | Path | None = None,
    container: str | None = None,
    overwrite: bool = False,
    stems_dir: str | Path | None = None,
) -> Plan:
    """The plan of a remix; see `vidsep.pipeline.remix` for what the arguments mean and which errors there are."""
    info = probe(Path(path))
    chosen = chosen_preset(preset, settings, music)
    check_ranges(info, ranges)
    plan = Plan(
        info=info,
        tracks=chosen_tracks(info, track),
        preset=chosen,
        output=_output(info.path, chosen, output, container),
        ranges=tuple(sorted(ranges)),
        report=Path(report) if report else None,
        overwrite=overwrite,
        warnings=_warnings(info, chosen, ranges),
        stem_files=find_stem_files(Path(stems_dir)) if stems_dir else None,
    )
    if plan.stem_files and len(plan.tracks) > 1:
        raise PresetError("stems from a folder are those of one audio track", "choose it with --track N")
    _check_destinations(plan)
    for stream in plan.tracks:
        plan.codec(stream)
    fitting(plan)
    return plan


def fitting(plan: Plan) -> Fit:
    """What of the file the output's container holds. Raises `OutputError` where a picture or a copy is not held."""
    container = container_for(plan.output, plan.info)
    if "original" in plan.preset.output.tracks:
        check_copies(plan.info, plan.tracks, container)
    return what_fits(plan.info, [one for one in plan.info.streams if one not in plan.tracks], container)


def check_ranges(info: MediaInfo, ranges: Sequence[TimeRange]) -> None:
    """Raise `MediaError` for a range that lies outside the file."""
    for start, end in ranges:
        if start >= info.duration_seconds > 0:
            raise MediaError(
                f"the range from {start:g} s starts behind the end of {info.path.name}",
                f"it lasts {info.duration_seconds:.1f} s",
            )
        if start < 0 or (end is not None and end <= start):
            raise MediaError(f"the range {start:g} to {end:g} s holds nothing", "a range ends after it starts")


def chosen_preset(
    sources: PresetSource | Sequence[PresetSource], settings: Mapping[str, object] | None, music: Sequence[str | Path]
) -> Preset:
    """One preset of all that was asked for; without any ``neutral``, or ``replace-music`` if there is music."""
    several = (sources,) if isinstance(sources, str | Path | Preset) else tuple(sources)
    if not several and music:
        several = ("replace-music",)
    preset = with_music(load_preset(*several, settings=settings), music)
    check_music(preset)
    check_files(preset)
    for piece in preset.replacement.pieces:
        probe(piece.file).audio_stream()
    return preset


def _output(source: Path, preset: Preset, output: str | Path | None, container: str | None) -> Path:
    chosen = container or (preset.output.container if preset.output.container != "source" else None)
    suffix = f".{chosen.lstrip('.')}" if chosen else source.suffix
    if output is None:
        return source.with_name(f"{source.stem}.{preset.name.replace(' + ', '.') or 'remix'}{suffix}")
    path = Path(output)
    if container and path.suffix and path.suffix.lower() != suffix.lower():
        raise OutputError(
            f"{path.name} is not the name of a file in the container {container}", "name only one of them"
        )
    return path if path.suffix else path.with_name(path.name + suffix)


def _check_destinations(plan: Plan) -> None:
    music = [piece.file for piece in plan.preset.replacement.pieces]
    for path in (plan.output, *plan.pages):
        with draft(path, plan.info.path, plan.overwrite):
            pass  # opens a file beside it and takes it away again
    _refuse_in_use(plan.output, music)
    for page in plan.pages:
        _refuse_in_use(page, [plan.info.path, plan.output, *music])


def _refuse_in_use(path: Path, others: Sequence[Path]) -> None:
    """Raise `OutputError` if ``path`` is one of the files that the remix reads or writes for something else."""
    for other in others:
        if path.resolve() == other.resolve() or (path.exists() and other.exists() and path.samefile(other)):
            raise OutputError(f"{path} is in use for something else in this remix", "choose another name")


def _warnings(info: MediaInfo, preset: Preset, ranges: Sequence[TimeRange]) -> tuple[str, ...]:
    warnings = []
    if not info.video:
        warnings.append(f"{info.path.name} has no picture; only its sound is remixed")
    if ranges and preset.loudness.target_lufs is not None:
        warnings.append("the loudness target is left out, so that the ranges join the rest at its level")
    return tuple(warnings)
