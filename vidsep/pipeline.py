"""The stories of vidsep, each from a path to a result: remix, separate, measure.

    path -> probe -> decode -> separate -> mix -> master -> write -> path

What a stage hands on is data; what a stage does is in the module of its name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vidsep.audio import Audio, FloatArray, StemSource
from vidsep.controls import work_out
from vidsep.delivery import Delivered, delivered
from vidsep.errors import PresetError
from vidsep.loudness.measure import Loudness, measure
from vidsep.mastering import find_master
from vidsep.media.choosing import TrackChoice, chosen_track
from vidsep.media.demux import decode
from vidsep.media.mux import Written
from vidsep.media.probe import probe
from vidsep.mixing import Undivided, in_memory, mixed, mixed_stems, needs_stems
from vidsep.outputs.stems import StemFormat
from vidsep.plan import Plan, PresetSource, TimeRange, chosen_preset, fitting, make_plan
from vidsep.progress import Progress, Silent
from vidsep.remixing import new_sound, pieces_of
from vidsep.results import RemixResult, SeparationResult, TrackResult
from vidsep.separating import StemRequest, separate_file
from vidsep.separation.cache import StemCache
from vidsep.separation.registry import find_model
from vidsep.separation.row import ModelRow
from vidsep.separation.separator import Separator
from vidsep.stems import bleeding_of, debled
from vidsep.work import work_folder


def remix(
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
    model: str | Path | None = None,
    weights: str | Path | None = None,
    residual: str | None = None,
    shifts: int | None = None,
    device: str = "auto",
    no_cache: bool = False,
    progress: Progress | None = None,
) -> RemixResult:
    """Put a new soundtrack under the picture of the file at ``path`` and write it to ``output``.

    ``preset`` is one or several of: a shipped preset's name, a TOML file, a `vidsep.Preset`; ``settings`` override
    single fields by their dotted names. ``music`` are files to play instead of the old music. ``track`` is the number
    of an audio track (from 1), ``"all"``, a language such as ``"lang:eng"``, or several of these, by default the
    default track; ``ranges`` are spans in seconds outside which the sound stays as it is. ``report`` is an HTML file to
    write. ``stems_dir`` is a folder with stems that were made elsewhere (`vidsep.readymade`); otherwise ``model``,
    ``weights``, ``residual`` and ``shifts`` choose the network as `vidsep.separation.registry.find_model` says.

    Raises `MediaError`, `PresetError`, `ModelError`, `OutputError` or `VerificationError`; then nothing was written.
    """
    progress = progress or Silent()
    plan = make_plan(
        path, output, preset=preset, settings=settings, music=music, track=track, ranges=ranges, report=report,
        container=container, overwrite=overwrite, stems_dir=stems_dir,
    )  # fmt: skip
    plan, row = _with_model(plan, model, weights, shifts, residual)
    separator = Separator(row, device) if plan.separates else None
    with work_folder() as work:
        cache = StemCache(work / "stems") if no_cache else StemCache()
        sounds = [new_sound(plan, stream, separator, cache, work, progress) for stream in plan.tracks]
        with delivered(plan, sounds, work, progress) as (written, tracks):
            pages = _pages(plan, written, tracks, separator)
            written.commit()
        return _result(plan, written, tracks, separator, pages)


def remix_audio(
    audio: Audio,
    *,
    preset: PresetSource | Sequence[PresetSource] = (),
    settings: Mapping[str, object] | None = None,
    music: Sequence[str | Path] = (),
    separator: Separator | None = None,
) -> Audio:
    """Sound in memory remixed as `remix` does it: of the same rate, channels and length, float32, not encoded.

    Whoever remixes many sounds passes one ``separator``, so that the network is loaded once.
    """
    chosen = chosen_preset(preset, settings, music)
    stems: StemSource = Undivided(audio.samples)
    if needs_stems(chosen):
        stems = (separator or Separator()).separate(audio.samples[:], audio.sample_rate, audio.layout)
        if bleeding := bleeding_of(chosen):
            stems = in_memory(debled(stems, audio.sample_rate, bleeding), audio.sample_rate)
    with work_folder() as work:
        controls = work_out(chosen, audio, stems, pieces_of(chosen, audio, work))

        def programme() -> Iterator[FloatArray]:
            return mixed(stems, audio.sample_rate, chosen, controls)

        def dialogue() -> Iterator[FloatArray]:
            return (block.dialogue for block in mixed_stems(stems, audio.sample_rate, chosen, controls))

        master = find_master(chosen.loudness, programme, dialogue, audio, lossy=False)
        samples = np.concatenate([audio.samples[:0], *master.apply(programme(), audio.sample_rate)])
    return Audio(samples, audio.sample_rate, audio.layout)


def plan_remix(path: str | Path, output: str | Path | None = None, **options: Any) -> Plan:
    """What `remix` would do with the same arguments, after all the checks that it makes before it begins."""
    chosen = {name: options.pop(name, None) for name in ("model", "weights", "residual", "shifts")}
    for name in ("device", "no_cache", "progress"):
        options.pop(name, None)
    plan, row = _with_model(make_plan(path, output, **options), **chosen)
    if plan.separates:
        row.check_weights()
    fit = fitting(plan)
    changes = (*(f"dropped: {text}" for text in fit.dropped), *fit.changed)
    return replace(plan, warnings=(*plan.warnings, *changes))


def separate(
    path: str | Path,
    folder: str | Path,
    *,
    codec: str = "wav",
    sample_format: str | None = None,
    bitrate_kbps: int | None = None,
    filename_format: str = "{filename}/{stem}.{codec}",
    offset: float = 0.0,
    duration: float | None = None,
    stems: Sequence[str] = (),
    track: int | str | None = None,
    overwrite: bool = False,
    model: str | Path | None = None,
    weights: str | Path | None = None,
    residual: str | None = None,
    shifts: int | None = None,
    device: str = "auto",
    no_cache: bool = False,
    separator: Separator | None = None,
    progress: Progress | None = None,
) -> SeparationResult:
    """Write the stems of the video or sound file at ``path`` into ``folder``.

    ``stems`` are some of the model's, by default all. ``codec`` is wav, flac, mp3, ogg, m4a or wma; ``sample_format``
    s16, s24 or f32; ``offset`` and ``duration`` are seconds. ``track`` is the number of an audio track (from 1) or a
    language such as ``"lang:eng"``, by default the default track. ``filename_format`` may use ``{filename}``,
    ``{foldername}``, ``{stem}`` and ``{codec}``. Whoever separates many files passes one ``separator``, so that the
    network is loaded once; it goes before what else chooses one.

    Raises `MediaError`, `ModelError` or `OutputError`; a stem that could not be written whole is not there.
    """
    request = StemRequest(
        Path(folder), tuple(stems), StemFormat(codec, sample_format or "", bitrate_kbps or 0), filename_format,
        track, offset, duration, overwrite,
    )  # fmt: skip
    separator = separator or Separator(find_model(model, weights, shifts, residual=residual), device)
    separator.row.check_here()
    with work_folder() as work:
        cache = StemCache(work / "stems") if no_cache else StemCache()
        return separate_file(Path(path), request, separator, cache, work, progress or Silent())


def measure_loudness(path: str | Path, *, track: int | str | None = None, progress: Progress | None = None) -> Loudness:
    """The loudness of an audio track of the video or sound file at ``path``.

    ``track`` is its number, from 1, or a language such as ``"lang:eng"``, by default the default track.
    """
    info = probe(Path(path))
    stream = chosen_track(info, track)
    with work_folder() as work, (progress or Silent()).stage("measuring", info.duration_seconds) as advance:
        audio = decode(info, stream, work, advance).audio
        return measure(audio.blocks(), audio.sample_rate, audio.n_channels, audio.layout)


def _with_model(
    plan: Plan, model: str | Path | None, weights: str | Path | None, shifts: int | None, residual: str | None
) -> tuple[Plan, ModelRow]:
    """The plan with what is to be said of the network that it needs, and the network."""
    if plan.stem_files and (model or weights or shifts or residual):
        raise PresetError("stems from a folder need no model", "leave out either --stems-dir or --model")
    row = find_model(model, weights, shifts, residual=residual)
    if plan.separates:
        row.check_here()
        plan = replace(plan, warnings=(*plan.warnings, *row.warnings))
    return plan, row


def _pages(plan: Plan, written: Written, tracks: Sequence[Delivered], separator: Separator | None) -> tuple[Path, ...]:
    if plan.report is None:
        return ()
    from vidsep.reporting import write_reports  # brings the drawing libraries, which nothing else needs

    made_by = f"stems from {plan.stem_files.folder}" if plan.stem_files else separator.row.name if separator else ""
    return write_reports(plan, written, tracks, made_by)


def _result(
    plan: Plan, written: Written, tracks: Sequence[Delivered], separator: Separator | None, reports: tuple[Path, ...]
) -> RemixResult:
    result = written.result
    return RemixResult(
        input=plan.info.path,
        output=result.path,
        preset=plan.preset.name,
        picture_sha256=result.picture.sha256 if result.picture.n_packets else "",
        n_picture_packets=result.picture.n_packets,
        tracks=tuple(_track_result(plan, track, separator) for track in tracks),
        warnings=(
            *plan.warnings,
            *(warning for track in tracks for warning in _warnings(plan, track)),
            *(f"dropped: {text}" for text in result.dropped),
            *result.warnings,
        ),
        reports=reports,
    )


def _warnings(plan: Plan, track: Delivered) -> list[str]:
    """What is to be told of a track, with its number where there are several."""
    number = f"track {plan.info.audio.index(track.sound.stream) + 1}: " if len(plan.tracks) > 1 else ""
    sound = track.sound
    return [number + text for text in (*sound.warnings, *sound.master.warnings(), *track.misses)]


def _track_result(plan: Plan, track: Delivered, separator: Separator | None) -> TrackResult:
    sound = track.sound
    return TrackResult(
        number=plan.info.audio.index(sound.stream) + 1,
        codec=track.codec,
        n_samples=sound.audio.n_samples,
        sample_rate=sound.audio.sample_rate,
        separated=separator is not None,
        from_cache=sound.from_cache,
        before=track.before.meter.result() if track.before else None,
        after=track.after.meter.result() if track.after else None,
        target_lufs=sound.master.target_lufs,
        loudness_lufs=track.loudness_lufs,
        duck_difference_lu=sound.controls.duck.reached_difference_lu if sound.controls.duck else None,
    )
