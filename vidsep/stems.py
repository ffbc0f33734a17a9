"""The stems of one soundtrack: as its network finds them, cleared of what bled into them, and kept for next time."""

from collections.abc import Iterator, Mapping

from vidsep.audio import STEM_NAMES, Audio, Stems, StemSource
from vidsep.mixing import Undivided, blocks_of
from vidsep.preset import Preset
from vidsep.processors.debleed import Debled
from vidsep.progress import Advance, Progress
from vidsep.separation.cache import StemCache, stem_key
from vidsep.separation.separator import Separator


def stems_of(
    audio: Audio,
    sha256: str,
    separator: Separator | None,
    cache: StemCache,
    progress: Progress,
    bleeding: Mapping[str, float] | None = None,
) -> tuple[StemSource, bool]:
    """The stems of a sound with this hash, and whether the network's were in the cache; undivided without a separator.

    With ``bleeding``, see `bleeding_of`, they are cleared, and kept beside the network's: they are read several times.
    """
    if separator is None:
        return Undivided(audio.samples), False
    told = [f"{name}{strength_db:g}dB" for name, strength_db in (bleeding or {}).items()]
    key = stem_key(sha256, "-".join([separator.row.identity, *told]))
    kept = cache.get(key, audio)
    if kept is not None:
        return kept, True
    if not bleeding:
        with progress.stage("separating", audio.seconds) as advance:
            return cache.put(key, audio, separator.stream(audio, advance), separator.row.kept), False
    stems, from_cache = stems_of(audio, sha256, separator, cache, progress)
    with progress.stage("clearing", audio.seconds) as advance:
        cleared = _told(debled(stems, audio.sample_rate, bleeding), audio.sample_rate, advance)
        return cache.put(key, audio, cleared, separator.row.kept), from_cache


def bleeding_of(preset: Preset) -> dict[str, float]:
    """The stems that the others are cleared of, and how strongly."""
    strengths_db = {name: getattr(preset, name).debleed_db for name in STEM_NAMES}
    return {name: strength_db for name, strength_db in strengths_db.items() if strength_db is not None}


def debled(stems: StemSource, sample_rate: int, bleeding: Mapping[str, float]) -> StemSource:
    """The stems of a network, cleared as `bleeding_of` says."""
    for name, strength_db in bleeding.items():
        stems = Debled(stems, sample_rate, name, strength_db)
    return stems


def _told(stems: StemSource, sample_rate: int, advance: Advance) -> Iterator[Stems]:
    """All of the stems in blocks; ``advance`` hears of each."""
    for block in blocks_of(stems, sample_rate):
        yield block
        advance(len(block.music) / sample_rate)
