"""The contract of every network that separates sound.

A model maps fixed pieces of a stereo signal to pieces of its stems; cutting, joining, levels, resampling, channel
layouts and files are no business of it. To add one:

1. write ``separation/models/<name>.py`` with a class that keeps this contract and a function ``load_<name>``;
2. add a row to ``MODELS`` in ``separation/registry.py``: licence, citation, stems, sample rate, how to load it;
3. run ``tests/separation/test_models.py``: it takes its models from that table.

Frameworks (Keras, TensorFlow, JAX) are imported inside functions, so that importing this package stays cheap.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vidsep.audio import FloatArray

CHANNELS = 2  # models hear stereo pairs


@dataclass(frozen=True)
class Cut:
    """How a signal is cut for a model, in samples at the model's rate.

    The model makes ``body`` samples of stems from ``context + body + context`` samples of sound. Bodies stand side by
    side from the signal's first sample on. With that much context the stems do not depend on where the bodies begin,
    as long as they begin at multiples of ``grid``. A model whose frames reach over the end of the body, or that fades
    from one piece to the next, gives ``overlap`` samples more, at most ``context``: they are added to the first stems
    of the next piece.
    """

    body: int
    context: int
    grid: int
    overlap: int = 0

    @property
    def n_samples(self) -> int:
        """Length of what the model is given."""
        return self.context + self.body + self.context


@dataclass(frozen=True)
class Span:
    """Where in a piece the sound starts and stops, in samples; outside of it the piece is padding, not silence."""

    start: int
    stop: int


class SeparationModel(ABC):
    """A network with its weights, ready to run."""

    stems: tuple[str, ...]
    """What it separates, in the order of its output; some of them may not be stems of vidsep."""
    sample_rate: int
    """In hertz."""
    cut: Cut
    input_lufs: float | None = None
    """How loud a programme as a whole is made for it, if it minds; its stems are made as much quieter again."""
    studies: bool = False
    """Whether it has to hear all of a sound before it separates any of it (see `study`)."""

    @abstractmethod
    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        """Stems of a batch of pieces of sound.

        ``pieces`` has the shape ``(batch, cut.n_samples, 2)``, left and right, zero outside of its span; the result
        ``(batch, n_stems, cut.body + cut.overlap, 2)`` starts ``cut.context`` samples after the piece. Silence in is
        silence out.
        """

    def study(self, sound: Iterable[tuple[FloatArray, Span]]) -> Any:
        """What the model has to know of a sound as a whole; its pieces of shape ``(cut.n_samples, 2)`` are ``sound``.

        Asked for where ``studies`` is set.
        """
        return None

    def separate_knowing(self, known: Any, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        """As `separate`, for pieces of a sound of which ``known`` is what `study` returned."""
        return self.separate(pieces, spans)
