"""Reads the tensors of a PyTorch checkpoint without PyTorch and without running what is in it.

A checkpoint of PyTorch 1.6 or later is a zip: ``data.pkl`` says which tensors there are and in which of the files
``data/0``, ``data/1``, ... their numbers lie. The pickle is read by an unpickler that knows the few names such a pickle
needs, each of which only notes what it is called with.
"""

import pickle
import zipfile
from collections import OrderedDict
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vidsep.errors import ModelError

DTYPES = {"FloatStorage": "f4", "DoubleStorage": "f8", "HalfStorage": "f2", "LongStorage": "i8", "IntStorage": "i4"}


class Storage(NamedTuple):
    """A file of numbers in the checkpoint."""

    key: str
    dtype: str
    n_numbers: int


class Tensor(NamedTuple):
    """Where in a storage a tensor's numbers stand; offset and strides count numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Rebuild:
    """Stands for ``torch._utils._rebuild_tensor_v2``."""

    __slots__ = ()

    def __call__(
        self, storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
    ) -> Tensor:
        return Tensor(storage, offset, shape, strides)


# The unpickler written in Python: the one in C lets a pickle of ten bytes take all memory, by a large memo index.
class TensorUnpickler(pickle._Unpickler):
    """Knows tensors, storages and ordered dictionaries; any other name is an error."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return Rebuild()
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"it wants to run {module}.{name}")

    def persistent_load(self, pid: Any) -> Storage:
        _, dtype, key, _, n_numbers = pid
        if dtype not in DTYPES.values():
            raise pickle.UnpicklingError("a storage is of no known type")
        return Storage(str(key), dtype, int(n_numbers))


def read_tensors(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the state dictionary in the checkpoint at ``path`` by their names.

    Raises `ModelError` if the file cannot be read, is no such checkpoint, or holds anything but tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _tensors(archive)
    except FileNotFoundError as error:
        raise ModelError(f"there is no checkpoint {path}", "check the path") from error
    except zipfile.BadZipFile as error:
        raise ModelError(
            f"{path} is no PyTorch checkpoint (no zip)", "give the .pth file as it was published"
        ) from error
    except Exception as error:  # a damaged or hostile pickle can raise anything
        raise ModelError(
            f"{path} is no PyTorch checkpoint of tensors: {error}", "give the .pth file as it was published"
        ) from error


def _tensors(archive: zipfile.ZipFile) -> dict[str, npt.NDArray[Any]]:
    index = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    if len(index) != 1:
        raise ValueError("it has no data.pkl")
    folder = index[0].removesuffix("data.pkl")
    files = {info.filename.removeprefix(folder): info for info in archive.infolist()}
    if any(info.compress_type != zipfile.ZIP_STORED for info in files.values()):
        raise ValueError("it is compressed, which PyTorch never does")
    with archive.open(files["data.pkl"]) as file:
        table = TensorUnpickler(file).load()
    if not (isinstance(table, dict) and all(isinstance(tensor, Tensor) for tensor in dict.values(table))):
        raise TypeError("it holds other things than tensors by their names")
    if sum(prod(tensor.shape) for tensor in dict.values(table)) > sum(info.file_size for info in files.values()):
        raise ValueError("its tensors are larger than the file")
    order = ">" if "byteorder" in files and archive.read(files["byteorder"]) == b"big" else "<"
    storages = {tensor.storage for tensor in dict.values(table)}
    numbers = {storage: _numbers(archive.read(files[f"data/{storage.key}"]), storage, order) for storage in storages}
    return {str(name): _array(numbers[tensor.storage], tensor) for name, tensor in dict.items(table)}


def _numbers(data: bytes, storage: Storage, order: str) -> npt.NDArray[Any]:
    numbers: npt.NDArray[Any] = np.frombuffer(data, np.dtype(order + storage.dtype))
    if len(numbers) != storage.n_numbers:
        raise ValueError(f"the storage {storage.key} has the wrong size")
    return numbers


def _array(numbers: npt.NDArray[Any], tensor: Tensor) -> npt.NDArray[Any]:
    key, offset, shape, strides = tensor.storage.key, tensor.offset, tensor.shape, tensor.strides
    if len(shape) != len(strides) or min([offset, *shape, *strides]) < 0:
        raise ValueError(f"a tensor in the storage {key} has no proper shape")
    last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    if prod(shape) and last >= len(numbers):
        raise ValueError(f"a tensor reaches beyond the storage {key}")
    steps = [stride * numbers.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(numbers[offset:], shape, steps).astype(numbers.dtype.newbyteorder("="))
