"""Writes docs/compatibility.md: what becomes of each container, each codec and each odd real file.

    python docs/make_compatibility_md.py --videos FOLDER

``FOLDER`` holds real files and a MANIFEST.tsv that says of each what is odd about it. Every file goes through two
presets; then the picture's packets, every other stream and the place of the sound are compared with the input's.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import vidsep
from vidsep.media.differences import Difference
from vidsep.media.probe import probe

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.click_films import CASES, CONTAINERS, Case, make, run_ffmpeg  # noqa: E402 - the path comes first
from benchmarks.click_times import compared  # noqa: E402

PRESETS = ("neutral", "strip-music")
CROSSED = tuple(
    next(case for case in CASES if case.name == name)
    for name in (
        "mp4 aac",
        "mov pcm_s16le",
        "mkv flac",
        "webm libopus",
        "ts ac3@44100",
        "avi libmp3lame@44100",
        "mpg mp2",
    )
)
TARGETS = ("mp4", "mov", "mkv", "webm", "ts", "mpg", "avi", "flv", "wmv")
PAGE = Path(__file__).with_name("compatibility.md")
HEAD = """# What becomes of a file

Made by `docs/make_compatibility_md.py`; do not edit. Each file went through `vidsep remix` with `neutral` and with
`strip-music`. "kept" means: the packets of the picture are the same before and after, and so is every other stream with
its times, form, flags and tags (`vidsep verify`). A file that cannot be remixed ends with one line and an exit code.
"""


@dataclass(frozen=True)
class Outcome:
    """What one run gave: the new codec or the error, what was told, and what differs beside the new sound."""

    codec: str
    error: str
    warnings: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def text(self) -> str:
        if self.error:
            return self.error
        notes = [*self.warnings, *self.differences]
        return f"kept; {self.codec}" if not notes else f"{self.codec}; {'; '.join(notes)}"


def outcome(film: Path, preset: str) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / f"out{film.suffix}"
        try:
            result = vidsep.remix(film, output, preset=preset)
        except vidsep.VidsepError as error:
            line = str(error).replace(f"{film.parent}/", "")
            return Outcome("", f"exit code {error.exit_code}: {line}", (), ())
        remixed = [f"audio:{track.number}" for track in result.tracks]
        found = vidsep.verify(film, output, ignore=remixed).differences
        named = {warning for warning in result.warnings if "no picture" not in warning}
        untold = tuple(str(one) for one in found if not any(_names(warning, one) for warning in named))
        return Outcome(result.tracks[0].codec, "", tuple(sorted(named)), untold)


def _names(warning: str, difference: Difference) -> bool:
    """Whether a warning is about a difference."""
    if warning.startswith("dropped"):
        return difference.where.partition(":")[0] in warning
    return difference.what.startswith("tag ") and difference.what.removeprefix("tag ") in warning


def real_rows(folder: Path) -> Iterator[str]:
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            film = folder / row["file"]
            oddity = row["what"].partition(";")[0]
            first, second = (outcome(film, preset) for preset in PRESETS)
            same = first.text == second.text
            second_text = "the same" if same else second.text
            yield _row(row["file"], oddity, form(film), first.text, second_text)


def form(film: Path) -> str:
    """The codecs of a file."""
    try:
        info = probe(film)
    except vidsep.VidsepError:
        return ""
    return " + ".join(stream.codec or "data" for stream in info.streams)


def made_rows(cases: tuple[Case, ...]) -> Iterator[str]:
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            film = make(case, Path(folder), run_ffmpeg)
            before = form(film)
            output = film.with_stem("out")
            try:
                result = vidsep.remix(film, output, preset="neutral")
            except vidsep.VidsepError as error:
                yield _row(case.name, before, f"exit code {error.exit_code}: {error}", "", "")
                continue
            found = compared(case, film, output)
            remixed = vidsep.verify(film, output, ignore=["audio:1"])
            told = "; ".join(map(str, remixed.differences)) or "kept"
            if case.joined:  # the second film's times are not those that the file tells
                told = "kept; one clock for both films"
            warnings = "; ".join(result.warnings)
            yield _row(
                case.name, before, result.tracks[0].codec, f"{found.worst_ms:.2f}", f"{told}; {warnings}".strip("; ")
            )


def crossed_rows() -> Iterator[str]:
    for case in CROSSED:
        cells = []
        for suffix in TARGETS:
            with tempfile.TemporaryDirectory() as folder:
                film = make(case, Path(folder), run_ffmpeg)
                output = Path(folder) / f"out.{suffix}"
                try:
                    result = vidsep.remix(film, output, preset="neutral")
                except vidsep.VidsepError as error:
                    cells.append(f"no: {error.message}")
                    continue
                found = compared(case, film, output)
                notes = "".join(f"; {warning}" for warning in result.warnings)
                cells.append(f"{result.tracks[0].codec}, {found.worst_ms:.2f} ms{notes}")
        yield _row(f"{case.name} ({form_of(case)})", *cells)


def form_of(case: Case) -> str:
    return f"{case.video[1].removeprefix('lib')} + {case.audio[1].removeprefix('lib')}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=Path, required=True, help="the folder of real files")
    arguments = parser.parse_args()
    times = tuple(case for case in CASES if case not in CONTAINERS)
    lines = [
        HEAD,
        "## Real files",
        "",
        "| file | what is odd | streams | neutral | strip-music |",
        "|---|---|---|---|---|",
    ]
    lines += real_rows(arguments.videos)
    heads = ["| film | streams | new codec | clicks off, ms | everything else |", "|---|---|---|---:|---|"]
    lines += ["", "## Each container and codec", "", *heads, *made_rows(CONTAINERS)]
    lines += ["", "## Odd times", "", *heads, *made_rows(times)]
    lines += ["", "## From one container to another (`--container`)", ""]
    lines += ["The codec of the new sound, and by how much clicks are off.", ""]
    lines += [_row("film", *TARGETS), _row("---", *("---" for _ in TARGETS)), *crossed_rows()]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
