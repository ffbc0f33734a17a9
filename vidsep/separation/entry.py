"""One entry of the stem cache: a folder with the dialogue and the music of a soundtrack.

Two 24-bit FLAC files and ``entry.json``, which is written last and holds what they must be: sizes, SHA-256, the factor
that they were scaled by. Effects are not kept: they are what dialogue and music leave of the soundtrack, which
whoever opens the entry has at hand, so that the stems sum to it exactly.
"""

import hashlib
import json
import math
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from vidsep.audio import Audio, FloatArray, Stems

KEPT = ("dialogue", "music")
HEADER = "entry.json"
HEADROOM = 4.0  # stems may peak so much above the soundtrack, 12 dB, before they are clipped
FLAC_MAX_CHANNELS, FLAC_MAX_RATE = 8, 655350  # RFC 9639; what is beyond goes to RF64 WAVE


class CachedStems:
    """`vidsep.audio.StemSource` of an entry and the soundtrack it was made of. May be read from several threads."""

    def __init__(self, folder: Path, header: dict[str, Any], mix: Audio) -> None:
        self.folder, self.shape = folder, mix.samples.shape
        self._mix, self._gain = mix.samples, np.float32(1 / header["scale"])
        self._files = [soundfile.SoundFile(folder / name) for name in header["files"]]
        self._lock = threading.Lock()

    def __getitem__(self, key: slice, /) -> Stems:
        start, stop, step = key.indices(self.shape[0])
        if step != 1:
            raise ValueError("stems are read forwards and without gaps")
        with self._lock:
            dialogue, music = (self._read(file, start, max(start, stop)) for file in self._files)
        return Stems(dialogue, music, self._mix[start : max(start, stop)] - dialogue - music)

    def _read(self, file: Any, start: int, stop: int) -> FloatArray:
        if file.tell() != start:
            file.seek(start)
        samples: FloatArray = file.read(stop - start, dtype="float32", always_2d=True)
        return samples * self._gain

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            file.close()


def write_entry(folder: Path, mix: Audio, stems: Iterable[Stems]) -> None:
    """Write ``stems``, blocks that are together all of ``mix``, into the empty ``folder``.

    Raises OSError or `soundfile.SoundFileError` when the disk is full, ValueError if the stems are too short or long.
    """
    scale = _scale(mix)
    suffix, form = _format_of(mix)
    names = [f"{name}.{suffix}" for name in KEPT]
    options = {"samplerate": mix.sample_rate, "channels": mix.n_channels, "format": form, "subtype": "PCM_24"}
    dialogue, music = (soundfile.SoundFile(folder / name, "w", **options) for name in names)
    n_samples = 0
    with dialogue, music:
        for block in stems:
            dialogue.write(block.dialogue * scale)
            music.write(block.music * scale)
            n_samples += len(block.music)
    if n_samples != mix.n_samples:
        raise ValueError(f"the stems have {n_samples} samples, the soundtrack {mix.n_samples}")
    header = {"shape": list(mix.samples.shape), "sample_rate": mix.sample_rate, "layout": mix.layout, "scale": scale}
    header["files"] = {name: _sha256(folder / name) for name in names}
    (folder / HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")


def open_entry(folder: Path, mix: Audio) -> CachedStems | None:
    """The stems of ``mix`` kept in ``folder``; None if the entry is missing, damaged or of another sound."""
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        if header["shape"] != list(mix.samples.shape) or header["sample_rate"] != mix.sample_rate:
            return None
        if any(_sha256(folder / name) != sha256 for name, sha256 in header["files"].items()):
            return None
        return CachedStems(folder, header, mix)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, soundfile.SoundFileError):
        return None


def length_seconds(folder: Path) -> float:
    """How long the sound of the entry in ``folder`` is; NaN if the entry does not tell."""
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        return float(header["shape"][0] / header["sample_rate"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, ZeroDivisionError):
        return math.nan


def _scale(mix: Audio) -> float:
    """The power of two that lets the stems use the 24 bits, with headroom; multiplying by it loses nothing."""
    peak = max((float(np.abs(block).max(initial=0)) for block in mix.blocks()), default=0.0)
    return 2.0 ** -math.ceil(math.log2(max(peak, 1e-6) * HEADROOM))


def _format_of(mix: Audio) -> tuple[str, str]:
    fits = 0 < mix.n_channels <= FLAC_MAX_CHANNELS and mix.sample_rate <= FLAC_MAX_RATE and mix.n_samples > 0
    return ("flac", "FLAC") if fits else ("wav", "RF64")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
