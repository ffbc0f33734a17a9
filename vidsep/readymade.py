"""Stems made elsewhere: a folder with sound files of any tool takes the place of the network.

Files are known by a word of their names: ``dialogue``, ``speech`` or ``vocals``; ``music`` or ``accompaniment``;
``effects`` or ``sfx``... One stem may be missing: it is what the others leave of the sound. Rates, formats and
channels are whatever they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidsep.audio import STEM_NAMES, Audio, FloatArray, Samples, Stems, gain_to_db
from vidsep.errors import MediaError
from vidsep.media.demux import load_music
from vidsep.media.probe import probe
from vidsep.progress import Progress

WORDS = {
    "dialogue": ("dialogue", "dialog", "speech", "voice", "vocals", "vocal"),
    "music": ("music", "accompaniment", "instrumental", "no_vocals"),
    "effects": ("effects", "effect", "sfx", "fx"),
}
SONG_PARTS = ("drums", "bass", "piano", "guitar", "other")  # together the music, where there is no file of all of it
SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".w64", ".rf64", ".mka")
MOST_DIFFERENCE_SECONDS = 0.5  # encoders pad their files by less
FAINT_DB = -50.0  # what stems may leave of the sound, or add to it, before that is told
STEP = "name the files after the stems, as in dialogue.wav, music.wav and effects.wav"


@dataclass(frozen=True)
class StemFiles:
    """The files of each stem; those of one stem are added."""

    folder: Path
    files: Mapping[str, tuple[Path, ...]]


def find_stem_files(folder: Path) -> StemFiles:
    """The stems in ``folder``. Raises `MediaError` if two are missing or it is not clear which file is which."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    except OSError as error:
        raise MediaError(f"the folder of stems {folder} cannot be read: {error.strerror}", "check its path") from error
    files = {name: _only(name, [path for path in paths if _is_of(path, WORDS[name])], folder) for name in STEM_NAMES}
    parts = [path for path in paths if _is_of(path, SONG_PARTS)]
    files["music"] = files["music"] or tuple(parts)
    missing = [name for name in STEM_NAMES if not files[name]]
    if len(missing) > 1:
        raise MediaError(f"the folder {folder} holds no file of the {' and none of the '.join(missing)}", STEP)
    return StemFiles(folder, {name: several for name, several in files.items() if several})


def load_stems(
    found: StemFiles, sound: Audio, work_folder: Path, progress: Progress
) -> tuple["ReadyStems", tuple[str, ...]]:
    """The stems of ``sound`` at its rate and channels, decoded into ``work_folder``, and warnings.

    Raises `MediaError` if a file cannot be decoded or has another length than the sound.
    """
    parts: dict[str, list[Samples]] = {}
    total = sound.seconds * sum(map(len, found.files.values()))
    with progress.stage("stems", total) as advance:
        for name, paths in found.files.items():
            for path in paths:
                part = load_music(path, sound.sample_rate, _n_channels(path, sound), work_folder, advance)
                _check_length(part, sound, path)
                parts.setdefault(name, []).append(part.samples)
    stems = ReadyStems(sound.samples, parts)
    return stems, _warnings(stems, sound, found)


class ReadyStems:
    """`vidsep.audio.StemSource` of stems that were made elsewhere; a stem without parts is what the others leave."""

    def __init__(self, mix: Samples, parts: Mapping[str, Sequence[Samples]]) -> None:
        self.shape = mix.shape
        self._mix, self._parts = mix, parts

    def __getitem__(self, key: slice, /) -> Stems:
        start, stop, step = key.indices(self.shape[0])
        if step != 1:
            raise ValueError("stems are read forwards and without gaps")
        stop = max(start, stop)
        made = {name: self._sum(parts, start, stop) for name, parts in self._parts.items()}
        missing = set(STEM_NAMES) - made.keys()
        rest = self._mix[start:stop] - sum(made.values()) if missing else None
        dialogue, music, effects = (made.get(name, rest) for name in STEM_NAMES)
        assert dialogue is not None and music is not None and effects is not None  # noqa: S101 - one is missing at most
        return Stems(dialogue, music, effects)

    def _sum(self, parts: Sequence[Samples], start: int, stop: int) -> FloatArray:
        total = np.zeros((stop - start, self.shape[1]), np.float32)
        for part in parts:
            block = part[start:stop]
            total[: len(block)] += block
        return total


def _is_of(path: Path, words: Sequence[str]) -> bool:
    """Whether one of ``words`` stands in the file's name, as in ``clip_(Vocals)_v3.wav``."""
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower())
    if re.search(r"(^|_)no_vocals(_|$)", name):
        return "no_vocals" in words
    return any(re.search(rf"(^|_){word}(_|$)", name) for word in words)


def _only(name: str, paths: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        raise MediaError(f"{names} in {folder} could each be the {name}", "leave one of them in the folder")
    return tuple(paths)


def _n_channels(path: Path, sound: Audio) -> int:
    """How many channels to read: a mono stem of stereo sound is the same in both, where ffmpeg would take 3 dB off."""
    is_mono = probe(path).audio_stream().n_channels == 1
    return 1 if is_mono and sound.n_channels == 2 else sound.n_channels


def _check_length(part: Audio, sound: Audio, path: Path) -> None:
    if abs(part.seconds - sound.seconds) > MOST_DIFFERENCE_SECONDS:
        raise MediaError(
            f"the stem {path.name} lasts {part.seconds:.2f} s, the soundtrack {sound.seconds:.2f} s",
            "give stems of this soundtrack, of all of it",
        )


def _warnings(stems: ReadyStems, sound: Audio, found: StemFiles) -> tuple[str, ...]:
    """What the stems lack of the sound, if they are all there and it can be heard."""
    if len(found.files) < len(STEM_NAMES):
        return ()
    power = rest = 0.0
    step = round(sound.sample_rate)
    for start in range(0, sound.n_samples, step):
        mix = sound.samples[start : start + step].astype(np.float64)
        power += float(np.square(mix).sum())
        rest += float(np.square(mix - stems[start : start + step].mix()).sum())
    level_db = gain_to_db((rest / power) ** 0.5) if power else 0.0
    if rest <= 0 or level_db < FAINT_DB:
        return ()
    return (f"the stems in {found.folder} do not add up to the soundtrack: the difference is at {level_db:.0f} dB",)
