"""Everything that can go wrong in a way that a person can mend.

Errors are raised where the fault is seen, chained with ``from``, and printed once, at the edge: one line that says
what is wrong and what to do next. Exit codes are part of the command line's contract (README, "Exit codes").
"""

from typing import ClassVar


class VidsepError(Exception):
    """Base of vidsep's errors.

    ``message`` says what is wrong, ``next_step`` what the person can do about it; both fit one line.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        self.message = " ".join(message.split())
        self.next_step = " ".join(next_step.split())
        super().__init__(f"{self.message}; {self.next_step}" if self.next_step else self.message)


class MediaError(VidsepError):
    """The input cannot be read: missing, not a media file, broken, without sound; or ffmpeg is missing or failed."""

    exit_code = 3


class PresetError(VidsepError):
    """A preset or a setting is unknown, malformed or out of range."""

    exit_code = 4


class ModelError(VidsepError):
    """The network or its weights are missing, damaged, or gave a result that cannot be right."""

    exit_code = 5


class OutputError(VidsepError):
    """The output cannot be written: it exists, its folder is missing or read-only, the disk is full."""

    exit_code = 6


class VerificationError(VidsepError):
    """What was written is not what was promised (the picture's packets differ, say); no output is left."""

    exit_code = 7


class DatasetError(VidsepError):
    """Recordings to train or to score on are missing, broken, or too few."""

    exit_code = 8


class TrainingError(VidsepError):
    """A training run cannot begin or go on: its configuration is wrong, or its loss is no number."""

    exit_code = 9


INTERRUPTED_EXIT_CODE = 130  # 128 + SIGINT, as shells report it
