"""Where a remix is run that something happens to, and the promises that are looked at afterwards."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from vidsep.media import ffmpeg

EXIT_CODES = {0, 3, 4, 5, 6, 7, 129, 130, 143}  # README, "Exit codes"; 1 and 2 would be vidsep's own fault
ASKED_TO_END = (129, 143)  # by a signal: there is nothing to be told
PATIENCE_SECONDS = 300.0
FILM_SECONDS = 20
ALIKE = 0.001  # -60 dBFS


@dataclass(frozen=True)
class Film:
    """The film that is remixed: what it is, and how long a run takes that nothing happens to."""

    path: Path
    sha256: str
    picture_sha256: str


@dataclass(frozen=True)
class Found:
    """What came of one fault. ``broken`` says which promise was not kept; ``exit_code`` below zero is a signal's."""

    fault: str
    where: str
    exit_code: int
    broken: str = ""


def make_film(path: Path) -> Film:
    """A tone under a test picture, made by ffmpeg."""
    picture = ("-f", "lavfi", "-i", f"testsrc2=size=160x90:rate=25:duration={FILM_SECONDS}")
    sound = ("-f", "lavfi", "-i", f"aevalsrc=0.3*sin(440*PI*t)|0.2*sin(331*PI*t)*mod(t\\,1):s=48000:d={FILM_SECONDS}")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "flac")
    raw_ffmpeg(*picture, *sound, *codecs, path)
    return Film(path, sha256_of(path), picture_sha256_of(path))


def raw_ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg without vidsep."""
    command = [str(ffmpeg.executable()), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=PATIENCE_SECONDS)


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def picture_sha256_of(path: Path) -> str:
    """SHA-256 over the picture's packets, read without vidsep."""
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            digest.update(bytes(packet))
    return digest.hexdigest()


@dataclass(frozen=True)
class Place:
    """A folder for each kind of file that a run writes, below ``folder``."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Place":
        for name in ("out", "work", "cache"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return cls(folder)

    @property
    def output(self) -> Path:
        return self.folder / "out" / "out.mkv"

    @property
    def environment(self) -> Mapping[str, str]:
        return {"TMPDIR": str(self.folder / "work"), "VIDSEP_CACHE_DIR": str(self.folder / "cache")}

    @property
    def stage(self) -> str:
        """What a run in here is doing, as its files tell."""
        if any(self.folder.glob("out/.*")):
            return "writing"
        if any(self.folder.glob("cache/.part-*")):
            return "clearing" if any(self.folder.glob("cache/v*")) else "separating"
        return "decoding" if any(self.folder.glob("work/vidsep-*/*.f32")) else "starting"

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.glob("*/*"))

    def processes(self) -> list[int]:
        """The living processes that run in here (Linux; elsewhere none is found)."""
        mark = f"TMPDIR={self.folder / 'work'}\0".encode()
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if mark in _content(path / "environ")]

    def age(self, seconds: float) -> None:
        """Let everything in here look ``seconds`` old, as after a jump of the clock."""
        for path in [*self.folder.glob("*/*"), *self.folder.glob("*/*/*")]:
            if path.exists():
                os.utime(path, (time.time() - seconds,) * 2)

    def start(self, source: Path, *options: str) -> "subprocess.Popen[str]":
        """A remix in here; ``-o`` among the options takes the place of `output`."""
        command = [sys.executable, "-m", "vidsep", "remix", str(source), "-o", str(self.output), "--device", "cpu"]
        return subprocess.Popen(
            [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **self.environment}, cwd=self.folder,
        )  # fmt: skip


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended
        return b""


@contextmanager
def running(place: Place, source: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """A remix at work; it is gone at the end of the context."""
    with place.start(source, *options) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code and what was said, when the process has ended by itself."""
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, said


def what_is_broken(place: Place, film: Film, code: int, said: str, *, changed: bool = False) -> str:
    """Which promise was broken after a run ended with ``code``; empty if none. ``changed``: the input, by the scene."""
    wait_until = time.monotonic() + 5
    while place.processes() and time.monotonic() < wait_until:
        time.sleep(0.05)
    errors = [line for line in said.splitlines() if not line.startswith("warning: ")]
    n_errors = 0 if code in (0, *ASKED_TO_END) else 1
    if place.processes():
        return f"processes are left: {place.processes()}"
    if code >= 0 and (code not in EXIT_CODES or "Traceback" in said or len(errors) != n_errors):
        return f"exit code {code}: {said.strip()[:500]}"
    if not changed and sha256_of(film.path) != film.sha256:
        return "the input was changed"
    if code == 0 and not place.output.exists():
        return "there is no output"
    if place.output.exists() and not is_complete(place.output, film):
        return "the output is not complete"
    if code > 0 and (left := [name for name in place.files() if not name.startswith("cache/v")]):
        return f"left behind: {left}"
    return ""


def is_complete(path: Path, film: Film) -> bool:
    """Whether the file has the film's picture and length, and sound that decodes without complaint."""
    try:
        raw_ffmpeg("-xerror", "-i", path, "-map", "0:a", "-f", "null", "-")
    except subprocess.CalledProcessError:
        return False
    with av.open(str(path)) as container:
        whole = abs((container.duration or 0) / av.time_base - FILM_SECONDS) < 0.1
    return whole and picture_sha256_of(path) == film.picture_sha256


def sounds_alike(one: Path, two: Path) -> bool:
    """Whether no sample of two files differs by more than `ALIKE`: a network on several cores gives no equal bits."""
    sounds = []
    for path in (one, two):
        raw = path.with_suffix(".f32")
        raw_ffmpeg("-i", path, "-map", "0:a", "-f", "f32le", raw)
        sounds.append(np.fromfile(raw, "<f4"))
        raw.unlink()
    return len(sounds[0]) == len(sounds[1]) and bool(np.abs(sounds[0] - sounds[1]).max() < ALIKE)


def what_the_next_run_breaks(place: Place, film: Film, *options: str) -> str:
    """Which promise the next run in the same place breaks: it works, and sweeps up what the last one left."""
    place.age(60)
    place.output.unlink(missing_ok=True)
    with running(place, film.path, *options) as process:
        code, said = ended(process)
    if code:
        return f"the next run failed: {said}"
    broken = what_is_broken(place, film, code, said)
    left = [name for name in place.files() if name != "out/out.mkv" and not name.startswith("cache/v")]
    return broken or (f"the next run left {left}" if left else "")
