"""Which of a file's audio tracks are meant: by number, by language, all of them, or the one that players choose."""

from collections.abc import Sequence
from typing import TypeAlias

from vidsep.errors import MediaError
from vidsep.media.info import AudioStream, MediaInfo
from vidsep.media.languages import same_language

TrackChoice: TypeAlias = int | str | Sequence[int | str] | None
"""The number of an audio track, ``all``, ``lang:`` and a code of ISO 639 such as ``lang:eng``, or several of these."""


def chosen_tracks(info: MediaInfo, choice: TrackChoice = None) -> tuple[AudioStream, ...]:
    """The chosen tracks, each once, in the file's order; the default track if none is chosen.

    Raises `MediaError` when there is none of that number or language, or it is nothing that can be decoded.
    """
    if choice is None or choice == ():
        defaults = [number for number, stream in enumerate(info.audio, start=1) if stream.is_default]
        return (info.audio_stream(defaults[0] if defaults else 1),)
    choices = (choice,) if isinstance(choice, int | str) else choice
    numbers = {number for one in choices for number in _numbers(info, one)}
    return tuple(info.audio_stream(number) for number in sorted(numbers))


def chosen_track(info: MediaInfo, choice: int | str | None = None) -> AudioStream:
    """One track; the first of those in a language. Raises `MediaError` as `chosen_tracks` does."""
    return chosen_tracks(info, choice)[0]


def _numbers(info: MediaInfo, choice: int | str) -> Sequence[int]:
    """The numbers of the tracks that one word chooses; that of a track that is not there is for others to refuse."""
    if isinstance(choice, int):
        return (choice,)
    if choice == "all":
        return range(1, max(1, len(info.audio)) + 1)
    kind, _, language = choice.partition(":")
    if kind != "lang" or not language:
        raise MediaError(f"{choice!r} chooses no audio track", "name a number, all, or a language as in lang:eng")
    found = [n for n, stream in enumerate(info.audio, start=1) if same_language(stream.language, language)]
    if not found and info.audio:
        there = ", ".join(dict.fromkeys(stream.language for stream in info.audio))
        raise MediaError(f"{info.path.name} has no audio track in the language {language}", f"it has {there}")
    return found or (1,)
