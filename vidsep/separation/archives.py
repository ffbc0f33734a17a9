"""Published archives, unpacked without trusting them: plain files only, each by its bare name, no more than fits."""

import tarfile
from pathlib import Path, PurePosixPath

from vidsep.errors import ModelError

MOST_BYTES = 4 << 30
MOST_FILES = 100
CHUNK_BYTES = 1 << 20
REFUSED = "get it again from where it is published"


def unpack(archive: Path, folder: Path) -> None:
    """Put the files of the tar archive into ``folder``, which gets no folders below it.

    Raises `ModelError` for a broken archive and for one with links, devices, or names that lead elsewhere.
    """
    left = MOST_BYTES
    try:
        with tarfile.open(archive, "r|*") as tar:
            for count, member in enumerate(tar):
                if count >= MOST_FILES:
                    raise ModelError(f"{archive.name} holds more files than a model has", REFUSED)
                name = _name_of(member, archive)
                if name:
                    left = _copy(tar, member, folder / name, archive, left)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ModelError(f"{archive.name} cannot be unpacked: {error}", REFUSED) from error


def _name_of(member: tarfile.TarInfo, archive: Path) -> str:
    """The bare name of a file; empty for a folder."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or any(sign in member.name for sign in "\\:\0"):
        raise ModelError(f"{archive.name} holds {member.name!r}, which leads out of its folder", REFUSED)
    if not (member.isfile() or member.isdir()):
        raise ModelError(f"{archive.name} holds {member.name!r}, which is not a plain file", REFUSED)
    return path.name if member.isfile() else ""


def _copy(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, archive: Path, left: int) -> int:
    """Write a file; how many bytes may still come."""
    source = tar.extractfile(member)
    if source is None or member.size > left:
        raise ModelError(f"{archive.name} unpacks to more than a model can be", REFUSED)
    with target.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            file.write(chunk)
    return left - member.size
