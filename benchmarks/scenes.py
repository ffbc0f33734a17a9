"""The scenes of `benchmarks.faults`: each makes something go wrong, again and again at other moments."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.place import (
    Film,
    Found,
    Place,
    ended,
    raw_ffmpeg,
    running,
    sounds_alike,
    what_is_broken,
    what_the_next_run_breaks,
)
from vidsep.separation.registry import DEFAULT_MODEL, find_model

FEW = 4  # times fewer rounds where every run loads TensorFlow
PLAIN, SEPARATED = ("-p", "neutral"), ("-p", "strip-music")
DAYS = 3 * 86400.0
STAGES = ("starting", "decoding", "writing")
SEPARATED_STAGES = ("separating", "clearing", *STAGES)
LONGEST_PAUSE_SECONDS = 0.2  # after the beginning of a stage, at random


def _places(folder: Path, rounds: int) -> Iterator[tuple[int, Place]]:
    """A number and a new place for each round."""
    for number in range(rounds):
        place = Place.made(folder / str(number))
        yield number, place
        shutil.rmtree(place.folder)


def _stage_reached(process: "subprocess.Popen[str]", place: Place, number: int, options: tuple[str, ...]) -> str:
    """Wait for a stage of the run, another one for each number, and a little longer; the stage that it is in then."""
    stages = SEPARATED_STAGES if options == SEPARATED else STAGES
    rng = random.Random(number)
    while process.poll() is None and place.stage != stages[number % len(stages)]:
        time.sleep(0.002)
    time.sleep(rng.uniform(0.0, LONGEST_PAUSE_SECONDS))
    return place.stage if process.poll() is None else "after the end"


def _struck(
    film: Film, folder: Path, rounds: int, fault: str, options: tuple[str, ...],
    strike: Callable[["subprocess.Popen[str]", Place], None],
) -> Iterator[Found]:  # fmt: skip
    for number, place in _places(folder, rounds):
        with running(place, film.path, *options) as process:
            where = _stage_reached(process, place, number, options)
            strike(process, place)
            code, said = ended(process)
        broken = what_is_broken(place, film, code, said) or what_the_next_run_breaks(place, film, *options)
        yield Found(fault, where, code, broken)


def _struck_everywhere(
    film: Film, folder: Path, rounds: int, fault: str, strike: Callable[["subprocess.Popen[str]", Place], None]
) -> Iterator[Found]:
    """In runs without the network and, half as often, in runs with it."""
    yield from _struck(film, folder / "plain", rounds, fault, PLAIN, strike)
    yield from _struck(film, folder / "whole", rounds // 2, fault, SEPARATED, strike)


def vidsep_killed(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    def strike(process: "subprocess.Popen[str]", _: Place) -> None:
        process.kill()

    yield from _struck_everywhere(film, folder, rounds, "vidsep is killed (SIGKILL)", strike)


def vidsep_asked_to_end(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    def strike(process: "subprocess.Popen[str]", _: Place) -> None:
        process.send_signal(signal.SIGTERM)

    yield from _struck_everywhere(film, folder, rounds, "vidsep is asked to end (SIGTERM)", strike)


def ffmpeg_killed(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    def strike(process: "subprocess.Popen[str]", place: Place) -> None:
        while process.poll() is None:
            for pid in set(place.processes()) - {process.pid}:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                return
            time.sleep(0.002)

    yield from _struck(film, folder, rounds, "ffmpeg is killed (SIGKILL)", PLAIN, strike)


def _written_on(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(1000))


def _replaced(path: Path) -> None:
    new = path.with_suffix(".new")
    shutil.copyfile(path, new)
    new.replace(path)


def input_changed(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """While it is read the input is deleted, cut, written on, or replaced by another file."""
    changes: dict[str, Callable[[Path], None]] = {
        "deleted": Path.unlink,
        "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
        "written on": _written_on,
        "replaced": _replaced,
    }  # fmt: skip
    for name, change in changes.items():
        for number, place in _places(folder / name, max(1, rounds // 2)):
            source = place.folder / "in.mkv"
            shutil.copyfile(film.path, source)
            with running(place, source, *PLAIN) as process:
                where = _stage_reached(process, place, number, PLAIN)
                change(source)
                code, said = ended(process)
            if where == "starting":  # what was changed before anybody looked is the input, and proved to be kept
                place.output.unlink(missing_ok=True)
            broken = what_is_broken(place, film, code or (-1 if where == "starting" else 0), said)
            yield Found(f"the input is {name}", where, code, broken or what_the_next_run_breaks(place, film, *PLAIN))


def clock_jumps(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """While a run is at work its files look days old, and another run in the same folders sweeps up."""
    for number, place in _places(folder, max(1, rounds // 2)):
        with running(place, film.path, *PLAIN) as process:
            where = _stage_reached(process, place, number, PLAIN)
            place.age(DAYS)
            other = place.output.with_name("other.mkv")
            with running(place, film.path, *PLAIN, "-o", str(other)) as second:
                other_code, other_said = ended(second)
            code, said = ended(process)
        broken = what_is_broken(place, film, code, said) or (other_said if other_code else "")
        other.unlink(missing_ok=True)
        yield Found("the clock jumps by three days", where, code, broken or ("" if code == 0 else said))


def two_at_once(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """Two runs want one name; one of them gets it. Then with the network, which both keep stems of."""
    for number, options in enumerate([PLAIN] * max(1, rounds // FEW) + [SEPARATED]):
        place = Place.made(folder / str(number))
        with running(place, film.path, *options) as one, running(place, film.path, *options) as two:
            (first, said), (second, more) = ended(one), ended(two)
        good = sorted((first, second)) in ([0, 0], [0, 6])
        broken = "" if good else f"exit codes {first} and {second}: {said} {more}"
        where = "with the network" if options == SEPARATED else "without"
        broken = (
            broken
            or what_is_broken(place, film, 0, more if first else said)
            or what_the_next_run_breaks(place, film, *options)
        )
        yield Found("two runs at once want one name", where, max(first, second), broken)
        shutil.rmtree(place.folder)


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[bool]:
    """A small file system in ``folder``, which only root can make; False where it cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        subprocess.run(command, check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=20)


def disk_full_or_locked(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """Disks of many sizes from nothing to enough, so that each write is one day the one that does not fit."""
    megabytes = {"out": 5.0, "work": 10.0, "cache": 3.0}
    for name, most in megabytes.items():
        options = SEPARATED if name == "cache" else PLAIN
        n_sizes = max(1, rounds // FEW if name == "cache" else rounds)
        sizes = [f"size={round(1000 * most * (k + 0.5) / n_sizes)}k" for k in range(n_sizes)]
        for number, size in enumerate([*sizes, "ro"]):
            place = Place.made(folder / f"{name}{number}")
            with _mounted(place.folder / name, size) as is_mounted:
                if not is_mounted:
                    return
                with running(place, film.path, *options) as process:
                    code, said = ended(process)
                broken = what_is_broken(place, film, code, said)
                broken = broken or ("" if code in (0, 6) else f"exit code {code}: {said}")
            fault = "the disk cannot be written to" if size == "ro" else "the disk is full"
            yield Found(
                fault,
                f"{name.replace('out', 'output')} folder",
                code,
                broken or what_the_next_run_breaks(place, film, *options),
            )


def packets_damaged(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """Bytes in the middle of the file are noise: in the picture, in the sound, or between."""
    for suffix in (".mkv", ".mp4", ".ts"):
        whole = folder / f"whole{suffix}"
        raw_ffmpeg("-i", film.path, "-c:v", "copy", "-c:a", "aac", whole)
        for number in range(rounds):
            rng = random.Random(number)
            content = bytearray(whole.read_bytes())
            for _ in range(rng.choice((1, 5, 20))):
                start = rng.randrange(len(content) // 4, len(content) * 3 // 4)
                content[start : start + rng.choice((1, 100, 3000))] = rng.randbytes(rng.choice((1, 100, 3000)))
            place = Place.made(folder / f"{number}{suffix}")
            source = place.folder / f"in{suffix}"
            source.write_bytes(content)
            with running(place, source, *PLAIN) as process:
                code, said = ended(process)
            place.output.unlink(missing_ok=True)  # vidsep has proved its picture; it is not that of the film
            broken = what_is_broken(place, film, code or -1, said)
            broken = broken or ("the input was changed" if source.read_bytes() != content else "")
            yield Found("packets in the middle are damaged", f"{suffix[1:].upper()}", code, broken)
            shutil.rmtree(place.folder)


def weights_damaged(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """The file of the weights is cut, empty, gone or has a flipped bit; the shipped one is not touched."""
    weights = find_model(DEFAULT_MODEL).file
    package = folder / "package" / "vidsep"
    shutil.copytree(Path(__file__).parents[1] / "vidsep", package)
    shutil.copytree(Path(__file__).parents[1] / "presets", package / "presets")
    copy = package / weights.relative_to(Path(__file__).parents[1] / "vidsep")
    content = weights.read_bytes()
    for number in range(max(4, rounds // 2)):
        damaged: bytes | bytearray = content
        kind = ("flipped", "cut", "empty", "gone")[number % 4]
        if kind == "flipped":
            damaged = bytearray(content)
            damaged[random.Random(number).randrange(len(content))] ^= 1
        elif kind == "cut":
            damaged = content[: random.Random(number).randrange(len(content))]
        copy.write_bytes(b"" if kind == "empty" else damaged)
        if kind == "gone":
            copy.unlink()
        place = Place.made(folder / str(number))
        with _imported_from(package.parent), running(place, film.path, *SEPARATED) as process:
            code, said = ended(process)
        broken = what_is_broken(place, film, code, said) or ("" if code == 5 else f"exit code {code}: {said}")
        yield Found("the weights are damaged", kind, code, broken)


@contextmanager
def _imported_from(folder: Path) -> Iterator[None]:
    os.environ["PYTHONPATH"] = str(folder)
    try:
        yield
    finally:
        del os.environ["PYTHONPATH"]


def cache_damaged(film: Film, folder: Path, rounds: int) -> Iterator[Found]:
    """A kept entry is cut, has a flipped bit, or lacks a file; the next run makes it anew and sounds the same."""
    clean = Place.made(folder / "clean")
    with running(clean, film.path, *SEPARATED) as process:
        code, said = ended(process)
    if code:
        raise RuntimeError(said)
    (entry,) = (clean.folder / "cache").glob("v*")
    names = sorted(path.name for path in entry.iterdir())
    for number in range(max(len(names), rounds // 2)):
        place, name = Place.made(folder / str(number)), names[number % len(names)]
        damaged = place.folder / "cache" / entry.name / name
        shutil.copytree(entry, damaged.parent)
        content = bytearray(damaged.read_bytes())
        rng = random.Random(number)
        kind = rng.choice(("flipped", "cut", "gone"))
        if kind == "flipped":
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        damaged.write_bytes(content[: rng.randrange(len(content))] if kind == "cut" else content)
        if kind == "gone":
            damaged.unlink()
        with running(place, film.path, *SEPARATED) as process:
            code, said = ended(process)
        broken = what_is_broken(place, film, code, said) or ("" if code == 0 else said)
        same = code == 0 and sounds_alike(place.output, clean.output)
        yield Found(
            "the stem cache is damaged", f"{name}: {kind}", code, broken or ("" if same else "it sounds different")
        )
        shutil.rmtree(place.folder)


SCENES = (
    vidsep_killed, vidsep_asked_to_end, ffmpeg_killed, input_changed, clock_jumps, two_at_once, disk_full_or_locked,
    packets_damaged, weights_damaged, cache_damaged,
)  # fmt: skip
