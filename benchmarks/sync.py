"""Whether the sound stays with the picture: flash-and-click films of every kind, remixed and measured.

    python -m benchmarks.sync            each container and codec, each oddity of times (a minute)
    python -m benchmarks.sync --long     three hours: no drift from the first second to the last (ten minutes)

Prints a Markdown table; ends with 1 when a click is more than a millisecond off.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

import vidsep
from benchmarks.click_films import CASES, Case, click, make, run_ffmpeg
from benchmarks.click_times import compared, matched, measured_in

MOST_MS = 1.0 + 0.03  # and what the measurement is good for: a sample
LONG_SECONDS = 3 * 3600
LONG_RATE = 44100
LONG_FORMS = (("mp4", "aac"), ("mkv", "libopus"), ("mov", "pcm_s16le"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="films whose name, or codec with --long, has this in it")
    parser.add_argument("--long", action="store_true", help="three hours instead of the grid")
    arguments = parser.parse_args()
    if arguments.long:
        return _long(arguments.only)
    print("| film | new codec | clicks off by at most, ms | picture off by, ms | |")
    print("|---|---|---:|---:|---|")
    verdicts = [_grid_row(case) for case in CASES if arguments.only in case.name]
    return int(not all(verdicts))


def _grid_row(case: Case) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        film = make(case, Path(folder), run_ffmpeg)
        output = film.with_stem("out")
        try:
            result = vidsep.remix(film, output, preset="neutral")
        except vidsep.VidsepError as error:
            print(f"| {case.name} | | | | {error} |", flush=True)
            return False
        found = compared(case, film, output)
    good = len(found.clicks_ms) >= 3 and found.worst_ms <= MOST_MS and found.picture_ms <= MOST_MS
    verdict = "" if good else "off"
    codec = result.tracks[0].codec
    print(f"| {case.name} | {codec} | {found.worst_ms:.2f} | {found.picture_ms:.2f} | {verdict} |", flush=True)
    return good


def _long(only: str) -> int:
    middle = LONG_SECONDS / 2
    seconds = (2.0, middle, LONG_SECONDS - 2.0)
    spans = [(second - 1.5, second + 1.5) for second in seconds]
    print("| three hours of | click at the start, ms | in the middle | at the end | picture off by, ms |")
    print("|---|---:|---:|---:|---:|")
    good = True
    with tempfile.TemporaryDirectory() as folder:
        clicks = _long_clicks(Path(folder) / "clicks.flac", seconds)
        for suffix, codec in (form for form in LONG_FORMS if only in form[1]):
            film = _long_film(Path(folder) / f"film.{suffix}", clicks, codec, seconds)
            output = film.with_stem("out")
            vidsep.remix(film, output, preset="neutral")
            before, after = measured_in(film, spans), measured_in(output, spans)
            found = [matched(*pair) for pair in zip(before, after, strict=True)]
            starts = [np.array([one.flashes[0] for one in films]) for films in (before, after)]
            drift_ms = 1000 * float(np.abs((starts[1] - starts[1][0]) - (starts[0] - starts[0][0])).max())
            worst = [one.worst_ms for one in found]
            print(f"| {codec} in {suffix} | {' | '.join(f'{ms:.2f}' for ms in worst)} | {drift_ms:.2f} |", flush=True)
            good &= max(*worst, drift_ms) <= MOST_MS
            film.unlink()
            output.unlink()
    return int(not good)


def _long_clicks(path: Path, seconds: tuple[float, ...]) -> Path:
    starts = [round(second * LONG_RATE) for second in seconds]
    burst = click(LONG_RATE)
    with soundfile.SoundFile(path, "w", LONG_RATE, 1, "PCM_16") as file:
        for first in range(0, LONG_SECONDS * LONG_RATE, 60 * LONG_RATE):
            block = np.zeros(60 * LONG_RATE, np.float32)
            for start in starts:
                if first <= start < first + len(block):
                    block[start - first : start - first + len(burst)] = burst
            file.write(block)
    return path


def _long_film(path: Path, clicks: Path, codec: str, seconds: tuple[float, ...]) -> Path:
    flashes = "+".join(f"eq(n,{round(second * 5)})" for second in seconds)
    picture = f"color=black:s=32x32:r=5:d={LONG_SECONDS},drawbox=c=white:t=fill:enable='{flashes}'"
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p")
    run_ffmpeg("-f", "lavfi", "-i", picture, "-i", clicks, *video, "-c:a", codec, path)
    return path


if __name__ == "__main__":
    sys.exit(main())
