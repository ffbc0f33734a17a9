"""Names of stem files from a pattern such as ``{filename}/{stem}.{codec}``."""

import string
from collections.abc import Sequence
from pathlib import Path, PurePath

from vidsep.errors import OutputError

FIELDS = ("filename", "foldername", "stem", "instrument", "codec")


def stem_paths(pattern: str, folder: Path, source: Path, stems: Sequence[str], codec: str) -> dict[str, Path]:
    """The file of each stem: ``folder`` with the filled-in ``pattern``.

    ``{filename}`` is the name of ``source`` without its suffix, ``{foldername}`` that of its folder, ``{stem}`` or
    ``{instrument}`` the stem, ``{codec}`` the suffix. Raises `OutputError` for unknown fields, for a pattern that gives
    two stems one name, and for one that leads out of ``folder``.

    >>> stem_paths("{filename}_{stem}.{codec}", Path("out"), Path("a/clip.mp4"), ["music"], "wav")["music"].as_posix()
    'out/clip_music.wav'
    """
    _check(pattern)
    values = {"filename": source.stem, "foldername": source.absolute().parent.name, "codec": codec}
    paths = {stem: folder / pattern.format(**values, stem=stem, instrument=stem) for stem in stems}
    if len(set(paths.values())) < len(paths):
        raise OutputError(f"the pattern {pattern!r} gives several stems one name", "put {stem} into it")
    return paths


def check_sources(pattern: str, sources: Sequence[Path]) -> None:
    """Raise `OutputError` when the stems of two of ``sources`` would get the same names."""
    named: dict[Path, Path] = {}
    for source in sources:
        (name,) = stem_paths(pattern, Path(), source, ["music"], "wav").values()
        first = named.setdefault(name, source)
        if first is not source:
            step = "put {foldername} into the pattern, or separate them into two folders"
            raise OutputError(f"the stems of {first} and {source} would get the same names", step)


def _check(pattern: str) -> None:
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
    except ValueError as error:
        raise OutputError(f"the pattern {pattern!r} cannot be read: {error}", "write fields as {stem}") from error
    for name in fields:
        if name not in FIELDS:
            raise OutputError(f"the pattern {pattern!r} has no field {{{name}}}", f"fields are {', '.join(FIELDS)}")
    path = PurePath(pattern)
    if path.is_absolute() or ".." in path.parts or not pattern.strip() or pattern.endswith(("/", "\\")):
        raise OutputError(f"the pattern {pattern!r} leads out of the folder", "keep it below the folder given with -o")
