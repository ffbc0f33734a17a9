"""Archives are unpacked to plain files in one folder, or not at all."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from reading import files_below

from vidsep.errors import ModelError
from vidsep.separation import archives
from vidsep.separation.archives import unpack


def archive_of(folder: Path, *members: tuple[str, bytes | tarfile.TarInfo]) -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "inner" / "target"
    folder.mkdir(parents=True)
    return folder


def test_files_come_out_whole_and_flat(tmp_path: Path, target: Path) -> None:
    folder = ("./", special("./", tarfile.DIRTYPE))
    unpack(archive_of(tmp_path, folder, ("./model.index", b"index"), ("a/b/model.data", b"d" * 3_000_000)), target)
    assert files_below(target) == {"model.index", "model.data"}
    assert (target / "model.data").read_bytes() == b"d" * 3_000_000


@pytest.mark.parametrize(
    "member",
    [
        ("../evil", b"x"),
        ("a/../../evil", b"x"),
        ("/evil", b"x"),
        ("..\\evil", b"x"),
        ("C:evil", b"x"),
        ("link", special("link", tarfile.SYMTYPE, "/etc/passwd")),
        ("hard", special("hard", tarfile.LNKTYPE, "../../evil")),
        ("pipe", special("pipe", tarfile.FIFOTYPE)),
        ("device", special("device", tarfile.CHRTYPE)),
    ],
    ids=lambda member: str(member[0]),
)
def test_what_leads_out_of_the_folder_is_refused(
    tmp_path: Path, target: Path, member: tuple[str, bytes | tarfile.TarInfo]
) -> None:
    archive = archive_of(tmp_path, ("good", b"g"), member)
    with pytest.raises(ModelError, match=r"leads out|not a plain file"):
        unpack(archive, target)
    assert files_below(tmp_path) <= {"model.tar.gz", "inner", "inner/target", "inner/target/good"}


def test_two_members_of_one_name_are_refused(tmp_path: Path, target: Path) -> None:
    with pytest.raises(ModelError):
        unpack(archive_of(tmp_path, ("a/same", b"1"), ("b/same", b"2")), target)


def test_an_archive_that_grows_without_end_is_refused(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    with pytest.raises(ModelError, match="more than a model"):
        unpack(archive_of(tmp_path, ("zeros", bytes(600_000)), ("more", bytes(600_000))), target)
    with pytest.raises(ModelError, match="more files"):
        unpack(archive_of(tmp_path, *((f"f{i}", b"") for i in range(101))), target)


@pytest.mark.parametrize("n_bytes", [0, 10, 200])
def test_a_damaged_archive_is_an_error(tmp_path: Path, target: Path, n_bytes: int) -> None:
    archive = archive_of(tmp_path, ("weights", bytes(range(256)) * 1000))
    archive.write_bytes(archive.read_bytes()[:n_bytes])
    with pytest.raises(ModelError, match="cannot be unpacked"):
        unpack(archive, target)


def test_what_is_no_archive_is_an_error(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "page.tar.gz"
    path.write_bytes(gzip.compress(b"<html>"))
    with pytest.raises(ModelError, match="cannot be unpacked"):
        unpack(path, target)
