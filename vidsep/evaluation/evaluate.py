"""Score networks on a folder of clips: clip by clip, what cannot be read is left out and counted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from vidsep.audio import STEM_NAMES, Audio
from vidsep.evaluation.clips import Clip, alone, find_clips
from vidsep.evaluation.plot import scores_png
from vidsep.evaluation.scoring import ClipScores, Separating, StemScore, score_clip
from vidsep.evaluation.skipping import skipping, tell_skipped
from vidsep.evaluation.sound_files import length_seconds
from vidsep.evaluation.summary import StemSummary, summarise
from vidsep.evaluation.tables import counted, table_lines
from vidsep.progress import Progress, Silent

WARM_UP_RATE = 44100  # one second of it
FAINT = 5e-5  # not silence, for which a network need not run at all


@dataclass(frozen=True)
class Evaluation:
    """What came of it.

    ``n_clips`` of ``seconds`` in all were scored; stems alone are not counted. ``skipped`` holds the clips that were
    left out, and why; ``speeds`` are times real time.
    """

    folder: Path
    n_clips: int
    seconds: float
    skipped: Mapping[str, str]
    speeds: Mapping[str, float]
    scores: Sequence[StemScore]

    @property
    def summary(self) -> dict[str, dict[str, StemSummary]]:
        """See `summarise`."""
        return summarise(self.scores)

    def lines(self) -> Iterator[str]:
        """Tables in Markdown, and what they were made of."""
        yield f"{counted(self.n_clips, 'clip')}, {self.seconds / 60:.1f} minutes of sound"
        if self.skipped:
            yield f"{counted(len(self.skipped), 'clip')} left out"
        for name, speed in self.speeds.items():
            yield f"{name}: {speed:.1f}x real time"
        yield from table_lines(self.summary)

    def records(self) -> list[dict[str, object]]:
        """Each score of each clip."""
        return [asdict(score) for score in self.scores]

    def picture(self) -> bytes:
        """SI-SDR of every estimate over that of its mixture, a panel a stem."""
        return scores_png(self.scores)

    def as_dict(self) -> dict[str, object]:
        """All but the single clips' scores, for JSON."""
        rows = {row: {stem: s.as_dict() for stem, s in stems.items()} for row, stems in self.summary.items()}
        return {
            "folder": self.folder.resolve().name,
            "n_clips": self.n_clips,
            "seconds": round(self.seconds, 3),
            "skipped": dict(self.skipped),
            "speed_x_real_time": {name: round(speed, 2) for name, speed in self.speeds.items()},
            "rows": rows,
        }


def evaluate(
    folder: Path,
    separators: Mapping[str, Separating],
    *,
    limit: int | None = None,
    solo: bool = False,
    progress: Progress | None = None,
) -> Evaluation:
    """Score ``separators``, by the name that their row gets, on the clips in ``folder`` (see `find_clips`).

    ``limit`` takes the first clips only. With ``solo`` each stem of a clip is separated on its own, too: it should come
    out as it went in, and nothing in the others. Speeds count from decoded sound to stems on disk, all start-up before.
    Raises `DatasetError` if there is no clip that can be scored, and what separating raises but for broken sound.
    """
    found = find_clips(folder)
    clips = list(islice(found.clips, limit))
    for separator in separators.values():
        _warm_up(separator)
    skipped, done = dict(found.incomplete), dict[str, ClipScores]()
    rounds = (1 + len(STEM_NAMES) if solo else 1) * len(separators)
    with (progress or Silent()).stage("evaluating", rounds * sum(map(_seconds, clips))) as advance:
        for clip in clips:
            with skipping(clip.name, skipped):
                done[clip.name] = score_clip(clip, separators, advance)
                for part in alone(clip, done[clip.name].sounding) if solo else ():
                    done[part.name] = score_clip(part, separators, advance)
    tell_skipped(folder, skipped, len(done))
    whole = [done[clip.name].seconds for clip in clips if clip.name in done]
    scores = [score for clip in done.values() for score in clip.scores]
    speeds = {name: _speed(name, done.values()) for name in separators}
    return Evaluation(folder, len(whole), sum(whole), skipped, speeds, scores)


def _warm_up(separator: Separating) -> None:
    """Have the network loaded and compiled: that is no matter of its speed."""
    hiss = np.random.default_rng(0).uniform(-FAINT, FAINT, (WARM_UP_RATE, 2)).astype(np.float32)
    for _ in separator.stream(Audio(hiss, WARM_UP_RATE)):
        pass


def _seconds(clip: Clip) -> float:
    return length_seconds(clip.mixture)


def _speed(name: str, done: Iterable[ClipScores]) -> float:
    clips = list(done)
    return sum(clip.seconds for clip in clips) / sum(clip.took_seconds[name] for clip in clips)
