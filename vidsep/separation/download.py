"""Weights over the network: resumed where they were cut off, tried again, and worth nothing until their hash is right.

Proxies are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``...), as requests reads them.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from vidsep.errors import ModelError, OutputError
from vidsep.hashing import sha256_of
from vidsep.separation.row import Origin

if TYPE_CHECKING:
    from requests import Response

Arrived: TypeAlias = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes there will be, 0 where the server does not tell."""

TIMEOUT_SECONDS = (15.0, 60.0)  # to connect, and of silence in between: a slow server may take as long as it likes
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0)  # before the second and later tries
CHUNK_BYTES = 1 << 18
MOST_BYTES = 4 << 30
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)  # worth another try (RFC 9110, RFC 6585)
PARTIAL_CONTENT, RANGE_REFUSED = 206, 416


class _CutOffError(Exception):
    """The transfer ended early; another try may go on from there."""


def nobody(n_bytes: int, total_bytes: int) -> None:
    """An `Arrived` for callers who do not look."""


def download(origin: Origin, folder: Path, arrived: Arrived = nobody) -> Path:
    """The file from ``origin`` in ``folder``, complete and with the right SHA-256.

    What an earlier download left there is gone on with. Raises `ModelError` if the file cannot be had or is another
    one, `OutputError` if it cannot be written.
    """
    target = folder / origin.file_name
    part = folder / f"{origin.sha256[:16]}-{origin.file_name}.part"
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        was_resumed = _size(part) > 0
        _all_of(origin, part, arrived)
        if was_resumed and sha256_of(part) != origin.sha256:  # what was left there was no good
            part.unlink()
            _all_of(origin, part, arrived)
        check_hash(part, origin)
        part.replace(target)
    return target


def check_hash(path: Path, origin: Origin) -> None:
    """Raise `ModelError` and delete an unfinished download unless the file is the published one."""
    found = sha256_of(path)
    if found == origin.sha256:
        return
    if path.suffix == ".part":
        path.unlink()
    raise ModelError(
        f"{origin.file_name} is not the published file: its SHA-256 is {found[:16]}..., not {origin.sha256[:16]}...",
        "is a login page in between? Try over another network; if it stays so, the file was changed at its source",
    )


def _all_of(origin: Origin, part: Path, arrived: Arrived) -> None:
    """Fill ``part`` to the end of the file; gives up when several tries in a row bring nothing."""
    import requests

    failures, why = 0, ""
    while failures <= len(PAUSES_SECONDS):
        if failures:
            time.sleep(PAUSES_SECONDS[failures - 1])
        before = _size(part)
        try:
            return _one_try(origin, part, arrived)
        except (_CutOffError, requests.RequestException) as error:
            why = _plain(error)
        failures = 1 if _size(part) > before else failures + 1
    raise ModelError(
        f"{origin.file_name} cannot be fetched: {why}",
        f"try again later, it goes on where it stopped; or fetch {origin.url} by hand and use --from",
    )


def _one_try(origin: Origin, part: Path, arrived: Arrived) -> None:
    import requests

    have = _size(part)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(origin.url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
        if have and response.status_code == RANGE_REFUSED:  # it is all there, or it is of another file
            if have != _total_of(response):
                part.unlink()
                raise _CutOffError("the server refused to go on")
            return
        _check_status(response, origin)
        have = have if _goes_on(response, part, have) else 0
        total = have + int(response.headers.get("Content-Length") or 0)
        _receive(response, part, have, total, arrived)
    if total > have and _size(part) < total:
        raise _CutOffError("the connection was cut off")


def _receive(response: "Response", part: Path, have: int, total: int, arrived: Arrived) -> None:
    from urllib3.exceptions import HTTPError

    with part.open("r+b" if have else "wb") as file:
        file.seek(have)
        arrived(have, total)
        try:
            for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
                file.write(chunk)
                have += len(chunk)
                if have > MOST_BYTES:
                    raise ModelError(f"{response.url} sends more than a model can be", "report it")
                arrived(have, total)
        except HTTPError as error:
            raise _CutOffError(str(error)) from error
        finally:
            file.flush()
            os.fsync(file.fileno())


def _goes_on(response: "Response", part: Path, have: int) -> bool:
    """Whether the server sends the rest and not all of it again."""
    if response.status_code != PARTIAL_CONTENT:
        return False
    if not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        part.unlink(missing_ok=True)
        raise _CutOffError("the server sent another part than it was asked for")
    return True


def _check_status(response: "Response", origin: Origin) -> None:
    code = response.status_code
    if code in TRANSIENT:
        raise _CutOffError(f"the server answers {code} {response.reason}")
    if code not in (200, PARTIAL_CONTENT):
        raise ModelError(
            f"{origin.url} cannot be fetched: the server answers {code} {response.reason}",
            "see whether the address has moved, or get the file elsewhere and use --from",
        )


def _total_of(response: "Response") -> int:
    total = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdigit() else -1


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _plain(error: Exception) -> str:
    """The words of an error without the nested names of the libraries that passed it on."""
    import requests

    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy cannot be reached"
    if isinstance(error, requests.Timeout):
        return "the server does not answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not valid"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to the server"
    return str(error)


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Says of OSErrors that they are about the model folder: raises `OutputError`."""
    import requests

    try:
        yield
    except requests.RequestException:  # an OSError, too
        raise
    except OSError as error:
        raise OutputError(
            f"cannot write to the model folder {folder}: {error.strerror or error}",
            "free some space or set VIDSEP_MODEL_DIR to another folder",
        ) from error
