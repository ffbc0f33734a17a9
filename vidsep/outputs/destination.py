"""Can a report be written there? Asked before hours of work, and of little weight to import."""

from pathlib import Path

from vidsep.errors import OutputError


def check_destination(path: Path, *, overwrite: bool = False) -> None:
    """Raise `OutputError` where a report cannot be written; worth a call before hours of work."""
    try:
        has_folder, is_folder, exists = path.parent.is_dir(), path.is_dir(), path.exists()
    except OSError as error:  # a name that is too long, say
        raise unwritable(path, error) from error
    if not has_folder:
        raise OutputError(f"the report's folder {path.parent} does not exist", "make it or choose another")
    if is_folder:
        raise OutputError(f"the report {path} is a folder", "give the name of a file, such as report.html")
    if exists and not overwrite:
        raise OutputError(f"the report {path} exists", "choose another name or allow overwriting")


def unwritable(path: Path, error: OSError) -> OutputError:
    """What is said when a report cannot be written."""
    return OutputError(
        f"cannot write the report {path}: {error.strerror or error}", "choose another place with --report"
    )
