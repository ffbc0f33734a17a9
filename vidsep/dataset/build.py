"""Render a test set into a folder: the clips in Divide and Remaster's layout, and what they were made of.

    OUT/manifest.json       recipe, seed, sources with licences, hash of the set
    OUT/0000/mix.wav        the mixture, and speech.wav, music.wav and sfx.wav, which sum to it
    OUT/0000/annots.csv     which recording sounds when, in DnR's columns

The numbers of clip ``n`` depend on the seed and on ``n`` alone: a longer set begins with the shorter one.
"""

import hashlib
import logging
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from vidsep.audio import FloatArray
from vidsep.corpora import Recording, held_aside, load, read_corpus
from vidsep.dataset.manifest import Built, write_annotations, write_manifest
from vidsep.dataset.options import BuildOptions
from vidsep.dataset.recipes import BACKGROUND, FOREGROUND, MUSIC, SPEECH, find_recipe
from vidsep.dataset.rendering import Rendered, Renderer
from vidsep.errors import DatasetError, OutputError
from vidsep.progress import Progress, Silent

logger = logging.getLogger(__name__)

AMBIENCE_SECONDS = 20.0  # recordings that last so long can lie in the background
KEPT_RECORDINGS = 12  # decoded and in memory at once


@dataclass(frozen=True)
class Corpora:
    """The folders of recordings. Without ``background``, it is those of ``effects`` that last 20 s or longer."""

    speech: Path
    music: Path
    effects: Path
    background: Path | None = None


def build_set(
    folder: Path, corpora: Corpora, options: BuildOptions | None = None, progress: Progress | None = None
) -> Built:
    """Render a set of clips from ``corpora`` (see `vidsep.corpora`) into ``folder``, which appears when it is complete.

    Raises `DatasetError` if the corpora do not suffice, `OutputError` if the folder exists or cannot be written.
    """
    options = options or BuildOptions()
    recipe = find_recipe(options.recipe)
    pools = _pools(corpora, options)
    rate = options.sample_rate or recipe.sample_rate
    sounds = lru_cache(maxsize=KEPT_RECORDINGS)(lambda recording: _sound(recording, rate, options.n_channels))
    renderer = Renderer(recipe, pools, sounds, options.seconds, rate, options.n_channels, options.absent)
    with _unfinished(folder) as draft:
        hashes = dict(_rendered(draft, renderer, options, progress or Silent()))
        built = Built(folder, options.clips, options.seconds, _hash_of(hashes))
        write_manifest(draft, built, recipe, vars(options) | {"sample_rate": rate}, hashes, pools)
    return built


def _pools(corpora: Corpora, options: BuildOptions) -> dict[str, list[Recording]]:
    pools = {
        SPEECH: _pool(corpora.speech, options),
        MUSIC: _pool(corpora.music, options),
        FOREGROUND: _pool(corpora.effects, options),
        BACKGROUND: _pool(corpora.background or corpora.effects, options),
    }
    if corpora.background is None:
        lasting = [recording for recording in pools[BACKGROUND] if recording.seconds >= AMBIENCE_SECONDS]
        pools[BACKGROUND] = lasting or pools[BACKGROUND]
    return pools


def _pool(folder: Path, options: BuildOptions) -> list[Recording]:
    recordings = read_corpus(folder)
    if options.split == "all":
        return recordings
    kept, aside = held_aside(recordings, options.share, options.split_seed)
    return aside if options.split == "held-aside" else kept


def _sound(recording: Recording, sample_rate: int, n_channels: int) -> FloatArray:
    """The recording's sound, or none at all, with a warning, if it cannot be read."""
    try:
        return load(recording, sample_rate, n_channels)
    except DatasetError as error:
        logger.warning("left out: %s", error.message)
        return np.zeros((0, n_channels), np.float32)


def _rendered(draft: Path, renderer: Renderer, options: BuildOptions, progress: Progress) -> Iterator[tuple[str, str]]:
    """Write the clips; the name and the hash of each."""
    digits = max(4, len(str(options.clips - 1)))
    with progress.stage("rendering", options.clips * options.seconds) as advance:
        for number in range(options.clips):
            rendered = renderer.clip(np.random.default_rng([options.seed, number]))
            place = draft / f"{number:0{digits}}"
            place.mkdir()
            for name, sound in _files(rendered).items():
                write_sound(place / f"{name}.{options.file_format}", sound, renderer.sample_rate)
            write_annotations(place / "annots.csv", rendered.events)
            yield place.name, _hash(rendered)
            advance(options.seconds)


def write_sound(path: Path, sound: FloatArray, sample_rate: int) -> None:
    """Write sound that holds whole steps of 24 bits, below full scale, without changing one; no date goes with it."""
    # As whole numbers: libsndfile takes 2**23 - 1 for full scale when it is given fractions, and loud samples are off
    soundfile.write(path, _steps(sound) << 8, sample_rate, subtype="PCM_24")


def _steps(sound: FloatArray) -> npt.NDArray[np.int32]:
    return np.rint(sound.astype(np.float64) * 2**23).astype(np.int32)


def _files(rendered: Rendered) -> dict[str, FloatArray]:
    return {"mix": rendered.mixture, **rendered.stems}


def _hash(rendered: Rendered) -> str:
    """SHA-256 of the samples as 32-bit whole numbers: the same for every file format."""
    digest = hashlib.sha256()
    for name, sound in sorted(_files(rendered).items()):
        digest.update(name.encode())
        digest.update(_steps(sound).astype("<i4").tobytes())
    return digest.hexdigest()


def _hash_of(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256("\n".join(f"{name} {value}" for name, value in hashes.items()).encode()).hexdigest()


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that becomes it at the end, or is gone."""
    draft = folder.parent / f".{folder.name}.part-{uuid.uuid4().hex[:8]}"
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} exists", "choose another name or remove it")
        draft.mkdir(parents=True)
        yield draft
        if folder.is_dir():
            folder.rmdir()
        draft.rename(folder)
    except (OSError, soundfile.SoundFileError) as error:
        raise OutputError(
            f"the set {folder} cannot be written: {error}", "free some space or choose another place"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
