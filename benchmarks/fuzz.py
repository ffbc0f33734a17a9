"""What vidsep does with thousands of damaged files: each must end well or with one of vidsep's errors, in bounded
time and memory, with nothing left behind.

    python benchmarks/fuzz.py [--first 0] [--cases 4000] [--jobs 2] [--keep FOLDER] [--save]

Case number N is always the same file (`benchmarks.hostile`), so a run is resumed with ``--first``, and a failure made
again with ``--first N --cases 1 --keep FOLDER``. A case is remixed, probed or verified inside a worker process, as a
program does it that uses vidsep as a library: a crash in a reader ends a worker and is counted. Prints a table; the
exit code is 1 when anything failed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.counts import Rows, markdown, save
from benchmarks.hostile import Case, make_case, make_seeds
from vidsep.errors import VidsepError

COMMANDS = ("remix", "probe", "verify", "probe")  # of one case after the other
MATROSKA_EVERY = 8  # every second one that is remixed; the others keep their containers
MOST_SECONDS = 60.0  # for a second of film, on a machine that is busy with other work
MOST_BYTES = 1 << 30  # resident in the worker, or in one ffmpeg that it started
WORKER_CASES = 100  # then a new worker: the peak of its memory is that of all it has done


@dataclass(frozen=True)
class Outcome:
    """What became of a case: ``kind`` is "well" or an exception's name, ``fault`` what should not have been."""

    number: int
    kind: str
    message: str = ""
    fault: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0


def command(number: int) -> str:
    """What is done to case ``number``."""
    return COMMANDS[number % len(COMMANDS)]


def tried(case: Case, folder: Path) -> Outcome:
    """Do its `command` to the case in this process; work files go below ``folder``, empty before and after."""
    from vidsep import remix
    from vidsep.media.probe import probe
    from vidsep.verifying import verify

    work, out = folder / "work", folder / "out"
    source = folder / case.name
    output = out / (f"{case.name}.mkv" if case.number % MATROSKA_EVERY == 0 else case.name)
    source.write_bytes(case.content)
    for each in (work, out):
        each.mkdir()
    tempfile.tempdir = str(work)
    kind, message, fault = "well", "", ""
    try:
        if command(case.number) == "remix":
            remix(source, output, no_cache=True)
        elif command(case.number) == "verify":
            json.dumps(verify(source, source).as_dict(), allow_nan=False)
        else:
            json.dumps(probe(source).as_dict(), allow_nan=False)
    except VidsepError as error:
        kind, message = type(error).__name__, str(error)
        fault = "the error blames vidsep" if "report this" in message or "\n" in message else ""
    except Exception as error:
        kind, message, fault = type(error).__name__, str(error), "no error of vidsep's"
    fault = fault or _left_behind(case, folder, output if kind == "well" else None)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return Outcome(case.number, kind, message, fault)


def _left_behind(case: Case, folder: Path, output: Path | None) -> str:
    if (folder / case.name).read_bytes() != case.content:
        return "the input was changed"
    expected = {folder / case.name, folder / "work", folder / "out"}
    odd = sorted(str(path.relative_to(folder)) for path in set(folder.rglob("*")) - expected - {output})
    if odd:
        return f"left behind: {', '.join(odd)}"
    missing = output is not None and command(case.number) == "remix" and not output.exists()
    return "there is no output" if missing else ""


def work(seeds: dict[str, bytes]) -> None:
    """In a worker: try the cases whose numbers come on stdin, tell each outcome on stdout."""
    with tempfile.TemporaryDirectory() as name:
        for line in sys.stdin:
            start = time.monotonic()
            outcome = tried(make_case(int(line), seeds), Path(name))
            outcome = replace(outcome, seconds=time.monotonic() - start, peak_bytes=_peak_bytes())
            if outcome.peak_bytes > MOST_BYTES and not outcome.fault:
                outcome = replace(outcome, fault=f"it took {outcome.peak_bytes / 1e9:.1f} GB of memory")
            print(json.dumps(asdict(outcome)), flush=True)


def _peak_bytes() -> int:
    """Of this process since it began its program, and of those that it started."""
    import resource  # which Windows has not

    unit = 1 if sys.platform == "darwin" else 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    if sys.platform == "linux":  # where ru_maxrss counts what the process was forked from
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024
    else:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return max(own, children)


class Worker:
    """A process that tries cases, and is ended when one takes too long."""

    def __init__(self, seeds_folder: Path) -> None:
        command = [sys.executable, "-X", "faulthandler", __file__, "--work", str(seeds_folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def outcome(self, number: int) -> Outcome:
        """What became of case ``number``; also of the worker itself."""
        assert self._process.stdin and self._process.stdout
        late = threading.Timer(MOST_SECONDS, self._process.kill)
        late.start()
        start = time.monotonic()
        print(number, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        late.cancel()
        if line:
            return Outcome(**json.loads(line))
        code, seconds = self._process.wait(), time.monotonic() - start
        fault = f"it took more than {MOST_SECONDS:g} s" if seconds >= MOST_SECONDS else f"the process died ({code})"
        return Outcome(number, "none", fault=fault, seconds=seconds)

    def end(self) -> None:
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()


def outcomes(numbers: range, seeds_folder: Path) -> Iterator[Outcome]:
    """The outcomes of the cases, one after the other."""
    worker = Worker(seeds_folder)
    for place, number in enumerate(numbers):
        outcome = worker.outcome(number)
        yield outcome
        if outcome.fault or place % WORKER_CASES == WORKER_CASES - 1:
            worker.end()
            worker = Worker(seeds_folder)
    worker.end()


def table(found: list[Outcome]) -> Rows:
    """Counts by command."""
    rows = [["command", "cases", "done", "refused with an error", "failed", "slowest", "peak memory"]]
    for name in ("probe", "verify", "remix"):
        mine = [one for one in found if command(one.number) == name]
        well = sum(one.kind == "well" and not one.fault for one in mine)
        failed = sum(bool(one.fault) for one in mine)
        slowest = max((one.seconds for one in mine), default=0.0)
        peak = max((one.peak_bytes for one in mine), default=0) >> 20
        counts = (len(mine), well, len(mine) - well - failed, failed)
        rows.append([name, *map(str, counts), f"{slowest:.1f} s", f"{peak} MiB"])
    return rows


def _run_ffmpeg(*arguments: str | Path) -> None:
    from vidsep.media import ffmpeg

    subprocess.run([str(ffmpeg.executable()), "-nostdin", "-v", "error", "-y", *map(str, arguments)], check=True)


def run_all(numbers: range, jobs: int, keep: Path | None = None) -> list[Outcome]:
    """The outcomes of the cases, tried by so many workers; faults are printed, and their files kept, as they come."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(jobs) as pool:
        seeds = make_seeds(Path(name), _run_ffmpeg)

        def run(part: range) -> list[Outcome]:
            found = []
            for outcome in outcomes(part, Path(name)):
                found.append(outcome)
                case = make_case(outcome.number, seeds)
                if outcome.fault:
                    what = f"case {case.number} ({case.seed}: {', '.join(case.mutations)})"
                    print(f"{what}: {outcome.fault}: {outcome.message}", flush=True)
                if keep and (outcome.fault or len(numbers) == 1):
                    (keep / case.name).write_bytes(case.content)
            return found

        parts = pool.map(run, [numbers[start::jobs] for start in range(jobs)])
        return [outcome for part in parts for outcome in part]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--jobs", type=int, default=2, help="workers at a time")
    parser.add_argument("--keep", type=Path, help="folder for the files that failed, or for the one case")
    parser.add_argument("--save", action="store_true", help="keep the counts for docs/reliability.md")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work({path.name: path.read_bytes() for path in options.work.iterdir()})
        return 0
    found = run_all(range(options.first, options.first + options.cases), options.jobs, options.keep)
    rows = table(found)
    print(markdown(rows))
    if options.save:
        save("fuzz", rows, cases=f"{options.first} to {options.first + options.cases - 1}")
    for kind, count in Counter(one.kind for one in found).most_common():
        print(f"{kind}: {count}")
    return int(any(one.fault for one in found))


if __name__ == "__main__":
    sys.exit(main())
