"""One song: its true stems beside those of a network, scored by museval second by second (BSS Eval version 4).

A network of two stems is scored on vocals and accompaniment, which is the sum of drums, bass and others. A piano counts
to the others, as MUSDB does not tell it apart. Two stems, or four, of a whole song are in memory at a time.
"""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from vidsep.audio import Audio, FloatArray, Stems
from vidsep.errors import DatasetError, ModelError
from vidsep.evaluation.clips import Clip
from vidsep.evaluation.scoring import Separating
from vidsep.evaluation.sound_files import FileSamples, opened
from vidsep.progress import Advance, ignore

METRICS = ("SDR", "ISR", "SIR", "SAR")  # in museval's order
WINDOW_SECONDS = 1.0
JOINED = {"piano": "other"}  # stems that MUSDB does not tell apart, and where it has them
VOCALS, ACCOMPANIMENT = "vocals", "accompaniment"

SongScores: TypeAlias = Mapping[str, Mapping[str, float]]
"""By stem, then by metric: the median of the seconds in dB, NaN where none could be scored."""

Metric = Callable[..., Any]


def score_song(song: Clip, separator: Separating, metric: Metric, advance: Advance = ignore) -> SongScores:
    """Separate ``song`` and score its stems with ``metric``, `museval_metric`'s.

    Raises `DatasetError` if the song cannot be read or has a stem without any sound, `ModelError` if the network's
    stems are not those of songs.
    """
    with opened([song.mixture, *filter(None, song.stems.values())]) as files:
        mixture = files[song.mixture]
        stems = _joined(separator.stream(Audio(mixture, mixture.sample_rate), advance))
        truth = _truth(song, files, stems.keys())
        window = round(WINDOW_SECONDS * mixture.sample_rate)
    names = list(truth)
    true, made = (np.stack([sounds[name] for name in names]).astype(np.float64) for sounds in (truth, stems))
    try:
        results = metric(true, made, window=window, hop=window, compute_permutation=False)
    except ValueError as error:  # a stem that is silent throughout
        raise DatasetError(f"{song.name} cannot be scored: {error}", "take it out of the folder") from error
    return {
        name: {label: _median(values[i]) for label, values in zip(METRICS, results, strict=False)}
        for i, name in enumerate(names)
    }


@cache
def museval_metric() -> Metric:
    """``museval.metrics.bss_eval``. Raises `DatasetError` if museval is not installed.

    It is loaded by its file: the package around it imports a reader of MP4 stems that insists on an ffprobe.
    """
    package = importlib.util.find_spec("museval")
    if package is None or package.origin is None:
        raise DatasetError("songs are scored by museval, which is missing", 'pip install "vidsep[evaluate]"')
    spec = importlib.util.spec_from_file_location(
        "vidsep_museval_metrics", Path(package.origin).with_name("metrics.py")
    )
    assert spec is not None and spec.loader is not None  # noqa: S101 - a path that ends in .py has both
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    metric: Metric = module.bss_eval
    return metric


def _joined(blocks: Any) -> dict[str, FloatArray]:
    """The network's stems of the whole song by MUSDB's names."""
    parts: dict[str, list[FloatArray]] = {}
    for block in blocks:
        for name, sound in _named(block).items():
            parts.setdefault(name, []).append(sound)
    return {name: np.concatenate(sounds) for name, sounds in parts.items()}


def _named(block: Stems) -> dict[str, FloatArray]:
    if VOCALS not in block:
        raise ModelError(
            f"songs have vocals and instruments, this network makes {', '.join(block)}",
            "score it on a folder of clips, without --musdb",
        )
    named: dict[str, FloatArray] = {}
    for name, sound in block.items():
        stem = JOINED.get(name, name)
        named[stem] = named[stem] + sound if stem in named else sound
    return named


def _truth(song: Clip, files: Mapping[Path, FileSamples], names: Any) -> dict[str, FloatArray]:
    """The true stems that a network of stems called ``names`` is scored on."""
    true = {stem: files[path][:] for stem, path in song.stems.items() if path}
    if ACCOMPANIMENT in names:
        rest = [sound for stem, sound in true.items() if stem != VOCALS]
        true = {VOCALS: true[VOCALS], ACCOMPANIMENT: np.sum(rest, axis=0)}
    if missing := true.keys() - names:
        raise ModelError(f"this network makes no {sorted(missing)[0]}", "choose one of two, four or five stems")
    return true


def _median(values: Any) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")
