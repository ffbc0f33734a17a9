"""Interrupted runs: the input untouched, no half file under the output's name, nothing left behind, no ffmpeg alive."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from clips import Clips
from reading import files_below

import vidsep
from vidsep.errors import INTERRUPTED_EXIT_CODE, MediaError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends the signals of POSIX")

PATIENCE_SECONDS = 90.0
LOOK_SECONDS = 0.005
EXIT_CODES = {"SIGINT": INTERRUPTED_EXIT_CODE, "SIGTERM": 128 + 15, "SIGHUP": 128 + 1, "SIGKILL": -9}
SAID = "vidsep: error: interrupted; nothing was left behind; run it again to start over\n"
SCENES = [(stage, "neutral", name) for stage in ("decoding", "writing") for name in EXIT_CODES]
SCENES += [("separating", "strip-music", name) for name in ("SIGINT", "SIGKILL")] + [
    ("loading", "strip-music", "SIGTERM")
]


@dataclass(frozen=True)
class Place:
    """A folder for each kind of file that a run writes."""

    out: Path
    work: Path
    cache: Path

    @property
    def output(self) -> Path:
        return self.out / "out.mkv"

    def is_decoding(self) -> bool:
        return any(size(path) > 0 for path in self.work.glob("vidsep-*/*.f32"))

    def is_loading(self) -> bool:
        return any(self.cache.glob(".part-*"))

    def is_separating(self) -> bool:
        return any(size(path) > 10_000 for path in self.cache.glob(".part-*/*.flac"))

    def is_writing(self) -> bool:
        return any(size(path) > 10_000 for path in self.out.glob(".*"))

    def processes(self) -> list[int]:
        """The living processes that were started with this place as their environment, where the system tells."""
        mark = f"TMPDIR={self.work}\0".encode()
        return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if mark in content(folder / "environ")]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folders = [tmp_path / name for name in ("out", "work", "cache")]
    for folder in folders:
        folder.mkdir()
    return Place(*folders)


@pytest.fixture(scope="module", autouse=True)
def signals_end_processes() -> Iterator[None]:
    """Under nohup SIGHUP is ignored, and so it would be by the runs that are started here."""
    names = [name for name in EXIT_CODES if name != "SIGKILL"]
    before = {name: signal.getsignal(signal.Signals[name]) for name in names}
    for name in names:
        signal.signal(signal.Signals[name], signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
    yield
    for name, handler in before.items():
        signal.signal(signal.Signals[name], handler)


@pytest.fixture(scope="module")
def film_sha256(clips: Clips) -> str:
    return hashlib.sha256(clips.long.read_bytes()).hexdigest()


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone since it was listed
        return 0


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process has ended
        return b""


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(LOOK_SECONDS)


def started(clips: Clips, place: Place, *options: str) -> "subprocess.Popen[str]":
    """``vidsep remix`` of the long film, which encodes its sound to AAC."""
    command = [sys.executable, "-m", "vidsep", "remix", str(clips.long), "-o", str(place.output), *options]
    command += ["--set", "output.codec=aac", "--device", "cpu"]
    folders = {"TMPDIR": str(place.work), "VIDSEP_CACHE_DIR": str(place.cache)}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}  # as where nobody has set it; JAX, which other tests import, sets it to 1
    env = {**os.environ, **folders, **quiet}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def stopped(
    process: "subprocess.Popen[str]", reached: Callable[[], bool], stop: Callable[[], None]
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the process, after ``stop`` was called when ``reached`` became true."""
    with process:
        try:
            wait_for(lambda: reached() or process.poll() is not None, "the stage was not reached")
            stop()
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()
    return process.returncode, out, err


def check_nothing_is_left(place: Place) -> None:
    for folder in (place.out, place.work, place.cache):
        assert files_below(folder) == set(), folder


@pytest.mark.parametrize(("stage", "preset", "name"), SCENES)
@pytest.mark.usefixtures("one_network")
def test_a_run_that_is_stopped_leaves_nothing_behind(
    clips: Clips, place: Place, film_sha256: str, monkeypatch: pytest.MonkeyPatch,
    stage: str, preset: str, name: str,
) -> None:  # fmt: skip
    process = started(clips, place, "-p", preset)
    reached = getattr(place, f"is_{stage}")
    code, out, err = stopped(process, reached, lambda: process.send_signal(getattr(signal, name)))
    assert (code, out, err) == (EXIT_CODES[name], "", SAID if name == "SIGINT" else "")
    wait_for(lambda: not place.processes(), "an ffmpeg goes on")
    assert hashlib.sha256(clips.long.read_bytes()).hexdigest() == film_sha256
    assert not place.output.exists()
    assert not list(place.cache.glob("v*"))  # no entry that a later run would take for whole
    if name != "SIGKILL":
        check_nothing_is_left(place)
    monkeypatch.setenv("VIDSEP_CACHE_DIR", str(place.cache))
    assert vidsep.remix(clips.blip, place.output, preset=preset).output.exists()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds ffmpeg in /proc")
@pytest.mark.parametrize("stage", ["decoding", "writing"])
def test_a_killed_ffmpeg_is_an_error_in_one_line(clips: Clips, place: Place, stage: str) -> None:
    process = started(clips, place)

    def kill_ffmpeg() -> None:
        for number in place.processes():
            if number != process.pid:
                os.kill(number, signal.SIGKILL)

    code, _, err = stopped(process, getattr(place, f"is_{stage}"), kill_ffmpeg)
    assert code == MediaError.exit_code, err
    assert err.startswith("vidsep: error: ") and err.count("\n") == 1
    check_nothing_is_left(place)
