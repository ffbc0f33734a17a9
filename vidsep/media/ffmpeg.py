"""Running ffmpeg: the only file of vidsep that starts a process.

Commands are composed with ffmpeg-python and executed here: as an argument list (no shell), with stderr drained by a
thread, the exit code checked, and the process killed when it stalls or when the caller stops for whatever reason.
"""

import errno
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

import ffmpeg as composer
import numpy as np

from vidsep.audio import FloatArray
from vidsep.errors import MediaError, OutputError, VidsepError
from vidsep.media.leash import leash
from vidsep.media.limits import MOST_ALLOC_BYTES, MOST_PIXELS
from vidsep.media.locate import environment, executable
from vidsep.media.watchdog import Watchdog
from vidsep.progress import Advance, ignore
from vidsep.signals import signals_held

__all__ = ["Node", "Reader", "executable", "output", "reading", "run", "source", "undisguised", "url", "version"]

Node: TypeAlias = Any  # ffmpeg-python has no types

STALL_SECONDS = 120.0  # a disk asleep or a network folder may be slow to answer, but not this slow
WINDOWS_TOO_LONG = 206  # ERROR_FILENAME_EXCED_RANGE, of a command line
KEPT_LINES = 40  # of stderr; the first ones, where the reason stands

# A video may be a crafted playlist that names other files or addresses: ffmpeg opens nothing but the file it was
# given and the pipes of this process, and only formats that hold their own sound and picture.
PROTOCOLS = "file,pipe"
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dtshd,dv,eac3,flac,flv,gxf,iamf,loas,matroska,mov,mp3,mpeg,mpegts"
    ",mpegvideo,mxf,nsv,nut,ogg,rm,tta,truehd,voc,w64,wav,wtv,wv"
)

# ffmpeg-python takes Unicode alone. Bytes of a file name that are none, which Python has as lone surrogates (PEP 383),
# pass through it as characters for private use.
_DISGUISE = {0xDC00 + byte: 0x10DC00 + byte for byte in range(0x80, 0x100)}
_UNDISGUISE = {character: surrogate for surrogate, character in _DISGUISE.items()}


def source(path: Path, **options: Any) -> Node:
    """ffmpeg-python's input node of a media file, fenced in by `PROTOCOLS` and `FORMATS` and by `MOST_PIXELS`."""
    fences = {"protocol_whitelist": PROTOCOLS, "format_whitelist": FORMATS, "max_pixels": MOST_PIXELS}
    return composer.input(url(path), **fences, **options)


def output(*streams: Node, name: str, **options: Any) -> Node:
    """ffmpeg-python's node of an output; an option of None is a flag, and a list repeats the option."""
    flat: dict[str, Any] = {}
    for key, value in options.items():
        if isinstance(value, list):
            # ffmpeg-python takes an option once; NUL is in no argument, and `_command` cuts it off again
            flat |= {f"{key}\0{place}": one for place, one in enumerate(value)}
        else:
            flat[key] = value
    return composer.output(*streams, name, **flat)


def url(path: Path) -> str:
    """``path`` as ffmpeg takes it literally: no dash, colon or percent sign in it means anything.

    For nodes of ffmpeg-python; whoever hands it to something else takes `undisguised` of it.
    """
    return f"file:{path.absolute()}".translate(_DISGUISE)


def undisguised(argument: str) -> str:
    """The argument with the bytes of file names as Python has them."""
    return argument.translate(_UNDISGUISE)


def version() -> str:
    """The version that ffmpeg gives itself, such as ``7.1.1``."""
    with _started([str(executable()), "-version"], None) as process:
        words = Reader(process).read(200).decode(errors="replace").split()
    return words[2] if len(words) > 2 else "unknown"


def run(
    output: Node,
    feed: Iterable[FloatArray] | Iterable[bytes] = (),
    advance: Advance = ignore,
    stall_seconds: float = STALL_SECONDS,
) -> list[str]:
    """Write the file that ``output`` (a node of ffmpeg-python) describes, handing ``feed`` to ffmpeg's ``pipe:0``.

    ``feed`` goes as it is or, sound, as interleaved little-endian float32; ``advance`` gets the seconds written.
    Returns what ffmpeg complained about although it succeeded. Raises `MediaError` when ffmpeg fails or does nothing
    for ``stall_seconds``, `OutputError` when the disk is full. ffmpeg is gone when this returns or raises.
    """
    names = [name for name in output.get_args() if str(name).startswith("file:")]
    growing = Path(undisguised(names[-1]).removeprefix("file:")) if names else None
    command = _command(output, "-y", "-progress", "pipe:1", "-nostats")
    with _started(command, growing, stall_seconds) as process, _progress(process, advance):
        process.feed(feed)
        return process.finish()


@contextmanager
def reading(
    output: Node, complaints: list[str] | None = None, stall_seconds: float = STALL_SECONDS
) -> Iterator["Reader"]:
    """What ffmpeg writes to ``pipe:1``, as something with ``read(n_bytes)``.

    Once the context ends without an exception, what ffmpeg complained about although it succeeded is added to
    ``complaints``. Raises as `run` does; ffmpeg is ended when the context is left early.
    """
    with _started(_command(output), None, stall_seconds) as process:
        yield Reader(process)
        said = process.finish()
    if complaints is not None:
        complaints.extend(said)


def _command(output: Node, *options: str) -> list[str]:
    start = [str(executable()), "-nostdin", "-hide_banner", "-loglevel", "error", *options]
    start += ["-max_alloc", str(MOST_ALLOC_BYTES)]
    return start + [undisguised(str(argument).partition("\0")[0]) for argument in output.get_args()]


@dataclass
class _Process:
    """A running ffmpeg; every wait for it is watched."""

    popen: "subprocess.Popen[bytes]"
    watchdog: Watchdog
    listener: threading.Thread
    said: list[str]

    def feed(self, blocks: Iterable[FloatArray] | Iterable[bytes]) -> None:
        """Write ``blocks`` to stdin and close it."""
        stdin = _there(self.popen.stdin)
        for block in blocks:
            with self._may_break(), self.watchdog.waiting():
                stdin.write(block if isinstance(block, bytes) else np.ascontiguousarray(block, "<f4").data.cast("B"))
        with self._may_break(), self.watchdog.waiting():
            stdin.close()

    def finish(self) -> list[str]:
        """Wait for the end and see that it was a good one; returns the first lines of stderr."""
        with self.watchdog.waiting():
            code = self.popen.wait()
        self.listener.join()
        if self.watchdog.barked:
            raise MediaError(
                f"ffmpeg did nothing for {self.watchdog.limit_seconds:g} s and was stopped",
                "see that the disk answers and that a player plays the file to its end",
            )
        if code != 0:
            raise _failure(code, self.said)
        return self.said

    @contextmanager
    def _may_break(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # ffmpeg closed the pipe; its own words say why
            self.finish()
            raise MediaError("ffmpeg stopped before it had taken all the sound") from error


class Reader:
    """The end of the pipe that ffmpeg writes to."""

    def __init__(self, process: _Process) -> None:
        self._process = process

    def read(self, n_bytes: int) -> bytes:
        """The next ``n_bytes``; fewer only at the end."""
        with self._process.watchdog.waiting():
            return _there(self._process.popen.stdout).read(n_bytes)

    def check(self) -> None:
        """Wait for ffmpeg's end and raise its error if it had one."""
        self._process.finish()


@contextmanager
def _started(command: list[str], growing: Path | None, stall_seconds: float = STALL_SECONDS) -> Iterator[_Process]:
    said: list[str] = []
    with signals_held() as let_go:
        popen = _popen(command)
        listener = threading.Thread(target=_keep, args=(popen.stderr, said), daemon=True)
        with popen, Watchdog(stall_seconds, popen.kill, growing) as watchdog:
            try:
                let_go()
                listener.start()
                yield _Process(popen, watchdog, listener, said)
            finally:
                popen.kill()
                with suppress(OSError):  # what was still on its way to ffmpeg is of no use now
                    _there(popen.stdin).close()


def _popen(command: list[str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - a list of arguments, and only ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches Python alone, which then ends ffmpeg
            preexec_fn=leash(),
            env=environment(command[0]),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        if error.errno == errno.E2BIG or getattr(error, "winerror", None) == WINDOWS_TOO_LONG:
            message = "the tags of the soundtrack are too long to be handed on"
            raise MediaError(message, "take the longest ones out first, with ffmpeg -map_metadata -1 say") from error
        raise MediaError(f"cannot start {command[0]}: {error.strerror or error}", "set VIDSEP_FFMPEG") from error


@contextmanager
def _progress(process: _Process, advance: Advance) -> Iterator[None]:
    """While open, the ``-progress`` lines on stdout are signs of life and move ``advance``."""
    thread = threading.Thread(target=_report, args=(process, advance), daemon=True)
    thread.start()
    try:
        yield
        thread.join()
    finally:
        process.popen.kill()
        thread.join()


def _report(process: _Process, advance: Advance) -> None:
    done_seconds = 0.0
    last_size = ""
    for line in _lines(process.popen.stdout):
        key, _, value = line.partition("=")
        if key == "total_size" and value != last_size:
            last_size = value
            process.watchdog.alive()
        elif key == "out_time_us" and value.isdigit() and int(value) / 1e6 > done_seconds:
            advance(int(value) / 1e6 - done_seconds)
            done_seconds = int(value) / 1e6


def _keep(stream: IO[bytes] | None, said: list[str]) -> None:
    for line in _lines(stream):
        if len(said) < KEPT_LINES or "No space left" in line:
            said.append(line)


def _lines(stream: IO[bytes] | None) -> Iterator[str]:
    for line in _there(stream):
        if text := _ADDRESS.sub("", line.decode("utf-8", errors="replace")).strip():
            yield text


_ADDRESS = re.compile(r" @ 0x[0-9a-fA-F]+(?=\])")


def _there(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - all three are pipes
    return stream


def _failure(code: int, said: list[str]) -> VidsepError:
    if any("No space left on device" in line for line in said):
        return OutputError("the disk is full", "free some space, or write to another disk")
    if code < 0 and not said:
        return MediaError(f"{executable()} crashed (signal {-code})", "set VIDSEP_FFMPEG to another build of ffmpeg")
    reason = " / ".join(said[:2]) or "it gave no reason"
    return MediaError(f"ffmpeg failed: {reason}", "see whether a player plays the file to its end")
