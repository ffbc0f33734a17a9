"""The recordings of a run: read, decoded, and divided into those trained on and those kept aside."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from vidsep.corpora import Recording, held_aside, licences, read_corpus
from vidsep.errors import DatasetError
from vidsep.progress import Progress
from vidsep.training.draw import Corpora
from vidsep.training.resident import decode
from vidsep.training.settings import TrainingConfig

CHANNELS = {"speech": 1, "music": 2, "effects": 1, "vocals": 1}


@dataclass(frozen=True)
class Gathered:
    """All recordings by kind, those for training and those for validation. All three share one set of samples."""

    everything: Corpora
    training: Corpora
    aside: Corpora

    @property
    def fingerprint(self) -> str:
        """A hash of names and lengths, the same for the same recordings wherever they lie."""
        digest = hashlib.sha256()
        for kind, resident in sorted(self.everything.items()):
            for recording, length in zip(resident.recordings, resident.lengths.tolist(), strict=True):
                digest.update(f"{kind}/{recording.path.name}/{length}\n".encode())
        return digest.hexdigest()

    def description(self) -> list[str]:
        """What the network was trained on, for people, with the licences that weights made from it carry."""
        return [
            f"{kind}: {len(resident.recordings)} recordings, {resident.seconds / 60:.0f} minutes, "
            f"under {'; '.join(licences(resident.recordings))}"
            for kind, resident in self.training.items()
        ]


def gather(config: TrainingConfig, progress: Progress) -> Gathered:
    """Read and decode the corpora of a run. Raises `DatasetError` if a kind has too few recordings."""
    everything, training, aside = {}, {}, {}
    for kind, n_channels in CHANNELS.items():
        folders: tuple[Path, ...] = getattr(config.corpora, kind)
        if not folders:
            continue
        recordings = _licensed(kind, [entry for folder in folders for entry in read_corpus(folder)], config)
        resident = decode(kind, recordings, config.network.sample_rate, n_channels, progress)
        try:
            kept, out = held_aside(resident.recordings, config.corpora.aside_share, config.corpora.aside_seed)
        except DatasetError as error:
            raise DatasetError(f"{kind}: {error.message}", error.next_step) from error
        everything[kind], training[kind], aside[kind] = resident, resident.only(kept), resident.only(out)
    return Gathered(everything, training, aside)


def _licensed(kind: str, recordings: Sequence[Recording], config: TrainingConfig) -> list[Recording]:
    patterns = config.corpora.leave_out_licences
    left = [one for one in recordings if not any(fnmatch(one.licence, pattern) for pattern in patterns)]
    if not left:
        raise DatasetError(
            f"all {len(recordings)} recordings of {kind} are under licences that corpora.leave_out_licences names",
            "name fewer of them",
        )
    return left
