"""Write docs/reliability.md from what was counted (docs/reliability.json) and the limits that the code declares.

Run ``python docs/make_reliability_md.py`` after a change of either; a test tells when it was forgotten. The counts are
made anew by ``python benchmarks/faults.py --save`` and ``python benchmarks/fuzz.py --save``; as root on Linux the
faults cover full disks, too.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import fuzz
from benchmarks.counts import FILE, markdown
from vidsep.held import NEW_SECONDS
from vidsep.media import limits
from vidsep.media.ffmpeg import FORMATS, STALL_SECONDS
from vidsep.media.info import FEWEST_HZ, MOST_CHANNELS, MOST_HZ
from vidsep.separation.cache import DEFAULT_LIMIT_GB
from vidsep.spool import GIGABYTE, LOOK_BYTES, RESERVE_BYTES

PAGE = Path(__file__).with_name("reliability.md")

FAULTS = """\
# Reliability

*This page is made by `docs/make_reliability_md.py` from counts and from the code.*

A run that is disturbed keeps these promises, whatever disturbs it:

- the input has the bytes that it had;
- the output's name is given to a complete and verified file only, and never taken from a file that is there already
  unless `--overwrite` says so;
- no process is left;
- the end is exit code 0, one of the exit codes of the README with one line that says why, or the signal's;
- the next run works, and removes what a killed one left.

## Faults

`python benchmarks/faults.py` makes real faults, at moments spread over whole runs, and looks at all of these promises
after each. Where vidsep was killed, "ended with an error" is the signal. On {faults_system}:

{faults}

A file that is still being copied or recorded is noticed, too: when its size or its time changes between the first look
and the end, the run ends with exit code 3.

## Damaged files

`python benchmarks/fuzz.py` damages small films of every container in ten ways: header bytes, sizes and names of boxes,
numbers at their limits, noise, cuts, repetitions, the end of another film. Each is probed, verified or
remixed and must end well or with one of vidsep's errors, within {seconds:g} s and {memory:g} MiB. Cases {cases}, on
{fuzz_system}, busy with other work:

{fuzz}
"""

LIMITS = """\
## Limits

What a file may claim, before memory or disk are spent on it:

{limits}

ffmpeg and the reader open files of these formats only: {formats}.

They open nothing but the file that they were given and the pipes of vidsep: a playlist, a concat script, a manifest or
a reference to another file inside a video is never followed, to the disk or to the network. A name is only a name:
`-x.mp4`, `http:x.mp4` and `concat:a|b` are files.
"""

MEMORY = """\
## Memory and disk

Sound moves in blocks; memory does not grow with the length of a film. `python benchmarks/remix.py` measures it.

Work files lie in one folder, `vidsep-...` in `TMPDIR` (`TEMP` on Windows), of which these are the largest:

| file | when | size |
|---|---|---|
| the decoded sound | always | 4 bytes a sample and channel: 1.4 GB for an hour of 48 kHz stereo |
| the mix | a preset has a loudness target | as large |
| new music | with `--music` | as large as its own sound at the film's rate |
| a second and each further new track | `output.tracks` names several | as large |
| the written file's sound | its loudness is checked | as large, once for each time that the file is written anew |

The room for the decoded sound is asked for before it is written. vidsep leaves {reserve_gb:g} GB of the disk, or a
twentieth of a small one, to others: it looks again each {look_gb:g} GB. The new file is written beside its place, under
a hidden name that ends in `.vidsep-part` and the suffix. The stem cache is bounded by `VIDSEP_CACHE_LIMIT_GB`
({cache_gb:g}).

All of these are removed when a run ends, is interrupted or fails. What a run leaves that is killed or loses its power
is removed by the next one: each run holds a lock on its files as long as it lives, so that no clock and no process
number is asked. A file younger than {new_seconds:g} s is left alone.

## Time

Each call of ffmpeg is watched. One that neither reads, writes nor grows its file for {stall_seconds:g} s is stopped and
the run ends with an error. On Linux ffmpeg also ends at once when vidsep is killed.

## Hostile files

- **The reader runs in the same process.** Streams are probed, packets hashed and plain AAC decoded by PyAV, which holds
  the libraries of ffmpeg. Others fuzz these all the time, and the cases above crashed none; a process of its own for
  each look would take longer than the look. It is not a sandbox: a service that takes files from strangers runs each
  job as a process (`vidsep remix` is one), as another user, with the limits of its system, so that nothing but that job
  can end.
- **Weights** are safetensors files, checked against their SHA-256; PyTorch checkpoints are read by a reader that knows
  tensors and nothing that could be run. **Cache entries** are FLAC and JSON; one whose hash is wrong is made anew.
- **Presets** hold values within ranges. A preset names files to play as music and presets to extend, nothing else; what
  it names is only read, as a video or as TOML.
- **Reports** are pages without links to anywhere; names and titles in them are text. **On the terminal**, control
  characters and those that turn text round are shown as `\\u001b` and the like, in JSON too.
- **ffmpeg is looked for** in absolute folders of `PATH` only: a program beside the videos is not started.
"""


def page() -> str:
    """The text of docs/reliability.md."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    faults, fuzzed = told["faults"], told["fuzz"]
    parts = [
        FAULTS.format(
            faults=markdown(faults["rows"]), faults_system=faults["system"],
            fuzz=markdown(fuzzed["rows"]), fuzz_system=fuzzed["system"], cases=fuzzed["cases"],
            seconds=fuzz.MOST_SECONDS, memory=fuzz.MOST_BYTES >> 20,
        ),
        LIMITS.format(limits="\n".join(_limits()), formats=FORMATS.replace(",", ", ")),
        MEMORY.format(
            reserve_gb=RESERVE_BYTES / GIGABYTE, look_gb=LOOK_BYTES / GIGABYTE, cache_gb=DEFAULT_LIMIT_GB,
            new_seconds=NEW_SECONDS, stall_seconds=STALL_SECONDS,
        ),
    ]  # fmt: skip
    return "\n".join(parts)


def _limits() -> Iterator[str]:
    rows = {
        "length": f"{limits.MOST_HOURS:g} hours",
        "bytes for each second of a film over an hour": f"at least {limits.FEWEST_BYTES_PER_SECOND:g}",
        "sound beyond the claimed length": (
            f"up to {limits.MOST_TIMES_LONGER:g} times the claim and {limits.SPARE_SECONDS / 60:g} minutes"
        ),
        "streams": f"{limits.MOST_STREAMS}",
        "channels of a soundtrack": f"{MOST_CHANNELS}",
        "sample rate": f"{FEWEST_HZ:,} to {MOST_HZ:,} Hz",
        "picture that is decoded": f"{limits.MOST_PIXELS >> 20} megapixels; larger ones are copied all the same",
        "time to understand a file, and then to find each packet": f"{limits.MOST_LOOK_SECONDS:g} s",
        "one piece of memory in ffmpeg": f"{limits.MOST_ALLOC_BYTES >> 20} MiB",
    }
    yield "| what | limit |"
    yield "|---|---|"
    yield from (f"| {what} | {limit} |" for what, limit in rows.items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
