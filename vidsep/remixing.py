"""One soundtrack's way from the file to its new sound."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from vidsep.audio import Audio, FloatArray, StemSource, gain_to_db
from vidsep.controls import work_out
from vidsep.dsp.splice import splice
from vidsep.mastering import Master, find_master
from vidsep.media.demux import Soundtrack, decode, load_music
from vidsep.media.info import AudioStream
from vidsep.mixing import Controls, mixed, mixed_stems
from vidsep.plan import Plan, TimeRange
from vidsep.preset import Preset
from vidsep.processors.replace import Piece
from vidsep.progress import Progress
from vidsep.readymade import load_stems
from vidsep.separation.cache import StemCache
from vidsep.separation.separator import Separator
from vidsep.spool import spool
from vidsep.stems import bleeding_of, stems_of

JOIN_SECONDS = 0.010  # crossfade where a remixed range meets the rest: too short to hear, too long to click


@dataclass(frozen=True)
class NewSound:
    """A soundtrack, its stems, and how they are mixed and mastered.

    ``found`` are the stems that a report judges: before they were cleared of what bled into them. ``ranges`` are in
    seconds from the start of the soundtrack. ``mix`` is the mix before the master where it is kept because it is needed
    more than once; ``warnings`` say what was wrong with the soundtrack or its stems.
    """

    stream: AudioStream
    soundtrack: Soundtrack
    stems: StemSource
    found: StemSource
    preset: Preset
    controls: Controls
    master: Master
    ranges: tuple[TimeRange, ...] = ()
    mix: Audio | None = None
    from_cache: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def audio(self) -> Audio:
        """The old sound; the new one has its rate, channels and length."""
        return self.soundtrack.audio

    def programme(self) -> Iterable[FloatArray]:
        """The mix before the master."""
        if self.mix is not None:
            return self.mix.blocks()
        return mixed(self.stems, self.audio.sample_rate, self.preset, self.controls)

    def dialogue(self) -> Iterator[FloatArray]:
        """The dialogue as it sounds in the mix."""
        for block in mixed_stems(self.stems, self.audio.sample_rate, self.preset, self.controls):
            yield block.dialogue

    def blocks(self) -> Iterator[FloatArray]:
        """The new sound as it is written."""
        rate = self.audio.sample_rate
        new = self.master.apply(self.programme(), rate)
        if not self.ranges:
            return iter(new)
        spans = [
            (round(start * rate), self.audio.n_samples if end is None else round(end * rate))
            for start, end in self.ranges
        ]
        return splice(self.audio.samples, new, spans, round(JOIN_SECONDS * rate))


def new_sound(
    plan: Plan,
    stream: AudioStream,
    separator: Separator | None,
    cache: StemCache,
    work_folder: Path,
    progress: Progress,
) -> NewSound:
    """Decode ``stream``, separate it if there is a separator, and settle how it is mixed."""
    if separator is not None and not cache.may_have(separator.row.identity, plan.info.duration_seconds):
        separator.warm_up()  # the network loads while ffmpeg decodes
    with progress.stage("decoding", plan.info.duration_seconds) as advance:
        soundtrack = decode(plan.info, stream, work_folder, advance, plan.layout(stream))
    stems, found, from_cache = _separated(plan, soundtrack, separator, cache, progress)
    warnings = (*soundtrack.warnings, *_clipping(plan, stream, soundtrack))
    if plan.needs_stems and plan.stem_files is not None:
        stems, more = load_stems(plan.stem_files, soundtrack.audio, work_folder, progress)
        found = stems
        warnings = (*warnings, *more)
    pieces = pieces_of(plan.preset, soundtrack.audio, work_folder)
    controls = work_out(plan.preset, soundtrack.audio, stems, pieces)
    sound = NewSound(
        stream, soundtrack, stems, found, plan.preset, controls, Master(), _in_soundtrack(plan, soundtrack),
        from_cache=from_cache, warnings=warnings,
    )  # fmt: skip
    return _mastered(sound, work_folder, lossy=plan.is_lossy(stream))


def _separated(
    plan: Plan, soundtrack: Soundtrack, separator: Separator | None, cache: StemCache, progress: Progress
) -> tuple[StemSource, StemSource, bool]:
    """The stems to mix, those that a report judges, and whether the network's were in the cache."""
    find = partial(stems_of, soundtrack.audio, soundtrack.sha256, separator, cache, progress)
    bleeding = bleeding_of(plan.preset)
    if plan.report is None or not bleeding:
        stems, from_cache = find(bleeding)
        return stems, stems, from_cache
    found, from_cache = find()
    return find(bleeding)[0], found, from_cache


def _in_soundtrack(plan: Plan, soundtrack: Soundtrack) -> tuple[TimeRange, ...]:
    """The ranges of the plan as seconds of the soundtrack, which may start later or earlier than its file."""
    late = soundtrack.start_seconds - plan.info.start_seconds
    return tuple((max(0.0, start - late), None if end is None else max(0.0, end - late)) for start, end in plan.ranges)


def _clipping(plan: Plan, stream: AudioStream, soundtrack: Soundtrack) -> tuple[str, ...]:
    """In words, whether channels that were mixed down add up to more than full scale and nothing holds them back."""
    is_mixed_down = plan.layout(stream) != stream.layout
    if not is_mixed_down or soundtrack.peak <= 1.0 or plan.preset.loudness.true_peak_dbtp is not None:
        return ()
    return (
        f"mixed down, the sound reaches {gain_to_db(soundtrack.peak):+.1f} dBFS; set loudness.true_peak_dbtp to -1",
    )


def pieces_of(preset: Preset, programme: Audio, work_folder: Path) -> Sequence[Piece]:
    """The pieces of music of a preset, decoded into ``work_folder`` at the rate and channels of ``programme``."""
    return [
        Piece(
            load_music(piece.file, programme.sample_rate, programme.n_channels, work_folder),
            piece.start_seconds,
            piece.end_seconds,
            piece.in_point_seconds,
            piece.gain_db,
        )
        for piece in preset.replacement.pieces
    ]


def _mastered(sound: NewSound, work_folder: Path, *, lossy: bool) -> NewSound:
    """``sound`` with its master; the mix is kept if a target makes more than one pass over it."""
    settings = sound.preset.loudness
    if sound.ranges:
        settings = replace(settings, target_lufs=None)
    if settings.target_lufs is not None:
        path = work_folder / f"mix-{sound.stream.index}.f32"
        kept = spool(sound.programme(), path, sound.audio.n_channels)
        sound = replace(sound, mix=Audio(kept, sound.audio.sample_rate, sound.audio.layout))
    master = find_master(settings, sound.programme, sound.dialogue, sound.audio, lossy=lossy)
    return replace(sound, master=master)
