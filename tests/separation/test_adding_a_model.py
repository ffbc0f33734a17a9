"""The package of docs/adding-a-model.md, installed from that page, works as it says."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import promises
import pytest
from click.testing import CliRunner
from conftest import scene, tone
from reading import level_db

from vidsep.cli import cli
from vidsep.separation import registry
from vidsep.separation.separator import Separator
from vidsep.separation.weights import read_weights

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-model.md"
PROMISES = [
    promises.shape_and_values_are_right,
    promises.each_stem_is_part_of_the_sound,
    promises.silence_gives_silence,
    promises.short_sound_in_its_padding_is_heard,
    promises.mono_stays_mono,
    promises.louder_in_is_louder_out,
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package as pip would lay it down."""
    project = tomllib.loads(blocks("toml")[0])
    (module,) = project["tool"]["setuptools"]["py-modules"]
    (tmp_path / f"{module}.py").write_text(blocks("python")[0], encoding="utf-8")
    info = tmp_path / f"{module}-1.0.dist-info"
    info.mkdir()
    name = project["project"]["name"]
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    groups = project["project"]["entry-points"]
    lines = [f"[{group}]\n{key} = {value}\n" for group, rows in groups.items() for key, value in rows.items()]
    (info / "entry_points.txt").write_text("".join(lines))
    monkeypatch.syspath_prepend(tmp_path)
    registry._of_other_packages.cache_clear()
    yield
    registry._of_other_packages.cache_clear()
    sys.modules.pop(module, None)
    importlib.invalidate_caches()


@pytest.mark.usefixtures("installed")
def test_the_page_s_model_is_listed_and_separates() -> None:
    assert "telephone-band\n" in CliRunner().invoke(cli, ["models", "list"]).stdout
    separator = Separator("telephone-band", "cpu")
    both = tone(1000, -12, 2) + tone(60, -12, 2)
    stems, inner = separator.separate(both, 48000), slice(4800, -4800)
    assert level_db((stems.dialogue - tone(1000, -12, 2))[inner]) < -60
    assert level_db((stems.music - tone(60, -12, 2))[inner]) < -60
    np.testing.assert_allclose(stems.mix(), both, atol=1e-6)


@pytest.mark.usefixtures("installed")
def test_it_keeps_the_promises_of_a_model() -> None:
    model = Separator("telephone-band", "cpu").runner.model
    for promise in PROMISES:
        promise(model)


@pytest.mark.usefixtures("installed")
def test_it_remixes(tmp_path: Path) -> None:
    import soundfile

    soundfile.write(tmp_path / "clip.wav", scene(1, 48000), 48000)
    arguments = ["remix", str(tmp_path / "clip.wav"), "-p", "strip-music", "--model", "telephone-band", "--no-cache"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output


def test_the_other_lines_of_the_page_run(tmp_path: Path) -> None:
    names: dict[str, object] = {}
    for code in blocks("python")[1:]:
        exec(compile(code, str(PAGE), "exec"), names)
    save = names["save"]
    assert callable(save)
    save({"a": np.zeros(3, np.float32)}, tmp_path / "my_network.safetensors")
    assert read_weights(tmp_path / "my_network.safetensors").header["class"] == "my-network"
