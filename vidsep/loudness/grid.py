"""Cuts pushed sound at fixed places, so that what is measured does not depend on how the sound was handed over."""

from collections.abc import Iterator

import numpy as np

from vidsep.audio import FloatArray


class Grid:
    """Takes blocks of any size and gives back pieces of exactly ``n_samples``; what is over waits in ``rest``."""

    def __init__(self, n_samples: int, n_channels: int) -> None:
        self._piece = np.empty((n_samples, n_channels), np.float32)
        self._filled = 0

    @property
    def rest(self) -> FloatArray:
        """What has not filled a piece yet, shape ``(fewer than n_samples, n_channels)``."""
        return self._piece[: self._filled]

    def add(self, block: FloatArray) -> Iterator[FloatArray]:
        """The pieces that ``block``, shape ``(any, n_channels)``, completes; raises ValueError for another shape."""
        n_samples, n_channels = self._piece.shape
        if block.ndim != 2 or block.shape[1] != n_channels:
            raise ValueError(f"blocks of {n_channels} channels were announced, this has the shape {block.shape}")
        start = 0
        while start < len(block):
            if self._filled == 0 and len(block) - start >= n_samples:  # nothing to join: no copy
                yield block[start : start + n_samples]
                start += n_samples
                continue
            stop = min(start + n_samples - self._filled, len(block))
            self._piece[self._filled : self._filled + stop - start] = block[start:stop]
            self._filled += stop - start
            start = stop
            if self._filled == n_samples:
                full, self._piece, self._filled = self._piece, np.empty_like(self._piece), 0
                yield full
