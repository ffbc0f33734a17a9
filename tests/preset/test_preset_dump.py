"""What is written reads back as the same preset; tomllib and json are the judges."""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidsep.audio import FloatArray
from vidsep.preset import (
    PieceSettings,
    Preset,
    StemSettings,
    as_dict,
    load_preset,
    preset_names,
    schema,
    to_toml,
    with_music,
)
from vidsep.preset.sections import NOT_IN_NAMES
from vidsep.processors import PROCESSORS, Processor

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_back(text: str) -> Preset:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other name.toml"
        path.write_text(text, encoding="utf-8")
        return load_preset(path)


@pytest.mark.parametrize("comments", [True, False])
@pytest.mark.parametrize("name", preset_names())
def test_every_shipped_preset_survives(name: str, comments: bool) -> None:
    preset = load_preset(name)
    assert read_back(to_toml(preset, comments=comments)) == preset


def test_music_and_odd_names_survive(tmp_path: Path) -> None:
    files = [tmp_path / 'a "quoted"\tname.flac', tmp_path / "Müsik\\♪.flac", tmp_path / "del\x7f.flac"]
    preset = with_music(load_preset("replace-music", "netflix"), files)
    assert read_back(to_toml(preset)) == preset


def value_of(row: schema.Row) -> st.SearchStrategy[Any]:
    if row.type is bool:
        value: st.SearchStrategy[Any] = st.booleans()
    elif row.type is float:
        value = st.floats(row.setting.low, row.setting.high)
    elif row.setting.choices:
        words = st.sampled_from(row.setting.choices)
        value = words if row.type is str else st.lists(words, min_size=1, unique=True)
    elif row.type is str:
        unfit = NOT_IN_NAMES if row.name == "name" else ()
        value = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=unfit))
    elif row.type is Path:
        value = st.just("/music/song.flac")
    else:
        value = st.lists(piece() if row.name == "replacement.pieces" else processor(), max_size=3)
    return value | st.none() if row.setting.optional else value


def processor() -> st.SearchStrategy[dict[str, Any]]:
    kinds = [kind for kind in PROCESSORS if not kind.endswith("_pass")]  # their slopes go in steps
    return st.sampled_from(kinds).flatmap(
        lambda kind: table_of(schema.processor_settings()[kind].items(), {"type": kind})
    )


def piece() -> st.SearchStrategy[dict[str, Any]]:
    rows = [item for item in schema.piece_settings().items() if item[0] not in ("start_seconds", "end_seconds")]
    return table_of(rows, {"file": "song.flac", "start_seconds": 1, "end_seconds": 2.5})


def table_of(rows: Iterable[tuple[str, schema.Row]], fixed: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: value_of(row) for name, row in rows}).map(
        lambda table: {**table, **fixed}
    )


@settings(deadline=None, max_examples=100)
@given(table_of([(name, row) for name, row in schema.settings().items()], {}))
def test_every_preset_survives(table: dict[str, Any]) -> None:
    preset = load_preset(settings={name: value for name, value in table.items() if value != "off"})
    assert read_back(to_toml(preset)) == preset
    plain = json.loads(json.dumps(as_dict(preset), allow_nan=False))
    assert load_preset(settings=plain) == preset


def test_the_text_is_toml_and_tells_the_ranges() -> None:
    text = to_toml(load_preset("strip-music"))
    assert tomllib.loads(text)["music"]["floor_db"] == "off"
    assert "mute = true                         # true or false\n" in text
    assert "gain_db = 0.0                       # -60 to 24 dB\n" in text


@dataclass(frozen=True)
class Backwards(Processor):
    """A processor that vidsep does not know."""

    def process(self, blocks: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
        for block in blocks:
            yield -block


def test_a_processor_of_the_callers_own_is_written_by_its_class() -> None:
    preset = Preset(music=StemSettings(processors=(Backwards(),)))
    assert tomllib.loads(to_toml(preset))["music"]["processors"] == [{"type": "Backwards"}]


def test_a_name_that_utf8_cannot_hold_is_written_all_the_same() -> None:
    preset = with_music(Preset(), [Path("caf\udce9.flac")])  # as a Linux file name in Latin-1 arrives
    assert isinstance(preset.replacement.pieces[0], PieceSettings)
    to_toml(preset).encode("utf-8")
