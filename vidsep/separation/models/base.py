"""The contract of every network that separates sound.

A model maps fixed pieces of a stereo signal to pieces of its stems; cutting, joining, resampling, channel layouts and
files are no business of it. To add one:

1. write ``separation/models/<name>.py`` with a class that keeps this contract and a function ``load_<name>``;
2. add a row to ``MODELS`` in ``separation/registry.py``: licence, citation, stems, sample rate, how to load it;
3. run ``tests/separation/test_models.py``: it takes its models from that table.

Frameworks (Keras, TensorFlow, JAX) are imported inside functions, so that importing this package stays cheap.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from vidsep.audio import FloatArray

CHANNELS = 2  # models hear stereo pairs


@dataclass(frozen=True)
class Cut:
    """How a signal is cut for a model, in samples at the model's rate.

    The model makes ``body`` samples of stems from ``context + body + context`` samples of sound. Bodies stand side by
    side from the signal's first sample on. With that much context the stems do not depend on where the bodies begin,
    as long as they begin at multiples of ``grid``.
    """

    body: int
    context: int
    grid: int

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

    @abstractmethod
    def separate(self, pieces: FloatArray, spans: Sequence[Span]) -> FloatArray:
        """Stems of a batch of pieces of sound.

        ``pieces`` has the shape ``(batch, cut.n_samples, 2)``, left and right, zero outside of its span; the result
        ``(batch, n_stems, cut.body, 2)`` stands at the middle of the piece. Silence in is silence out.
        """
