"""Reads files without vidsep, to judge what vidsep wrote."""

import hashlib
import subprocess
from pathlib import Path

import av
import numpy as np

from vidsep.audio import FloatArray
from vidsep.media import ffmpeg


def packets_sha256(path: Path, kind: str = "video", place: int = 0) -> str:
    """SHA-256 over the payloads of a stream's packets; ``place`` counts the streams of a kind from 0."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        stream = [one for one in container.streams if one.type == kind][place]
        for packet in container.demux(stream):
            digest.update(bytes(packet))
    return digest.hexdigest()


def decoded(path: Path, track: int = 1) -> FloatArray:
    """What ffmpeg's command line makes of an audio track, counted from 1; shape ``(n_samples, n_channels)``."""
    with av.open(str(path)) as container:
        n_channels = container.streams.audio[track - 1].codec_context.layout.nb_channels
    command = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-xerror", "-i", str(path.absolute())]
    command += ["-map", f"0:a:{track - 1}", "-f", "f32le", "-c:a", "pcm_f32le", "-"]
    raw = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, n_channels)


def tags(path: Path, kind: str = "audio") -> list[dict[str, str]]:
    """The tags of each stream of a kind."""
    with av.open(str(path)) as container:
        return [dict(stream.metadata) for stream in container.streams if stream.type == kind]


def files_below(folder: Path) -> set[str]:
    """Everything in a folder and the folders in it, hidden files too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def level_db(samples: FloatArray) -> float:
    """RMS below full scale."""
    return float(10 * np.log10(max(1e-20, float(np.mean(samples.astype(np.float64) ** 2)))))
