"""Checkpoints of PyTorch are read as data: what is more than tensors is refused, and nothing in it is run."""

import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidsep.errors import ModelError
from vidsep.separation.models.mrx_checkpoint import read_mrx_checkpoint
from vidsep.separation.models.tensor_pickle import read_tensors


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def tensor(
    key: str, n_numbers: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], kind: str = "FloatStorage"
) -> bytes:
    """The opcodes that PyTorch writes for a tensor."""
    storage = (
        b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(n_numbers) + b"tQ"
    )
    rest = number(offset) + numbers(*shape) + numbers(*strides) + b"\x89ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest + b"tR"


def table(**entries: bytes) -> bytes:
    """A pickle of an ordered dictionary."""
    items = b"".join(text(name) + entry for name, entry in entries.items())
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + items + b"u."


def checkpoint(path: Path, index: bytes, compression: int = zipfile.ZIP_STORED, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("any/data.pkl", index)
        for name, data in files.items():
            archive.writestr(f"any/{name.replace('data_', 'data/')}", data)
    return path


NUMBERS = np.arange(12, dtype="<f4")


def test_tensors_have_their_shape_strides_and_offset(tmp_path: Path) -> None:
    index = table(
        whole=tensor("0", 12, 0, (3, 4), (4, 1)),
        turned=tensor("0", 12, 2, (2, 3), (1, 4)),
        one=tensor("0", 12, 5, (), ()),
    )
    arrays = read_tensors(checkpoint(tmp_path / "w.pth", index, data_0=NUMBERS.tobytes()))
    whole = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(arrays["whole"], whole)
    np.testing.assert_array_equal(arrays["turned"], whole.T[2:])
    assert arrays["one"] == 5


def test_the_order_of_bytes_and_the_type_are_those_of_the_file(tmp_path: Path) -> None:
    index = table(big=tensor("0", 3, 0, (3,), (1,), "LongStorage"))
    path = checkpoint(tmp_path / "w.pth", index, data_0=np.arange(3, dtype=">i8").tobytes(), byteorder=b"big")
    np.testing.assert_array_equal(read_tensors(path)["big"], [0, 1, 2])


class Runs:
    """What a hostile pickle does when it is loaded."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> Any:
        return self.function, self.args


@pytest.mark.parametrize(
    "index",
    [
        pickle.dumps(Runs(exec, "import pathlib; pathlib.Path('ran').touch()")),
        pickle.dumps({"w": Runs(getattr, "x", "upper")}),
        table(w=b"cos\nsystem\n" + b"(" + text("touch ran") + b"tR"),
        table(w=b"ctorch\nload\n(" + text("x") + b"tR"),
        table(w=b"cnumpy\nload\n(" + text("x") + b"tR"),
        table(w=number(3)),
        table(w=tensor("../../secret", 12, 0, (12,), (1,))),
        table(w=tensor("0", 12, 0, (13,), (1,))),
        table(w=tensor("0", 12, 1, (3, 4), (4, 1))),
        table(w=tensor("0", 12, -1, (3,), (1,))),
        table(w=tensor("0", 12, 11, (3,), (-1,))),
        table(w=tensor("0", 24, 0, (24,), (1,))),
        table(w=tensor("0", 12, 0, (12,), ())),
        table(w=tensor("0", 12, 0, (1 << 30,), (0,))),
        table(w=tensor("0", 12, 0, (12,), (1,), "UntypedStorage")),
        b"\x80\x02}r" + struct.pack("<I", 0xFFFFFFF0) + b".",  # a place in the memo that would take 32 GB
        b"\x80\x02ccollections\nOrderedDict\n}" + text("fromkeys") + number(1) + b"sb.",  # sets an attribute of a class
        b"\x80\x02N.",
        b"\x80\x02",
        b"",
    ],
)
def test_what_is_more_than_tensors_is_refused(index: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = checkpoint(tmp_path / "evil.pth", index, data_0=NUMBERS.tobytes())
    with pytest.raises(ModelError, match=r"evil\.pth is no"):
        read_mrx_checkpoint(path)
    assert not (tmp_path / "ran").exists()


def test_a_bomb_of_zeros_is_refused(tmp_path: Path) -> None:
    index = table(w=tensor("0", 1 << 20, 0, (1 << 20,), (1,)))
    path = checkpoint(tmp_path / "bomb.pth", index, zipfile.ZIP_DEFLATED, data_0=bytes(4 << 20))
    with pytest.raises(ModelError, match="compressed"):
        read_tensors(path)


def test_what_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("hello")
    with pytest.raises(ModelError, match=r"text\.pth is no PyTorch checkpoint \(no zip\)"):
        read_tensors(tmp_path / "text.pth")
    with pytest.raises(ModelError, match="there is no checkpoint"):
        read_tensors(tmp_path / "nowhere.pth")
    with zipfile.ZipFile(tmp_path / "zip.pth", "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(ModelError, match=r"no data\.pkl"):
        read_tensors(tmp_path / "zip.pth")


def test_tensors_of_another_network_are_named(tmp_path: Path) -> None:
    index = table(w=tensor("0", 12, 0, (12,), (1,)))
    with pytest.raises(ModelError, match="is no checkpoint of MRX"):
        read_mrx_checkpoint(checkpoint(tmp_path / "other.pth", index, data_0=NUMBERS.tobytes()))


def test_the_golden_checkpoint_is_read(shared: Path) -> None:
    weights = read_mrx_checkpoint(shared / "golden" / "mrx_tiny.pth")
    assert (weights.header["config"]["hidden"], weights.header["config"]["n_layers"]) == (32, 3)
    assert weights.header["config"]["windows"] == (1024, 2048, 8192)
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in weights.arrays.values())
