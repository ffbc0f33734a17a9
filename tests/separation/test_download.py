"""Downloads over a real connection to a server on this machine."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from reading import files_below
from serving import Behaviour, serving

from vidsep.errors import ModelError, OutputError
from vidsep.separation import download as module
from vidsep.separation.download import download
from vidsep.separation.row import Origin

CONTENT = np.random.default_rng(1).bytes(1_000_003)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and no proxy that the machine may have."""
    monkeypatch.setattr(module, "PAUSES_SECONDS", (0.01, 0.01, 0.01))
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", (5.0, 0.5))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def origin_of(told: Behaviour, sha256: str = SHA256) -> Origin:
    return Origin(told.url, sha256)


def part_in(folder: Path) -> Path:
    return folder / f"{SHA256[:16]}-weights.bin.part"


def leave_a_part(folder: Path, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    part_in(folder).write_bytes(content)


def check_fetched(told: Behaviour, folder: Path) -> None:
    path = download(origin_of(told), folder)
    assert path.read_bytes() == CONTENT
    assert files_below(folder) == {"weights.bin"}


def test_a_file_arrives_whole_and_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with serving(CONTENT) as server:
        path = download(origin_of(server), tmp_path / "new" / "folder", lambda *both: told.append(both))
    assert path.read_bytes() == CONTENT
    assert told[0] == (0, len(CONTENT)) and told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("have", [1, 300_000, len(CONTENT)])
def test_what_is_there_already_is_gone_on_with(tmp_path: Path, have: int) -> None:
    leave_a_part(tmp_path, CONTENT[:have])
    with serving(CONTENT) as server:
        check_fetched(server, tmp_path)
    assert server.ranges == [f"bytes={have}-"]


def test_a_cut_connection_is_gone_on_with(tmp_path: Path) -> None:
    with serving(CONTENT, cuts=[300_000, 200_000]) as server:
        check_fetched(server, tmp_path)
    assert server.ranges == ["", "bytes=300000-", "bytes=500000-"]


def test_a_cut_connection_that_brings_something_each_time_never_counts_as_failed(tmp_path: Path) -> None:
    with serving(CONTENT, cuts=[50_000] * 12) as server:
        check_fetched(server, tmp_path)
    assert len(server.ranges) == 13


def test_a_server_without_ranges_starts_over(tmp_path: Path) -> None:
    with serving(CONTENT, knows_ranges=False, cuts=[300_000]) as server:
        check_fetched(server, tmp_path)


def test_a_server_that_does_not_tell_the_length(tmp_path: Path) -> None:
    with serving(CONTENT, tells_length=False) as server:
        check_fetched(server, tmp_path)


def test_a_server_that_sends_another_part_than_asked_for(tmp_path: Path) -> None:
    leave_a_part(tmp_path, CONTENT[:1000])
    with serving(CONTENT, wrong_start=True) as server:
        check_fetched(server, tmp_path)


@pytest.mark.parametrize("left", [b"x" * 300_000, CONTENT + b"x", b"x" * len(CONTENT)])
def test_what_was_left_may_be_of_another_file(tmp_path: Path, left: bytes) -> None:
    leave_a_part(tmp_path, left)
    with serving(CONTENT) as server:
        check_fetched(server, tmp_path)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(tmp_path: Path, status: int) -> None:
    with serving(CONTENT, statuses=[status, status]) as server:
        check_fetched(server, tmp_path)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_file_that_is_not_there_is_an_error_at_once(tmp_path: Path, status: int) -> None:
    with serving(CONTENT, statuses=[status] * 9) as server, pytest.raises(ModelError, match=f"answers {status}"):
        download(origin_of(server), tmp_path)
    assert len(server.paths) == 1


def test_a_server_that_stays_busy_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    leave_a_part(tmp_path, CONTENT[:1000])
    with serving(CONTENT, statuses=[503] * 99) as server, pytest.raises(ModelError, match=r"answers 503.*--from"):
        download(origin_of(server), tmp_path)
    assert len(server.paths) == 4
    assert part_in(tmp_path).read_bytes() == CONTENT[:1000]


def test_a_wrong_hash_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with serving(CONTENT[:-1] + b"!") as server, pytest.raises(ModelError, match="not the published file"):
        download(origin_of(server), tmp_path)
    assert files_below(tmp_path) == set()


def test_a_slow_server_may_take_its_time(tmp_path: Path) -> None:
    with serving(CONTENT, pause_seconds=0.3) as server:
        check_fetched(server, tmp_path)
    assert len(server.paths) == 1


def test_a_server_that_falls_silent_is_asked_again(tmp_path: Path) -> None:
    with (
        serving(CONTENT, pause_seconds=1.5, knows_ranges=False) as server,
        pytest.raises(ModelError, match=r"cannot be fetched.*timed out"),
    ):
        download(origin_of(server), tmp_path)
    assert len(server.paths) == 4


def test_no_server_is_an_error(tmp_path: Path) -> None:
    with serving(CONTENT) as server:
        pass
    with pytest.raises(ModelError, match="no connection"):
        download(origin_of(server), tmp_path)


def test_a_proxy_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(CONTENT) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.rpartition("/files")[0])
        path = download(Origin("http://weights.invalid/some/weights.bin", SHA256), tmp_path)
    assert proxy.paths == ["http://weights.invalid/some/weights.bin"]
    assert path.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with serving(CONTENT) as server, pytest.raises(OutputError, match="VIDSEP_MODEL_DIR"):
        download(origin_of(server), tmp_path / "file" / "folder")
