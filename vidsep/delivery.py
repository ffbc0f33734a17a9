"""Writing the new file: the new sounds under the copied picture, measured before the file gets its name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vidsep.audio import Audio, FloatArray
from vidsep.loudness.measure import ProgrammeMeter
from vidsep.loudness.true_peak import TruePeakMeter
from vidsep.mastering import Master, correction, misses, with_gain
from vidsep.media.demux import Soundtrack, decode
from vidsep.media.mux import CopiedTrack, NewTrack, Written, write
from vidsep.media.probe import probe
from vidsep.mixing import blocks_of
from vidsep.plan import Plan
from vidsep.progress import Progress
from vidsep.remixing import NewSound

ENCODE_PEAK_DB = 1.5  # what no encode at the bit rates that vidsep uses adds to a true peak
MOST_WRITES = 4  # each one comes nearer: the second is on the spot for all but pathological sound


@dataclass(frozen=True)
class Heard:
    """A soundtrack and the meter that has heard it."""

    audio: Audio
    meter: ProgrammeMeter


@dataclass(frozen=True)
class Delivered:
    """A remixed track as it was written.

    ``after`` is what a decoder makes of the written file, on the timeline of the old sound, and ``before`` the old
    sound; they are there where something asked for them. ``loudness_lufs`` is the loudness that counts for the target,
    ``misses`` say where the file misses its target or its ceiling all the same.
    """

    sound: NewSound
    codec: str
    before: Heard | None = None
    after: Heard | None = None
    loudness_lufs: float | None = None
    misses: tuple[str, ...] = ()


@contextmanager
def delivered(
    plan: Plan, sounds: Sequence[NewSound], work_folder: Path, progress: Progress
) -> Iterator[tuple[Written, list[Delivered]]]:
    """The written file, which has not got its name yet, and its remixed tracks.

    A track that missed its loudness or its ceiling is mastered anew and the file written again.
    """
    for n_writes in range(1, MOST_WRITES + 1):
        peaks = [TruePeakMeter(sound.audio.sample_rate, sound.audio.n_channels) for sound in sounds]
        new_tracks = tracks_of(plan, sounds, peaks)
        with (
            progress.stage("writing", plan.info.duration_seconds) as advance,
            write(plan.info, new_tracks, plan.output, plan.overwrite, advance) as written,
        ):
            tracks = _measured(plan, sounds, peaks, written, work_folder, progress)
            masters = [_corrected(plan, track) for track in tracks]
            if not any(masters) or n_writes == MOST_WRITES:
                yield written, [_complete(plan, track) for track in tracks]
                return
            sounds = [_with_master(sound, master) for sound, master in zip(sounds, masters, strict=True)]


def tracks_of(plan: Plan, sounds: Sequence[NewSound], peaks: Sequence[TruePeakMeter]) -> list[NewTrack | CopiedTrack]:
    """The audio tracks to write: of each remixed track those that the preset lists, the first one in its place.

    Each of ``peaks`` hears the mix of its sound on the way.
    """
    tracks: list[NewTrack | CopiedTrack] = []
    for sound, peak in zip(sounds, peaks, strict=True):
        names = plan.preset.output.tracks
        in_place = next((name for name in names if name != "original"), None)
        for name in names:
            title = _title(plan, sound, name) if len(names) > 1 else ""
            first = name == names[0]
            if name == "original":
                tracks.append(CopiedTrack(sound.stream.index, title, default=first and sound.stream.is_default))
            else:
                blocks = _watched(sound, peak) if name == "mix" else _stem(sound, name)
                tracks.append(_new_track(plan, sound, blocks, title, in_place=name == in_place, first=first))
    return tracks


def _new_track(
    plan: Plan, sound: NewSound, blocks: Iterator[FloatArray], title: str, *, in_place: bool, first: bool
) -> NewTrack:
    output, audio = plan.preset.output, sound.audio
    several = len(output.tracks) > 1
    return NewTrack(
        blocks=blocks,
        sample_rate=audio.sample_rate,
        n_channels=audio.n_channels,
        layout=audio.layout,
        n_samples=audio.n_samples,
        start_seconds=sound.soundtrack.start_seconds,
        replaces=sound.stream.index if in_place else None,
        title=title,
        language=sound.stream.tags.get("language", ""),
        default=(first and sound.stream.is_default) if several else None,
        codec="" if output.codec == "source" else output.codec,
        bitrate_kbps=round(output.bitrate_kbps or 0),
    )


def _watched(sound: NewSound, peak: TruePeakMeter) -> Iterator[FloatArray]:
    for block in sound.blocks():
        if sound.master.limit is not None:
            peak.add(block)
        yield block


def _stem(sound: NewSound, name: str) -> Iterator[FloatArray]:
    for block in blocks_of(sound.stems, sound.audio.sample_rate):
        stem: FloatArray = getattr(block, name)
        yield stem


def _title(plan: Plan, sound: NewSound, name: str) -> str:
    own = f"{sound.stream.title}: " if sound.stream.title and len(plan.tracks) > 1 else ""
    return own + {"mix": f"Remix ({plan.preset.name})"}.get(name, name.capitalize())


def _measured(
    plan: Plan,
    sounds: Sequence[NewSound],
    peaks: Sequence[TruePeakMeter],
    written: Written,
    work_folder: Path,
    progress: Progress,
) -> list[Delivered]:
    written_as = iter(zip(written.result.codecs, written.result.numbers, strict=True))
    names = [name for name in plan.preset.output.tracks if name != "original"]
    tracks = []
    for sound, peak in zip(sounds, peaks, strict=True):
        places = dict(zip(names, written_as, strict=False))
        codec, number = places.get("mix") or next(iter(places.values()))
        track = Delivered(sound, codec)
        if "mix" in places and (_is_shown(plan, sound) or _is_near_ceiling(plan, peak)):
            track = _listened_to(track, written, number, work_folder, progress)
        tracks.append(track)
    return tracks


def _is_shown(plan: Plan, sound: NewSound) -> bool:
    """Whether somebody is told the loudness."""
    return plan.report is not None or sound.master.target_lufs is not None


def _is_near_ceiling(plan: Plan, peak: TruePeakMeter) -> bool:
    """Whether the encode may have lifted a peak above the ceiling: then only the written file can tell."""
    ceiling_dbtp = plan.preset.loudness.true_peak_dbtp
    return ceiling_dbtp is not None and peak.true_peak_dbtp > ceiling_dbtp - ENCODE_PEAK_DB


def _listened_to(track: Delivered, written: Written, number: int, work_folder: Path, progress: Progress) -> Delivered:
    info = probe(written.path)
    stream = info.audio_stream(number)
    with progress.stage("checking", track.sound.audio.seconds) as advance:
        after = heard(_aligned(decode(info, stream, work_folder, advance), track.sound.soundtrack))
    lufs = after.meter.loudness.integrated_lufs
    if track.sound.master.speech is not None:
        lufs = track.sound.master.loudness_of(after.audio.blocks(), after.audio)
    return replace(track, after=after, loudness_lufs=lufs)


def heard(audio: Audio) -> Heard:
    """The sound and everything that is measured of it."""
    meter = ProgrammeMeter(audio.sample_rate, audio.n_channels, audio.layout)
    for block in audio.blocks():
        meter.add(block)
    return Heard(audio, meter)


def _aligned(new: Soundtrack, old: Soundtrack) -> Audio:
    """The new sound from where the old one starts, without what a container had to put before or behind it."""
    start = max(0, round((old.start_seconds - new.start_seconds) * new.audio.sample_rate))
    n_samples = round(old.audio.seconds * new.audio.sample_rate)
    return new.audio.part(start, start + n_samples)


def _corrected(plan: Plan, track: Delivered) -> Master | None:
    """A better master, or None when the file is as it should be. Ranges stand in sound that keeps its own peaks."""
    if track.after is None or track.loudness_lufs is None or track.sound.ranges:
        return None
    return correction(track.sound.master, plan.preset.loudness, track.after.meter.result(), track.loudness_lufs)


def _with_master(sound: NewSound, master: Master | None) -> NewSound:
    return sound if master is None else replace(sound, master=with_gain(master, sound.programme, sound.audio))


def _complete(plan: Plan, track: Delivered) -> Delivered:
    """The track with all that is told of it."""
    if track.after is not None and track.loudness_lufs is not None and not track.sound.ranges:
        written = track.after.meter.result()
        track = replace(track, misses=misses(track.sound.master, plan.preset.loudness, written, track.loudness_lufs))
    return replace(track, before=heard(track.sound.audio)) if _is_shown(plan, track.sound) else track
