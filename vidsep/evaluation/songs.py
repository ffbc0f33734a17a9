"""Networks scored on the stems of songs, as Spleeter and the separation campaigns report it.

A folder in MUSDB18-HQ's layout has a folder a song with ``mixture.wav``, ``vocals.wav``, ``drums.wav``, ``bass.wav``
and ``other.wav``. A song's score is the median of its seconds, a network's is the median of the songs' (Stöter, Liutkus
and Ito, "The 2018 signal separation evaluation campaign", LVA/ICA 2018).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from vidsep.evaluation.clips import SONG_NAMES, find_clips
from vidsep.evaluation.scoring import Separating
from vidsep.evaluation.skipping import skipping, tell_skipped
from vidsep.evaluation.song_scores import METRICS, SongScores, museval_metric, score_song
from vidsep.evaluation.sound_files import length_seconds
from vidsep.evaluation.tables import counted, number_or_dash, table
from vidsep.progress import Progress, Silent


@dataclass(frozen=True)
class SongEvaluation:
    """Scores of each song by the network's name and the song's; ``skipped`` songs were left out, and why."""

    folder: Path
    n_songs: int
    skipped: Mapping[str, str]
    scores: Mapping[str, Mapping[str, SongScores]]

    def summary(self) -> dict[str, dict[str, dict[str, float | None]]]:
        """The median over songs: by network, stem and metric; None where no song could be scored."""
        return {name: _medians(list(songs.values())) for name, songs in self.scores.items()}

    def as_dict(self) -> dict[str, object]:
        """The summary for JSON."""
        return {
            "folder": self.folder.resolve().name,
            "n_songs": self.n_songs,
            "skipped": dict(self.skipped),
            "median_of_medians_db": self.summary(),
        }

    def lines(self) -> Iterator[str]:
        """A table a network in Markdown."""
        yield counted(self.n_songs, "song")
        if self.skipped:
            yield f"{counted(len(self.skipped), 'song')} left out"
        for name, stems in self.summary().items():
            rows = {metric: [number_or_dash(values[metric]) for values in stems.values()] for metric in METRICS}
            yield from table(f"{name}, BSS Eval 4 in dB, median of the songs' medians:", list(stems), rows)

    def records(self) -> list[dict[str, object]]:
        """A line for each stem of each song."""
        return [
            {"model": name, "song": song, "stem": stem, **values}
            for name, songs in self.scores.items()
            for song, stems in songs.items()
            for stem, values in stems.items()
        ]

    def picture(self) -> None:
        """There is none."""


def evaluate_songs(
    folder: Path, separators: Mapping[str, Separating], *, limit: int | None = None, progress: Progress | None = None
) -> SongEvaluation:
    """Score ``separators``, by the name that their table gets, on the first ``limit`` songs in ``folder``.

    Raises `DatasetError` if museval is missing or no song can be scored, and `ModelError` for a network whose stems are
    not those of songs.
    """
    metric = museval_metric()
    found = find_clips(folder, SONG_NAMES)
    songs = list(islice(found.clips, limit))
    skipped, scores = dict(found.incomplete), {name: dict[str, SongScores]() for name in separators}
    total = sum(length_seconds(song.mixture) for song in songs) * len(separators)
    with (progress or Silent()).stage("evaluating", total) as advance:
        for song in songs:
            with skipping(song.name, skipped):
                made = {name: score_song(song, separator, metric, advance) for name, separator in separators.items()}
                for name, song_scores in made.items():
                    scores[name][song.name] = song_scores
    n_songs = sum(song.name not in skipped for song in songs)
    tell_skipped(folder, skipped, n_songs)
    return SongEvaluation(folder, n_songs, skipped, scores)


def _medians(songs: Sequence[SongScores]) -> dict[str, dict[str, float | None]]:
    stems = songs[0] if songs else {}
    return {stem: {metric: _median([song[stem][metric] for song in songs]) for metric in METRICS} for stem in stems}


def _median(values: Sequence[float]) -> float | None:
    known = [value for value in values if not np.isnan(value)]
    return float(np.median(known)) if known else None
