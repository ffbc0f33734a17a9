"""The framework that runs the networks: started when it is needed, on the device that was asked for, quietly."""

import ctypes
import importlib.metadata
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from vidsep.errors import ModelError
from vidsep.leaving import first

DEVICES = ("auto", "cpu", "gpu")

# What TensorFlow's C++ code says before it can be told to be quiet: glog lines and the announcement of them.
_CHATTER = re.compile(rb"^(?:[IWE]\d{4} .*|WARNING: All log messages before absl::InitializeLog.*)\r?\n", re.MULTILINE)


def start(device: str) -> str:
    """Import Keras and its backend and say where networks run: ``cpu`` or ``gpu``.

    The backend is Keras' own choice (``KERAS_BACKEND``, ``~/.keras/keras.json``), TensorFlow by default.
    Raises `ModelError` if there is no backend, or no GPU where one was asked for.
    """
    if device not in DEVICES:
        raise ModelError(f"there is no device {device!r}", f"it is one of {', '.join(DEVICES)}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _without_chatter():
            import keras
    except ImportError as error:
        raise ModelError(f"the network cannot run: {error}", "install vidsep again (pip install vidsep)") from error
    has_gpu = device != "cpu" and _find_gpu(keras.backend.backend())
    if device == "gpu" and not has_gpu:
        raise ModelError("no GPU was found", 'install its driver and pip install "vidsep[gpu]", or use --device cpu')
    return "gpu" if has_gpu else "cpu"


def backend_version() -> str:
    """Names and versions of Keras and of the framework it runs on, such as ``tensorflow 2.21.0, keras 3.15.1``."""
    start("cpu")
    import keras

    backend: str = keras.backend.backend()
    return f"{backend} {importlib.metadata.version(backend)}, keras {keras.version()}"


def names() -> list[str]:
    """The devices that networks can run on here, ``cpu`` and perhaps ``gpu``."""
    return ["cpu", "gpu"] if start("auto") == "gpu" else ["cpu"]


def on(place: str) -> AbstractContextManager[Any]:
    """A context in which Keras builds and runs networks on the ``cpu`` or the ``gpu``."""
    import keras

    context: AbstractContextManager[Any] = keras.device(f"{place}:0")
    return context


def place_of(network: Any) -> str:
    """Where a Keras network's variables are: ``cpu`` or ``gpu``."""
    name = str(network.variables[0].value.device).lower()
    return "gpu" if "gpu" in name or "cuda" in name else "cpu"


def give_memory_back() -> None:
    """Hand what compiling took and does not use any more back to the system: with glibc about 100 MB, else nothing."""
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def is_out_of_memory(error: Exception) -> bool:
    """Whether a backend says with this error that its device is full."""
    text = f"{type(error).__name__} {error}".lower().replace("_", "").replace(" ", "")
    return isinstance(error, MemoryError) or "resourceexhausted" in text or "outofmemory" in text


def _find_gpu(backend: str) -> bool:
    if backend == "jax":
        import jax

        return any(device.platform == "gpu" for device in jax.devices())
    if backend != "tensorflow":
        return False
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with suppress(RuntimeError):  # raised when it is already in use; then its owner has chosen
            tf.config.experimental.set_memory_growth(gpu, True)
    return bool(gpus)


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep TensorFlow's start-up lines off standard error; what anything else writes there meanwhile passes."""
    try:
        sys.stderr.flush()
        real = os.dup(2)
    except (AttributeError, OSError):  # no standard error: a windowed program, a service
        yield
        return
    reader, writer = os.pipe()
    os.dup2(writer, 2)
    os.close(writer)
    pump = threading.Thread(target=_pump, args=(reader, real), daemon=True)
    pump.start()

    def put_back() -> None:
        os.dup2(real, 2)  # the last writer of the pipe is gone, the pump comes to its end
        pump.join(timeout=1)

    try:
        with first(put_back):
            yield
    finally:
        put_back()


def _pump(reader: int, real: int) -> None:
    with open(reader, "rb", buffering=0) as source, open(real, "wb", buffering=0) as sink:
        while data := source.read(65536):
            with suppress(OSError):
                sink.write(_CHATTER.sub(b"", data))
