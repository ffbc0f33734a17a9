"""Tags that say something about what a file holds, and not about the program that wrote it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone

# Who wrote a file in what form, and counts of packets: each program writes its own.
PROGRAMS_TAGS = frozenset(
    {"encoder", "encoded_by", "software", "vendor_id", "handler_name", "major_brand", "minor_version",
     "compatible_brands", "file_package_umid", "material_package_umid"}
)  # fmt: skip
PROGRAMS_PREFIXES = ("bps", "duration", "number_of_", "_statistics")
UNKNOWN = ("language", "und")  # what MP4 says where nobody said anything


def lasting(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that a copy should have, too, under names in lower case; Matroska has them in upper case.

    Times and places that are written in two ways are one value.

    >>> lasting({"ARTIST": "Somebody", "encoder": "Lavf61", "language": "und"})
    {'artist': 'Somebody'}
    """
    lower = {name.lower(): _plain(name.lower(), value) for name, value in tags.items() if value}
    return {
        name: value
        for name, value in lower.items()
        if name not in PROGRAMS_TAGS and not name.startswith(PROGRAMS_PREFIXES) and (name, value) != UNKNOWN
    }


def _plain(name: str, value: str) -> str:
    """A time as ISO 8601 has it, in UTC, and a place without the zeros that ISO 6709 allows."""
    if name == "creation_time":
        with suppress(ValueError):
            time = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return (time.astimezone(timezone.utc) if time.tzinfo else time).replace(tzinfo=None).isoformat()
    if name.partition("-")[0] == "location" and (numbers := re.findall(r"[+-]\d+(?:\.\d+)?", value)):
        return " ".join(f"{float(number):+}" for number in numbers)
    return value


def lost(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names of lasting tags that are in ``before`` and not in ``after``, whatever their values."""
    kept = {name.lower() for name in after}
    return sorted(name for name in lasting(before) if name not in kept)
