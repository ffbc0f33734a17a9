"""Sound files that are read slice by slice, so that a clip may be of any length."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import soundfile

from vidsep.audio import FloatArray
from vidsep.errors import DatasetError

STEP = "mend the file or take its clip out of the set"


class FileSamples:
    """`vidsep.audio.Samples` of a sound file. Slices may be read from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = soundfile.SoundFile(path)
        except (OSError, soundfile.SoundFileError) as error:
            raise DatasetError(f"{path} cannot be read: {error}", STEP) from error
        self.shape = (self._file.frames, self._file.channels)
        self.sample_rate = int(self._file.samplerate)
        self._lock = threading.Lock()

    def __getitem__(self, key: slice, /) -> FloatArray:
        start, stop, step = key.indices(self.shape[0])
        if step != 1:
            raise ValueError("sound files are read forwards and without gaps")
        count = max(0, stop - start)
        with self._lock:
            try:
                if self._file.tell() != start:
                    self._file.seek(start)
                samples: FloatArray = self._file.read(count, dtype="float32", always_2d=True)
            except (OSError, soundfile.SoundFileError) as error:
                raise DatasetError(f"{self._path} cannot be read: {error}", STEP) from error
        if len(samples) != count:
            raise DatasetError(f"{self._path} ends before its time", STEP)
        if not np.isfinite(samples).all():
            raise DatasetError(f"{self._path} holds values that are no numbers (NaN or infinity)", STEP)
        return samples

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


@contextmanager
def opened(paths: Iterable[Path]) -> Iterator[dict[Path, FileSamples]]:
    """The files of one clip by their paths, until the context ends.

    Raises `DatasetError` if one cannot be read or they differ in length, channels or rate.
    """
    with ExitStack() as stack:
        files: dict[Path, FileSamples] = {}
        for path in dict.fromkeys(paths):
            files[path] = FileSamples(path)
            stack.callback(files[path].close)
        _check(files)
        yield files


def length_seconds(path: Path) -> float:
    """How long a sound file is; 0.0 if it cannot be read."""
    try:
        return float(soundfile.info(path).duration)
    except (OSError, soundfile.SoundFileError):
        return 0.0


def _check(files: Mapping[Path, FileSamples]) -> None:
    first_path, first = next(iter(files.items()))
    if first.shape[0] == 0:
        raise DatasetError(f"{first_path} is empty", STEP)
    for path, file in files.items():
        if (file.shape, file.sample_rate) != (first.shape, first.sample_rate):
            forms = [
                f"{name} has {one.shape[0]} samples of {one.shape[1]} channels at {one.sample_rate} Hz"
                for name, one in ((first_path.name, first), (path.name, file))
            ]
            raise DatasetError(f"the files in {path.parent} do not belong together: {' and '.join(forms)}", STEP)
