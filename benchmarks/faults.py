"""Real faults at every stage of a remix: what vidsep promises must hold after each of them.

    python benchmarks/faults.py [--rounds 12] [--only WORD] [--save]

Kills vidsep and ffmpeg, fills and locks disks (as root on Linux), changes and damages the input, the weights and the
stem cache, starts two runs at once and lets files look days old. After each fault: the input is what it was, nothing
has the output's name unless it is complete, no process is left, the exit code is one of README's and the error one
line, and the next run gives a good file and sweeps up. Prints a table; the exit code is 1 when a promise was broken.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.counts import Rows, markdown, save, saved
from benchmarks.place import Film, Found, make_film
from benchmarks.scenes import SCENES

Scene = Callable[[Film, Path, int], Iterator[Found]]


def run_all(folder: Path, rounds: int, only: str = "") -> list[Found]:
    """What came of every scene whose name holds ``only``; broken promises are printed at once."""
    film = make_film(folder / "film.mkv")
    found = []
    for number, scene in enumerate(SCENES):
        if only not in scene.__name__:
            continue
        place = folder / str(number)
        place.mkdir()
        for one in scene(film, place, rounds):
            found.append(one)
            if one.broken:
                print(f"{one.fault}, {one.where}: {one.broken}", flush=True)
    return found


def table(found: list[Found]) -> Rows:
    """Counts by fault and stage."""
    rows = [["fault", "where", "runs", "ended well", "ended with an error", "promises broken"]]
    for fault, where in dict.fromkeys((one.fault, one.where) for one in found):
        mine = [one for one in found if (one.fault, one.where) == (fault, where)]
        well = sum(one.exit_code == 0 for one in mine)
        broken = sum(bool(one.broken) for one in mine)
        rows.append([fault, where, *map(str, (len(mine), well, len(mine) - well, broken))])
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12, help="moments at which each fault comes")
    parser.add_argument("--only", default="", metavar="WORD", help="only the scenes with this in their name")
    parser.add_argument("--save", action="store_true", help="keep the counts for docs/reliability.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = run_all(Path(name), options.rounds, options.only)
    rows = table(found)
    faults = {one.fault for one in found}
    print(markdown(rows))
    if options.save:
        save("faults", [*rows, *(row for row in saved("faults")[1:] if options.only and row[0] not in faults)])
    return int(any(one.broken for one in found))


if __name__ == "__main__":
    sys.exit(main())
