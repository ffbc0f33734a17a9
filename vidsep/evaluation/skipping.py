"""A clip that cannot be scored does not stop the others: it is left out, with its reason, and counted."""

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from vidsep.errors import DatasetError, MediaError

logger = logging.getLogger(__name__)


@contextmanager
def skipping(name: str, skipped: MutableMapping[str, str]) -> Iterator[None]:
    """What goes wrong with the clip's sound inside is noted in ``skipped`` under its name."""
    try:
        yield
    except (DatasetError, MediaError) as error:
        skipped[name] = error.message


def tell_skipped(folder: Path, skipped: Mapping[str, str], n_done: int) -> None:
    """Warn of what was left out. Raises `DatasetError` if nothing is left."""
    if not skipped:
        return
    name, reason = next(iter(skipped.items()))
    if not n_done:
        raise DatasetError(f"nothing in {folder} can be scored, {name} first: {reason}", "mend the set")
    logger.warning("%d in %s cannot be scored and are left out, %s first: %s", len(skipped), folder, name, reason)
