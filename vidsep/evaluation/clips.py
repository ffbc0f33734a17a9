"""Where the clips of a test set are: folders that hold a mixture and its stems as sound files.

Divide and Remaster 2 calls them ``mix.wav``, ``speech.wav``, ``music.wav`` and ``sfx.wav``; version 3 says ``mixture``
and comes as FLAC; MUSDB18-HQ has ``mixture.wav``, ``vocals.wav``, ``drums.wav``, ``bass.wav`` and ``other.wav``. They
are told by the file's name without its suffix, in folders at any depth.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vidsep.errors import DatasetError

SUFFIXES = (".aif", ".aiff", ".flac", ".oga", ".ogg", ".opus", ".rf64", ".w64", ".wav")  # what libsndfile reads
MIXTURE_NAMES = ("mix", "mixture")

Names = Mapping[str, tuple[str, ...]]  # what the file of a stem may be called

FILM_NAMES: Names = {
    "dialogue": ("speech", "dialogue", "dialog"),
    "music": ("music",),
    "effects": ("sfx", "effects", "effect"),
}
SONG_NAMES: Names = {name: (name,) for name in ("vocals", "drums", "bass", "other")}


@dataclass(frozen=True)
class Clip:
    """A mixture and the stems that it was made of; a stem without a file is silent."""

    name: str
    mixture: Path
    stems: Mapping[str, Path | None]


@dataclass(frozen=True)
class Found:
    """The clips of a folder by name, and those that lack a file, with what they lack."""

    clips: tuple[Clip, ...]
    incomplete: Mapping[str, str]


def find_clips(folder: Path, names: Names = FILM_NAMES) -> Found:
    """The clips in ``folder`` and below it. A clip that lacks a stem is told apart and is none.

    Raises `DatasetError` if there is no such folder or not one whole clip in it.
    """
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}", "check the path of the test set")
    clips, incomplete = [], {}
    for place in sorted({path.parent for path in folder.rglob("*") if path.stem.lower() in MIXTURE_NAMES}):
        name = place.relative_to(folder).as_posix() if place != folder else place.resolve().name
        mixture = _file(place, MIXTURE_NAMES)
        stems = {stem: _file(place, known) for stem, known in names.items()}
        missing = [stem for stem, path in stems.items() if path is None]
        if mixture is None:  # a file called so that is no sound
            continue
        if missing:
            incomplete[name] = f"has no {', no '.join(missing)}"
        else:
            clips.append(Clip(name, mixture, stems))
    if not clips:
        known = ", ".join(" or ".join(known) for known in (MIXTURE_NAMES, *names.values()))
        raise DatasetError(f"there is no whole clip in {folder}", f"a clip is a folder with sound files called {known}")
    return Found(tuple(clips), incomplete)


def alone(clip: Clip, stems: Iterable[str]) -> list[Clip]:
    """Each of these ``stems`` of ``clip`` as a clip of its own, in which the other stems are silent."""
    return [
        Clip(f"{clip.name} {stem} alone", path, {other: path if other == stem else None for other in clip.stems})
        for stem in stems
        if (path := clip.stems[stem]) is not None
    ]


def _file(place: Path, names: tuple[str, ...]) -> Path | None:
    """The sound file in ``place`` of one of these names, letters of either case; the earliest name wins."""
    found = {
        path.stem.lower(): path
        for path in sorted(place.iterdir(), reverse=True)
        if path.suffix.lower() in SUFFIXES and path.is_file()
    }
    return next((found[name] for name in names if name in found), None)
