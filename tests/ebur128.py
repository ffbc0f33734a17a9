"""What ffmpeg's ``ebur128`` filter measures: the judge from outside."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import soundfile

from vidsep.audio import FloatArray
from vidsep.media import ffmpeg


@dataclass(frozen=True)
class Ebur128:
    integrated_lufs: float
    lra_lu: float
    true_peak_dbtp: float


def ebur128(sound: FloatArray, sample_rate: int, folder: Path) -> Ebur128:
    """ffmpeg's reading of ``sound``, rounded to 0.1 as it prints it."""
    path = folder / "judged.wav"
    soundfile.write(path, sound, sample_rate, subtype="FLOAT")
    command = [str(ffmpeg.executable()), "-nostdin", "-hide_banner", "-i", str(path)]
    command += ["-af", "ebur128=peak=true", "-f", "null", "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stderr
    summary = text[text.rindex("Summary:") :]
    return Ebur128(*(float(re.findall(rf"\b{name}:\s+(\S+) ", summary)[0]) for name in ("I", "LRA", "Peak")))
