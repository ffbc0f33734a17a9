"""Two files held side by side: is the picture the same, and what else is not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vidsep.media.differences import Difference, differences, without
from vidsep.media.fingerprint import FilePrint, file_print
from vidsep.media.info import MediaInfo
from vidsep.media.probe import probe
from vidsep.progress import Progress, Silent


@dataclass(frozen=True)
class Verification:
    """What came of it. ``differences`` are those that were not to be ignored, ``same`` the names of equal streams."""

    one: FilePrint
    two: FilePrint
    differences: tuple[Difference, ...]
    same: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not self.differences

    @property
    def picture_is_same(self) -> bool:
        """Whether every picture track is the same to the packet; also True where both files have none."""
        packets = {one.where for one in self.differences if one.what in ("packets", "codec", "missing", "new")}
        return not any(name.startswith("video:") for name in packets)

    def lines(self) -> list[str]:
        """The result for people."""
        pictures = [stream for stream in self.one.streams if stream.name.startswith("video:")]
        if not pictures:
            verdict = "no picture"
        elif self.picture_is_same:
            n_packets = sum(stream.n_packets for stream in pictures)
            verdict = f"picture identical: {n_packets} packets, sha256 {pictures[0].sha256[:16]}"
        else:
            verdict = "picture differs"
        lines = [verdict]
        if self.same:
            lines.append(f"the same: {', '.join(self.same)}")
        lines += [f"differs: {one}" for one in self.differences]
        return lines

    def as_dict(self) -> dict[str, object]:
        """The result for programs, JSON-safe."""
        return {
            "a": str(self.one.path),
            "b": str(self.two.path),
            "same": self.is_same,
            "picture_same": self.picture_is_same,
            "picture_sha256": [stream.sha256 for stream in self.one.streams if stream.name.startswith("video:")],
            "same_parts": list(self.same),
            "differences": [asdict(one) for one in self.differences],
        }


def verify(
    one: str | Path, two: str | Path, *, ignore: Sequence[str] = (), progress: Progress | None = None
) -> Verification:
    """Compare the packets, form, flags and tags of all streams of two files, their chapters and their tags.

    ``ignore`` names what does not count: a stream such as ``audio:1``, a kind such as ``audio``, ``chapters`` or
    ``tags``. Nothing is decoded but the first pictures. Raises `MediaError` when one of the files cannot be read.
    """
    infos = probe(Path(one)), probe(Path(two))
    prints = _read(infos[0], progress or Silent()), _read(infos[1], progress or Silent())
    found = differences(*prints)
    different = {difference.where for difference in found}
    names = [*(stream.name for stream in prints[0].streams), "chapters", "tags"]
    present = names if prints[0].chapters else [name for name in names if name != "chapters"]
    same = tuple(name for name in present if name not in different)
    return Verification(*prints, tuple(without(found, ignore)), same)


def _read(info: MediaInfo, progress: Progress) -> FilePrint:
    with progress.stage("reading", info.duration_seconds) as advance:
        return file_print(info, advance)
