"""A stream of sound in overlapping pieces for a network, on a grid that starts at the first sample."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.audio import FloatArray
from vidsep.separation.models.base import Cut, Span


@dataclass(frozen=True)
class Piece:
    """``samples`` of shape ``(cut.n_samples, n_channels)``, the sound's place in it, and how much of the body is sound.

    The bodies' first ``n_body`` samples, one after the other, are the whole sound.
    """

    samples: FloatArray
    span: Span
    n_body: int


def pieces(blocks: Iterable[FloatArray], n_samples: int, n_channels: int, cut: Cut) -> Iterator[Piece]:
    """The sound of ``blocks`` of shape ``(any, n_channels)``, ``n_samples`` long in all, cut into pieces.

    The pieces are the same however the blocks were cut, and hold copies.
    """
    source = iter(blocks)
    held = np.zeros((cut.context, n_channels), np.float32)  # from ``context`` samples before the next body on
    for start in range(0, n_samples, cut.body):
        held = _filled(held, source, cut.n_samples)
        first = start - cut.context
        span = Span(max(0, -first), min(n_samples - first, cut.n_samples))
        yield Piece(held[: cut.n_samples].copy(), span, min(cut.body, n_samples - start))
        held = held[cut.body :]


def joined(stems: Iterable[FloatArray], n_samples: int, cut: Cut) -> Iterator[FloatArray]:
    """The stems of a sound of ``n_samples`` from those of its pieces, each ``(cut.body + cut.overlap, any)``."""
    held, left = np.zeros((0, 0), np.float32), n_samples
    for part in stems:
        body = part[: cut.body]
        if len(held):
            body = np.concatenate([body[: cut.overlap] + held, body[cut.overlap :]])
        held = part[cut.body :]
        yield body[:left]
        left -= cut.body


def _filled(held: FloatArray, source: Iterator[FloatArray], n_samples: int) -> FloatArray:
    """``held`` with as much of the source behind it as makes ``n_samples`` or more; zeros after the source's end."""
    parts, missing = [held], n_samples - len(held)
    while missing > 0:
        block = next(source, None)
        parts.append(np.zeros((missing, held.shape[1]), np.float32) if block is None else block)
        missing -= len(parts[-1])
    return np.concatenate(parts)
