"""One entry of the stem cache: a folder with the stems of a soundtrack that the others follow from.

24-bit FLAC files and ``entry.json``, which is written last and holds what they must be: sizes, SHA-256, the factor
that they were scaled by. Mostly there are two: effects are what dialogue and music leave of the soundtrack, which
whoever opens the entry has at hand, so that the stems sum to it exactly.
"""

import hashlib
import json
import math
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from vidsep.audio import Audio, FloatArray, Stems
from vidsep.hashing import sha256_of
from vidsep.separation.assembly import ENOUGH, assembled

HEADER = "entry.json"
OWN_SHA256 = "sha256"  # of the header without it
# What reading a header may raise that is not the one that was written; RecursionError is a RuntimeError.
DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
HEADROOM = 4.0  # stems may peak so much above the soundtrack, 12 dB, before they are clipped
FLAC_MAX_CHANNELS, FLAC_MAX_RATE = 8, 655350  # RFC 9639; what is beyond goes to RF64 WAVE


class CachedStems:
    """`vidsep.audio.StemSource` of an entry and the soundtrack it was made of. May be read from several threads."""

    def __init__(self, folder: Path, header: dict[str, Any], mix: Audio) -> None:
        self.folder, self.shape = folder, mix.samples.shape
        self._mix, self._gain = mix.samples, np.float32(1 / header["scale"])
        self._files = {Path(name).stem: soundfile.SoundFile(folder / name) for name in header["files"]}
        self._lock = threading.Lock()

    def __getitem__(self, key: slice, /) -> Stems:
        start, stop, step = key.indices(self.shape[0])
        if step != 1:
            raise ValueError("stems are read forwards and without gaps")
        with self._lock:
            kept = {name: self._read(file, start, max(start, stop)) for name, file in self._files.items()}
        return assembled(kept, self._mix[start : max(start, stop)])

    def _read(self, file: Any, start: int, stop: int) -> FloatArray:
        if file.tell() != start:
            file.seek(start)
        samples: FloatArray = file.read(stop - start, dtype="float32", always_2d=True)
        return samples * self._gain

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()


def write_entry(folder: Path, mix: Audio, stems: Iterable[Stems], kept: Sequence[str] = ENOUGH) -> None:
    """Write ``stems``, blocks that are together all of ``mix``, into the empty ``folder``: those that are ``kept``.

    Raises OSError or `soundfile.SoundFileError` when the disk is full, ValueError if the stems are too short or long.
    """
    scale = _scale(mix)
    suffix, form = _format_of(mix)
    names = [f"{name}.{suffix}" for name in kept]
    options = {"samplerate": mix.sample_rate, "channels": mix.n_channels, "format": form, "subtype": "PCM_24"}
    n_samples = 0
    with ExitStack() as stack:
        files = [stack.enter_context(soundfile.SoundFile(folder / name, "w", **options)) for name in names]
        for block in stems:
            for name, file in zip(kept, files, strict=True):
                file.write(block[name] * scale)
            n_samples += len(block.music)
    if n_samples != mix.n_samples:
        raise ValueError(f"the stems have {n_samples} samples, the soundtrack {mix.n_samples}")
    header = {"shape": list(mix.samples.shape), "sample_rate": mix.sample_rate, "layout": mix.layout, "scale": scale}
    header["files"] = {name: sha256_of(folder / name) for name in names}
    header[OWN_SHA256] = _header_sha256(header)
    (folder / HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")


def open_entry(folder: Path, mix: Audio) -> CachedStems | None:
    """The stems of ``mix`` kept in ``folder``; None if the entry is missing, damaged or of another sound."""
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        if header.pop(OWN_SHA256) != _header_sha256(header):
            return None
        if header["shape"] != list(mix.samples.shape) or header["sample_rate"] != mix.sample_rate:
            return None
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(sha256_of, [folder / name for name in header["files"]]))
        if found != list(header["files"].values()):
            return None
        return CachedStems(folder, header, mix)
    except (*DAMAGE, soundfile.SoundFileError):
        return None


def length_seconds(folder: Path) -> float:
    """How long the sound of the entry in ``folder`` is; NaN if the entry does not tell."""
    try:
        header = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        return float(header["shape"][0] / header["sample_rate"])
    except DAMAGE:
        return math.nan


def _scale(mix: Audio) -> float:
    """The power of two that lets the stems use the 24 bits, with headroom; multiplying by it loses nothing."""
    peak = max((float(np.abs(block).max(initial=0)) for block in mix.blocks()), default=0.0)
    return 2.0 ** -math.ceil(math.log2(max(peak, 1e-6) * HEADROOM))


def _format_of(mix: Audio) -> tuple[str, str]:
    fits = 0 < mix.n_channels <= FLAC_MAX_CHANNELS and mix.sample_rate <= FLAC_MAX_RATE and mix.n_samples > 0
    return ("flac", "FLAC") if fits else ("wav", "RF64")


def _header_sha256(header: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(header, sort_keys=True).encode()).hexdigest()
