"""How much a file may claim. A few bytes can promise years of sound or pictures as large as a house.

What is beyond is refused before memory or disk are spent on it. ``docs/reliability.md`` lists the limits; those of
rates and channels are in `vidsep.media.info`.
"""

from collections.abc import Iterable, Iterator

from vidsep.audio import FloatArray
from vidsep.errors import MediaError

MOST_HOURS = 100.0
MOST_STREAMS = 300  # Matroska counts every attached font; a disc has some fifty tracks
MOST_PIXELS = 1 << 26  # of a picture that is decoded, to see how players turn it: 8K has half as many
MOST_LOOK_SECONDS = 30.0  # for the reader to understand a file, and then to find its next packet
MOST_ALLOC_BYTES = 1 << 30  # of one piece of memory in ffmpeg, such as a packet

# Digital silence in FLAC's largest blocks takes 10 bytes for a second; nothing that plays takes less.
FEWEST_BYTES_PER_SECOND = 8.0
SHORT_SECONDS = 3600.0  # what is no longer is not asked for its bytes

# Where a file tells its length it may be wrong: MP3 of variable bit rate is off by some times.
MOST_TIMES_LONGER = 20.0
SPARE_SECONDS = 600.0


def check_claims(name: str, duration_seconds: float, size_bytes: int, n_streams: int) -> None:
    """Raise `MediaError` if the file called ``name`` claims what cannot be."""
    if n_streams > MOST_STREAMS:
        raise MediaError(f"{name} has {n_streams} streams", f"vidsep takes up to {MOST_STREAMS}")
    if duration_seconds > MOST_HOURS * 3600:
        raise MediaError(
            f"{name} claims to last {duration_seconds / 3600:.0f} hours",
            f"vidsep takes up to {MOST_HOURS:g}; cut it into parts, or copy it with a tool that mends its index",
        )
    if duration_seconds > SHORT_SECONDS and size_bytes < FEWEST_BYTES_PER_SECOND * duration_seconds:
        raise MediaError(
            f"{name} claims to last {duration_seconds / 3600:.1f} hours with {size_bytes} bytes",
            "it is damaged or made to deceive; copy it again from its source",
        )


def not_endless(blocks: Iterable[FloatArray], sample_rate: int, claimed_seconds: float) -> Iterator[FloatArray]:
    """``blocks`` as they are. Raises `MediaError` when they go on far beyond the length that their file claims."""
    most_seconds = min(MOST_TIMES_LONGER * claimed_seconds + SPARE_SECONDS, MOST_HOURS * 3600)
    left = most_seconds * sample_rate
    for block in blocks:
        left -= len(block)
        if left < 0:
            raise MediaError(
                f"it goes on for more than {most_seconds / 3600:.1f} hours, the file claims {claimed_seconds:.1f} s",
                "convert it with a tool that you trust first",
            )
        yield block
