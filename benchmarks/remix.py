"""How fast the main job is and how much memory it takes, beside ffmpeg alone, in one run on one machine.

    python benchmarks/remix.py [--minutes 10] [--hours 3] [--skip-long] [--folder FOLDER]

Makes a 1080p video of ``--minutes`` and a soundtrack of ``--hours`` under a tiny picture from samples/vlog.mp4, then
takes the music out of both, with an empty stem cache and with the stems in it, and replaces it: ducked, matched and
brought to a loudness. The floor is what no such tool can do without: ffmpeg decodes the sound, encodes it again and
copies the picture. Prints a Markdown table.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidsep.media import ffmpeg

SAMPLES = Path(__file__).parents[1] / "samples"
VLOG, NEW_MUSIC = SAMPLES / "vlog.mp4", SAMPLES / "new_music.ogg"
FFMPEG = (str(ffmpeg.executable()), "-nostdin", "-v", "error", "-y")
VIDSEP = (sys.executable, "-m", "vidsep")
POLL_SECONDS = 0.05
HELP_ROUNDS = 5


@dataclass(frozen=True)
class Run:
    """What a command took: seconds, and the most memory that it and all it started held at once (None: unknown)."""

    seconds: float
    peak_bytes: int | None


def measured(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Run:
    """Run the command to its end. Raises `subprocess.CalledProcessError` with its complaints when it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=said, stderr=said, env={**os.environ, **(environment or {})}
        )
        watcher = _Memory(process.pid)
        code = process.wait()
        seconds = time.perf_counter() - start
        peak_bytes = watcher.stop()
        if code:
            said.seek(0)
            sys.stderr.buffer.write(said.read())
            raise subprocess.CalledProcessError(code, process.args)
    return Run(seconds, peak_bytes)


class _Memory(threading.Thread):
    """Looks again and again at how much memory a process and its offspring hold (Linux; elsewhere it knows nothing)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._peak_bytes = 0
        self._done = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._done.wait(POLL_SECONDS):
            self._peak_bytes = max(self._peak_bytes, _resident_bytes(self._pid))

    def stop(self) -> int | None:
        self._done.set()
        self.join()
        return self._peak_bytes or None


def _resident_bytes(pid: int, parent: bytes = b"") -> int:
    """Resident memory of a process and all below it; pages that they share count once for each.

    ``parent`` is the command line of the process above. One that was forked and has not begun its own program still has
    it, and nothing but its parent's pages.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except (OSError, IndexError):  # no /proc here, or the process has just ended
        return 0
    if command == parent:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_resident_bytes(child, command) for child in children)


def make_video(path: Path, minutes: float) -> None:
    """1080p H.264 at about 8 Mb/s with AAC: the sample over and over, its picture encoded once."""
    loop = path.with_name("loop.mp4")
    picture = ("-vf", "scale=1920:1080", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "8M")
    if not loop.exists():
        measured([*FFMPEG, "-i", VLOG, "-map", "0:v", *picture, loop])
    sources = ("-stream_loop", "-1", "-i", loop, "-stream_loop", "-1", "-i", VLOG)
    chosen = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "192k")
    _finish([*FFMPEG, *sources, *chosen, "-t", str(60 * minutes)], path)


def make_soundtrack(path: Path, hours: float) -> None:
    """The sample's sound over and over under a picture of next to nothing."""
    sources = ("-f", "lavfi", "-i", "testsrc2=size=64x36:rate=5", "-stream_loop", "-1", "-i", VLOG)
    chosen = ("-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-b:a", "192k")
    _finish([*FFMPEG, *sources, *chosen, "-t", str(3600 * hours)], path)


def _finish(command: Sequence[str | Path], path: Path) -> None:
    """The file appears under its name only when it is complete; one that is there already is kept."""
    if not path.exists():
        part = path.with_name("part-" + path.name)
        measured([*command, part])
        part.replace(path)


def runs(path: Path, folder: Path) -> dict[str, Run]:
    """The floor, two jobs, of which one takes more passes, and each on its first run and with stems in the cache."""
    output, cache = folder / f"remixed{path.suffix}", folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    floor: list[str | Path] = [*FFMPEG, "-i", path, "-map", "0", "-c", "copy", "-c:a", "aac", "-b:a", "192k", output]
    remix: list[str | Path] = [*VIDSEP, "remix", path, "-o", output, "--overwrite", "-q"]
    strip = [*remix, "-p", "strip-music"]
    lossless: list[str | Path] = [*VIDSEP, "remix", path, "-o", folder / "remixed.mkv", "--overwrite", "-q"]
    lossless += ["-p", "strip-music", "--set", "output.codec=flac"]
    replace = [*remix, "-p", "replace-music", "--music", NEW_MUSIC]
    own_cache = {"VIDSEP_CACHE_DIR": str(cache)}
    results = {
        "ffmpeg alone: new AAC, picture copied": measured(floor),
        "`strip-music`, first run": measured(strip, own_cache),
        "`strip-music`, stems in the cache": measured(strip, own_cache),
        "`strip-music` to FLAC in Matroska, stems in the cache": measured(lossless, own_cache),
        "`replace-music`, stems in the cache": measured(replace, own_cache),
    }
    shutil.rmtree(cache, ignore_errors=True)
    results["`replace-music`, first run"] = measured(replace, own_cache)
    shutil.rmtree(cache, ignore_errors=True)
    for made in (output, folder / "remixed.mkv"):
        made.unlink(missing_ok=True)
    return results


def print_table(title: str, length_seconds: float, results: Mapping[str, Run]) -> None:
    floor = next(iter(results.values()))
    print(f"\n{title}\n")
    print("| what | seconds | times real time | times the floor | peak memory |\n|---|---:|---:|---:|---:|")
    for name, run in results.items():
        memory = "unknown" if run.peak_bytes is None else f"{run.peak_bytes / 1e6:.0f} MB"
        speed, ratio = length_seconds / run.seconds, run.seconds / floor.seconds
        print(f"| {name} | {run.seconds:.1f} | {speed:.0f} | {ratio:.1f} | {memory} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Times vidsep remix from file to file.")
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the 1080p video (default: 10)")
    parser.add_argument("--hours", type=float, default=3.0, help="length of the long soundtrack (default: 3)")
    parser.add_argument("--skip-long", action="store_true", help="leave the long soundtrack out")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "vidsep-benchmark",
                        help="where the made files are kept for the next time")  # fmt: skip
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    help_seconds = min(measured([*VIDSEP, "--help"]).seconds for _ in range(HELP_ROUNDS))
    print(f"{os.cpu_count()} cores; `vidsep --help` takes {help_seconds:.2f} s (best of {HELP_ROUNDS})", flush=True)
    video = options.folder / f"video-{options.minutes:g}-minutes.mp4"
    make_video(video, options.minutes)
    print_table(f"{options.minutes:g} minutes of 1080p", 60 * options.minutes, runs(video, options.folder))
    if not options.skip_long:
        sound = options.folder / f"soundtrack-{options.hours:g}-hours.mp4"
        make_soundtrack(sound, options.hours)
        print_table(f"{options.hours:g} hours of sound", 3600 * options.hours, runs(sound, options.folder))


if __name__ == "__main__":
    main()
