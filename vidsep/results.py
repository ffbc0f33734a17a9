"""What the stories give back: for people as lines, for programs as a dictionary."""

from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from vidsep.loudness.measure import Loudness


@dataclass(frozen=True)
class TrackResult:
    """What became of one audio track, numbered from 1 as in the input.

    ``before`` and ``after`` are measured on the decoded input and on the written file; None where nothing asked for it.
    ``loudness_lufs`` is what counts for ``target_lufs``: integrated, or during speech.
    """

    number: int
    codec: str
    n_samples: int
    sample_rate: int
    separated: bool
    from_cache: bool
    before: Loudness | None = None
    after: Loudness | None = None
    target_lufs: float | None = None
    loudness_lufs: float | None = None
    duck_difference_lu: float | None = None

    def lines(self) -> list[str]:
        """The track for people."""
        stems = "from the cache" if self.from_cache else "separated" if self.separated else "not needed"
        lines = [f"track {self.number}: {self.codec}, {self.n_samples / self.sample_rate:.2f} s, stems {stems}"]
        if self.before and self.after:
            target = "" if self.target_lufs is None else f", target {self.target_lufs:g}"
            counted = self.after.integrated_lufs if self.loudness_lufs is None else self.loudness_lufs
            lines.append(
                f"  loudness {self.before.integrated_lufs:.1f} -> {counted:.1f} LUFS{target}; "
                f"true peak {self.after.true_peak_dbtp:.1f} dBTP"
            )
        if self.duck_difference_lu is not None:
            lines.append(f"  dialogue over music while somebody speaks: {self.duck_difference_lu:.1f} LU")
        return lines

    def as_dict(self) -> dict[str, object]:
        """The track for programs, JSON-safe."""
        return {
            "number": self.number,
            "codec": self.codec,
            "n_samples": self.n_samples,
            "sample_rate": self.sample_rate,
            "separated": self.separated,
            "from_cache": self.from_cache,
            "loudness_before": self.before.as_dict() if self.before else None,
            "loudness_after": self.after.as_dict() if self.after else None,
            "target_lufs": self.target_lufs,
            "loudness_lufs": _finite(self.loudness_lufs),
            "duck_difference_lu": _finite(self.duck_difference_lu),
        }


def _finite(value: float | None) -> float | None:
    """``value``, or None where it is infinite (silence), which JSON does not know."""
    return value if value is not None and isfinite(value) else None


@dataclass(frozen=True)
class RemixResult:
    """A remix that was written.

    ``picture_sha256`` is the hash of the picture's packets, the same in input and output; empty where there is none.
    """

    input: Path
    output: Path
    preset: str
    picture_sha256: str
    n_picture_packets: int
    tracks: tuple[TrackResult, ...]
    warnings: tuple[str, ...] = ()
    reports: tuple[Path, ...] = ()

    def lines(self) -> list[str]:
        """The result for people."""
        picture = "no picture"
        if self.n_picture_packets:
            picture = f"picture identical: {self.n_picture_packets} packets, sha256 {self.picture_sha256[:16]}"
        lines = [f"wrote {self.output}", f"  {picture}"]
        for track in self.tracks:
            lines.extend(f"  {line}" for line in track.lines())
        lines += [f"  report {page}" for page in self.reports]
        return lines

    def as_dict(self) -> dict[str, object]:
        """The result for programs, JSON-safe."""
        return {
            "input": str(self.input),
            "output": str(self.output),
            "preset": self.preset,
            "picture": {
                "identical": self.n_picture_packets > 0,
                "sha256": self.picture_sha256,
                "n_packets": self.n_picture_packets,
            },
            "tracks": [track.as_dict() for track in self.tracks],
            "warnings": list(self.warnings),
            "reports": [str(page) for page in self.reports],
        }


@dataclass(frozen=True)
class SeparationResult:
    """Stems that were written, by their names."""

    input: Path
    stems: dict[str, Path]
    n_samples: int
    sample_rate: int
    from_cache: bool
    warnings: tuple[str, ...] = field(default=())

    def lines(self) -> list[str]:
        """The result for people."""
        return [f"wrote {path}" for path in self.stems.values()]

    def as_dict(self) -> dict[str, object]:
        """The result for programs, JSON-safe."""
        return {
            "input": str(self.input),
            "stems": {name: str(path) for name, path in self.stems.items()},
            "n_samples": self.n_samples,
            "sample_rate": self.sample_rate,
            "from_cache": self.from_cache,
            "warnings": list(self.warnings),
        }
