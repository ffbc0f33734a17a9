"""What is different between two files, stream by stream."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidsep.media.fingerprint import Chapter, FilePrint, StreamPrint
from vidsep.media.tags import lasting

LEAST_SECONDS = 0.002  # containers round times to milliseconds, each in its own way


@dataclass(frozen=True)
class Difference:
    """Something that is not the same.

    ``where`` is a stream (``video:1``, ``audio:2``), ``chapters`` or ``tags``; ``before`` and ``after`` are the values
    in words, empty where there is none.
    """

    where: str
    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if not (self.before or self.after):
            return f"{self.where}: {self.what}"
        return f"{self.where}: {self.what}: {self.before or 'nothing'} -> {self.after or 'nothing'}"


def differences(one: FilePrint, two: FilePrint) -> list[Difference]:
    """What differs between two files, in the order of the first one's streams.

    Streams are matched by their kind and their number in it. Tags that each program writes for itself do not count,
    nor how a container frames the same H.264 or HEVC.
    """
    found: list[Difference] = []
    others = {stream.name: stream for stream in two.streams}
    zeros = _first_seconds(one), _first_seconds(two)
    for stream in one.streams:
        other = others.pop(stream.name, None)
        if other is None:
            found.append(Difference(stream.name, "missing", stream.codec or "unknown codec"))
        else:
            found += _stream_differences(stream, other, zeros)
    found += [Difference(stream.name, "new", after=stream.codec or "unknown codec") for stream in others.values()]
    found += _chapter_differences(one.chapters, two.chapters)
    found += _tag_differences("tags", one.tags, two.tags)
    return found


def without(found: Iterable[Difference], ignored: Iterable[str]) -> list[Difference]:
    """The differences that are not of a stream (``audio:1``), a kind (``audio``) or a part (``tags``) to ignore."""
    names = set(ignored)
    return [one for one in found if not {one.where, one.where.partition(":")[0]} & names]


def _first_seconds(file: FilePrint) -> float:
    """The time of the first picture, or of what comes first where there is none."""
    streams = [stream for stream in file.streams if stream.name == "video:1"] or file.streams
    firsts = [float(np.nanmin(stream.seconds)) for stream in streams if np.isfinite(stream.seconds).any()]
    return min(firsts, default=0.0)


def _stream_differences(one: StreamPrint, two: StreamPrint, zeros: tuple[float, float]) -> Iterator[Difference]:
    if one.codec != two.codec:
        yield Difference(one.name, "codec", one.codec or "unknown", two.codec or "unknown")
    same_units = one.codec == two.codec in ("h264", "hevc") and one.units_sha256 == two.units_sha256
    if one.sha256 != two.sha256 and not same_units:
        yield Difference(one.name, "packets", *(f"{file.n_packets}, sha256 {file.sha256[:16]}" for file in (one, two)))
    elif (off_seconds := _largest_delay(one.seconds - zeros[0], two.seconds - zeros[1])) > LEAST_SECONDS:
        yield Difference(one.name, f"times are off by up to {off_seconds:.3f} s")
    one_form, two_form = dict(one.form), dict(two.form)
    if one.boxes is not None and two.boxes is not None:
        one_form |= one.boxes
        two_form |= two.boxes
    for name in sorted({*one_form, *two_form}):
        before, after = one_form.get(name, ""), two_form.get(name, "")
        if before != after:
            yield Difference(one.name, name, before, after)
    if one.dispositions != two.dispositions:
        yield Difference(one.name, "dispositions", ", ".join(one.dispositions), ", ".join(two.dispositions))
    yield from _tag_differences(one.name, one.tags, two.tags)


def _largest_delay(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> float:
    """0.0 where the packets are not as many: containers of PCM cut it as they like."""
    if len(one) != len(two) or not len(one):
        return 0.0
    return float(np.nanmax(np.abs(one - two), initial=0.0))


def _chapter_differences(one: tuple[Chapter, ...], two: tuple[Chapter, ...]) -> Iterator[Difference]:
    if len(one) != len(two):
        yield Difference("chapters", "count", str(len(one)), str(len(two)))
        return
    for number, (before, after) in enumerate(zip(one, two, strict=True), start=1):
        spans = [(chapter.start_seconds, chapter.end_seconds) for chapter in (before, after)]
        if max(abs(spans[0][0] - spans[1][0]), abs(spans[0][1] - spans[1][1])) > LEAST_SECONDS:
            yield Difference("chapters", f"span of chapter {number}", *(f"{a:.3f} to {b:.3f} s" for a, b in spans))
        yield from _tag_differences("chapters", before.tags, after.tags, f" of chapter {number}")


def _tag_differences(
    where: str, one: Mapping[str, str], two: Mapping[str, str], of_what: str = ""
) -> Iterator[Difference]:
    before, after = lasting(one), lasting(two)
    for name in sorted({*before, *after}):
        if before.get(name, "") != after.get(name, ""):
            yield Difference(where, f"tag {name}{of_what}", before.get(name, ""), after.get(name, ""))
