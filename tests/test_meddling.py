"""Somebody meddles with the files of a run: one clear error, or a good file; never half of one or a wrong one."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from clips import Clips
from reading import files_below, packets_sha256

import vidsep
from vidsep.errors import MediaError, OutputError
from vidsep.progress import Advance, ignore
from vidsep.separation.cache import FORMAT


class Meddler:
    """A `vidsep.progress.Progress` that does something when a stage begins."""

    def __init__(self, stage: str, act: Callable[[], object]) -> None:
        self._stage, self._act = stage, act

    @contextmanager
    def stage(self, name: str, total_seconds: float) -> Iterator[Advance]:
        if name == self._stage:
            self._act()
        yield ignore


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(1000))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def replace(path: Path) -> None:
    shutil.copyfile(path, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize("stage", ["decoding", "writing"])
@pytest.mark.parametrize("change", [grow, cut, replace, Path.unlink])
def test_an_input_that_changes_is_told(
    clips: Clips, tmp_path: Path, stage: str, change: Callable[[Path], None]
) -> None:
    source, out = tmp_path / "in.mov", tmp_path / "out"
    shutil.copyfile(clips.mov, source)
    out.mkdir()
    with pytest.raises(MediaError, match=r"in\.mov") as caught:
        vidsep.remix(source, out / "out.mov", progress=Meddler(stage, lambda: change(source)))
    assert "\n" not in str(caught.value)
    assert files_below(out) == set()


def test_a_name_that_is_taken_meanwhile_is_not_taken_back(clips: Clips, tmp_path: Path) -> None:
    output = tmp_path / "out.mov"
    with pytest.raises(OutputError, match="exists"):
        vidsep.remix(clips.mov, output, progress=Meddler("writing", lambda: output.write_text("precious")))
    assert output.read_text() == "precious"
    assert files_below(tmp_path) == {"out.mov"}


def test_of_two_runs_at_once_one_gets_the_name(clips: Clips, tmp_path: Path) -> None:
    film, output = clips.mov, tmp_path / "out.mov"  # made before the runs, or both would make it

    def run(_: int) -> str:
        try:
            return vidsep.remix(film, output).picture_sha256
        except OutputError as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(run, range(2)), key=len)
    assert results[0] == packets_sha256(film)
    assert results[1] == f"{output} exists"
    assert files_below(tmp_path) == {"out.mov"}


@pytest.mark.usefixtures("one_network")
def test_of_two_runs_at_once_both_use_the_stems(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSEP_CACHE_DIR", str(tmp_path / "cache"))
    film, outputs = clips.blip, [tmp_path / "one.mov", tmp_path / "two.mov"]  # made before the runs, too
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda output: vidsep.remix(film, output, preset="strip-music"), outputs))
    assert [result.output for result in results] == outputs
    entries = [path.name for path in (tmp_path / "cache").iterdir()]
    assert [name.split("-")[0] for name in entries] == [f"v{FORMAT}"] * 2, entries  # as separated, and cleared
