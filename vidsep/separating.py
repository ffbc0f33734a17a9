"""The story of ``vidsep separate``: a file's stems as sound files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vidsep.audio import Audio, FloatArray, StemSource
from vidsep.errors import MediaError, OutputError, PresetError
from vidsep.media.choosing import chosen_track
from vidsep.media.demux import decode
from vidsep.media.probe import probe
from vidsep.mixing import blocks_of
from vidsep.outputs.naming import stem_paths
from vidsep.outputs.stems import StemFormat, stem_tags, write_stem
from vidsep.progress import Progress
from vidsep.results import SeparationResult
from vidsep.separation.cache import StemCache
from vidsep.separation.separator import Separator
from vidsep.stems import stems_of


@dataclass(frozen=True)
class StemRequest:
    """Which stems of which part of a file are wanted, in what form and where; without ``stems`` all there are."""

    folder: Path
    stems: Sequence[str] = ()
    stem_format: StemFormat = field(default_factory=StemFormat)
    filename_format: str = "{filename}/{stem}.{codec}"
    track: int | str | None = None
    offset_seconds: float = 0.0
    duration_seconds: float | None = None
    overwrite: bool = False


def separate_file(
    path: Path, request: StemRequest, separator: Separator, cache: StemCache, work_folder: Path, progress: Progress
) -> SeparationResult:
    """Write the stems of the file at ``path`` that ``request`` asks for."""
    info = probe(path)
    stream = chosen_track(info, request.track)
    names = _names(request, separator)
    request.stem_format.check_channels(stream.n_channels)
    paths = stem_paths(request.filename_format, request.folder, path, names, request.stem_format.codec)
    for output in paths.values():
        if output.exists() and output.samefile(path):
            raise OutputError(f"{output} is the input, which is never written to", "choose another folder")
        if output.exists() and not request.overwrite:
            raise OutputError(f"{output} exists", "choose another folder or add --overwrite")
    with progress.stage("decoding", info.duration_seconds) as advance:
        soundtrack = decode(info, stream, work_folder, advance)
    start, stop = _span(soundtrack.audio, request)
    whole = (start, stop) == (0, soundtrack.audio.n_samples)
    sound = soundtrack.audio if whole else soundtrack.audio.part(start, stop)
    name = soundtrack.sha256 if whole else f"{soundtrack.sha256}-{start}-{stop}"
    stems, from_cache = stems_of(sound, name, separator, cache, progress)
    warnings = list(soundtrack.warnings)
    with progress.stage("writing", sound.seconds * len(paths)) as advance:
        for stem, output in paths.items():
            tags = stem_tags(stem, path.stem, {**info.tags, **stream.tags})
            n_clipped = write_stem(
                _blocks(stems, stem, sound), sound, output, path, request.stem_format,
                tags=tags, overwrite=request.overwrite, advance=advance,
            )  # fmt: skip
            if n_clipped:
                warnings.append(f"{output.name}: {n_clipped} samples were beyond full scale; write f32 to keep them")
    return SeparationResult(path, paths, sound.n_samples, sound.sample_rate, from_cache, tuple(warnings))


def _names(request: StemRequest, separator: Separator) -> Sequence[str]:
    for name in request.stems:
        if name not in separator.row.names:
            raise PresetError(
                f"{separator.row.name} has no stem {name!r}", f"its stems are {', '.join(separator.row.names)}"
            )
    return request.stems or separator.row.names


def _span(audio: Audio, request: StemRequest) -> tuple[int, int]:
    start = round(request.offset_seconds * audio.sample_rate)
    if start >= audio.n_samples:
        raise MediaError(
            f"the offset {request.offset_seconds:g} s is behind the end of the sound", f"it lasts {audio.seconds:.2f} s"
        )
    if request.duration_seconds is None:
        return start, audio.n_samples
    return start, min(audio.n_samples, start + max(1, round(request.duration_seconds * audio.sample_rate)))


def _blocks(stems: StemSource, name: str, sound: Audio) -> Iterator[FloatArray]:
    for block in blocks_of(stems, sound.sample_rate):
        yield block[name]
