"""What a test set was made of, in files that a person and a program can read."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vidsep.corpora import Recording
from vidsep.dataset.recipes import Recipe
from vidsep.dataset.rendering import Event

FORMAT = 1

# The columns of DnR 2's annots.csv; "sample" there counts seconds, too.
COLUMNS = (
    "file", "class", "mix start time", "mix end time", "clip start sample", "clip end sample", "clip gain",
    "annotation",
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """A finished set; two sets of one ``sha256`` hold the same samples."""

    folder: Path
    n_clips: int
    seconds: float
    sha256: str

    def as_dict(self) -> dict[str, object]:
        """The values for JSON."""
        return {**asdict(self), "folder": str(self.folder)}


def write_annotations(path: Path, events: Iterable[Event]) -> None:
    """One line a sound, in the order of time."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", *COLUMNS])
        for number, event in enumerate(events):
            times = event.start, event.start + event.seconds, event.offset, event.offset + event.seconds
            numbers = [f"{value:.6g}" for value in (*times, event.gain)]
            writer.writerow([number, event.recording.path.name, event.track, *numbers, event.recording.label])


def write_manifest(
    folder: Path, built: Built, recipe: Recipe, options: Mapping[str, object], hashes: Mapping[str, str],
    pools: Mapping[str, Sequence[Recording]],
) -> None:  # fmt: skip
    """``manifest.json``: all that is needed to make the set again, and whom to thank for it."""
    document = {
        "format": FORMAT,
        "sha256": built.sha256,
        "options": {**options, "recipe": asdict(recipe)},
        "recordings": {name: [_credit(recording) for recording in pool] for name, pool in pools.items()},
        "clips": dict(hashes),
    }
    (folder / "manifest.json").write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")


def _credit(recording: Recording) -> dict[str, object]:
    return {
        "file": recording.path.name,
        "source": recording.source,
        "licence": recording.licence,
        "attribution": recording.attribution,
    }
