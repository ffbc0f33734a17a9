"""Values: every name, type and range is checked, and what is wrong is named."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from vidsep.errors import PresetError
from vidsep.media.codecs import ENCODERS
from vidsep.media.containers import CONTAINERS
from vidsep.preset import Preset, load_preset, schema

NUMBERS = [row for row in schema.settings().values() if row.type is float]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"music": {"gain_dbb": 1}}, "music.gain_dbb is not a setting; did you mean music.gain_db?"),
        ({"gain_db": 1}, "gain_db is not a setting; did you mean music.gain_db?"),
        ({"musik": {"gain_db": 1}}, "musik is not a setting; did you mean music?"),
        ({"extend": "neutral"}, "extend is not a setting; did you mean extends?"),
        ({"qqqqqq": 1}, "qqqqqq is not a setting; `vidsep presets show --settings` lists them all"),
        ({"music": 1}, "music is a table of settings, not one; write music.gain_db, for example"),
        ({"a\nb\x1b": 1}, r"'a\nb\x1b' is not a setting; `vidsep presets show --settings` lists them all"),
        ({"music": {"gain_db": 99}}, "music.gain_db is 99 dB, its range is -60 to 24"),
        ({"music": {"gain_db": float("nan")}}, "music.gain_db is -60 to 24 dB, not nan"),
        ({"music": {"gain_db": float("-inf")}}, "music.gain_db is -60 to 24 dB, not -inf"),
        ({"music": {"gain_db": 10**400}}, "music.gain_db is -60 to 24 dB, not a number that large"),
        ({"music": {"gain_db": True}}, "music.gain_db is -60 to 24 dB, not true"),
        ({"music": {"gain_db": [1]}}, "music.gain_db is -60 to 24 dB, not a list"),
        ({"music": {"gain_db": {"x": 1}}}, "music.gain_db is -60 to 24 dB, not a table"),
        ({"music": {"gain_db": None}}, "music.gain_db is -60 to 24 dB, not left out"),
        ({"music": {"floor_db": 3}}, "music.floor_db is 3 dB, its range is -60 to -1"),
        ({"music": {"floor_db": False}}, "music.floor_db is -60 to -1 dB or off, not false"),
        ({"music": {"mute": 1}}, "music.mute is true or false, not 1"),
        (
            {"loudness": {"gate": "dialog"}},
            "loudness.gate is one of programme, dialogue, not 'dialog'; did you mean dialogue?",
        ),
        ({"loudness": {"source": 3}}, "loudness.source is text, not 3"),
        ({"description": "x" * 3000}, "description has 3000 characters, 2000 are allowed"),
        ({"description": "a\x1b[2Jb"}, "description has characters that cannot be shown; write plain text"),
        (
            {"output": {"tracks": []}},
            "output.tracks names at least one of mix, original, dialogue, music, effects, and none twice",
        ),
        (
            {"output": {"tracks": ["mix", "mix"]}},
            "output.tracks names at least one of mix, original, dialogue, music, effects, and none twice",
        ),
        (
            {"output": {"tracks": ["mix", "musik"]}},
            "output.tracks is some of mix, original, dialogue, music, effects, not 'musik'; did you mean music?",
        ),
        (
            {"music": {"processors": [7]}},
            'music.processors[1] is 7; write a table such as { type = "high_pass", frequency_hz = 80 }',
        ),
        (
            {"music": {"processors": [{"type": "gain"}, {"type": "bell", "freq_hz": 80}]}},
            "music.processors[2].freq_hz is not a setting of bell; did you mean frequency_hz?",
        ),
        (
            {"music": {"processors": [{"type": "bell", "q": 99}]}},
            "music.processors[1].q is 99, its range is 0.1 to 30",
        ),
        (
            {"music": {"processors": [{"type": "high_pass", "slope_db_per_octave": 7}]}},
            "music.processors[1].slope_db_per_octave is 7 dB/octave, it goes in steps of 6",
        ),
        ({"music": {"processors": [{}] * 2000}}, "music.processors has 2000 entries, 1000 are allowed"),
        ({"replacement": {"pieces": [{"file": ""}]}}, "replacement.pieces[1].file is a path, not ''"),
        (
            {"replacement": {"pieces": [{"files": "a.flac"}]}},
            'replacement.pieces[1] names no file; write a table such as { file = "song.flac", start_seconds = 0 }',
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(table: dict[str, Any], line: str) -> None:
    with pytest.raises(PresetError) as caught:
        load_preset(settings=table)
    assert str(caught.value) == line


def test_an_unknown_processor_is_told_the_nearest() -> None:
    with pytest.raises(
        PresetError, match=r"^music\.processors\[1\]\.type is one of gain, .*, not 'bel'; did you mean bell\?$"
    ):
        load_preset(settings={"music.processors": [{"type": "bel"}]})


@pytest.mark.parametrize(
    ("name", "spelling", "value"),
    [
        ("music.gain_db", "-6", -6.0),
        ("music.gain_db", " 1.5 ", 1.5),
        ("music.mute", "yes", True),
        ("music.mute", "FALSE", False),
        ("music.floor_db", "-18", -18.0),
        ("music.floor_db", "off", None),
        ("loudness.gate", "dialogue", "dialogue"),
        ("loudness.source", "me, myself", "me, myself"),
        ("output.tracks", "mix, original", ("mix", "original")),
        ("output.tracks", "music", ("music",)),
        ("dialogue.processors", "off", ()),
    ],
)
def test_text_stands_for_a_value_of_the_settings_type(name: str, spelling: str, value: object) -> None:
    section, leaf = name.split(".")
    preset = load_preset("clean-dialogue", settings={name: spelling})
    assert getattr(getattr(preset, section), leaf) == value


@pytest.mark.parametrize("spelling", ["", "-6dB", "0x10", "six", "off", "nan", "1e999"])
def test_text_that_spells_no_number_is_refused(spelling: str) -> None:
    with pytest.raises(PresetError, match=r"^music\.gain_db is -60 to 24 dB, not "):
        load_preset(settings={"music.gain_db": spelling})


def test_a_file_spells_types_as_toml_does(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[music]\ngain_db = "-6"\n', encoding="utf-8")
    with pytest.raises(PresetError, match=r"my\.toml: music\.gain_db is -60 to 24 dB, not '-6'"):
        load_preset(path)


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.name)
def test_every_number_has_its_range_and_no_more(row: schema.Row) -> None:
    for inside in (row.setting.low, row.setting.high):
        load_preset(settings={row.name: inside})
    for outside in (row.setting.low - 1e-3, row.setting.high + 1e-3):
        with pytest.raises(PresetError, match="its range is"):
            load_preset(settings={row.name: outside})


@pytest.mark.parametrize("row", schema.settings().values(), ids=lambda row: row.name)
def test_every_setting_is_described(row: schema.Row) -> None:
    assert row.setting.help
    assert row.setting.help[-1] != "."
    assert row.type in (float, bool, str) or row.default == () or row.setting.choices
    assert row.setting.unit or row.type is not float or row.name.endswith("share")


def test_codecs_and_containers_are_ones_that_can_be_written() -> None:
    suffixes = {suffix for container in CONTAINERS for suffix in container.suffixes}
    assert set(schema.settings()["output.codec"].setting.choices) <= {"source", *ENCODERS}
    assert {f".{name}" for name in schema.settings()["output.container"].setting.choices} <= {".source", *suffixes}


NAMES = st.sampled_from([*schema.settings(), *schema.sections(), "extends", "type", "file", "gain_db", "\0", "é\n"])
SCALARS = st.sampled_from(
    [None, True, -6, 10**400, "", "off", "bell", "neutral", "\ud800", b"x", float("nan"), object()]
)
ANYTHING = SCALARS | st.text(max_size=5) | st.floats() | st.lists(SCALARS, max_size=2) | st.just({"file": "a"})
PROCESSOR_LIKE = st.dictionaries(NAMES, ANYTHING, max_size=2).flatmap(
    lambda table: st.sampled_from(list(schema.processor_settings())).map(lambda kind: {"type": kind, **table})
)
TABLES = st.dictionaries(
    NAMES, ANYTHING | st.lists(PROCESSOR_LIKE, max_size=2) | st.dictionaries(NAMES, ANYTHING, max_size=3), max_size=3
)


@hypothesis_settings(deadline=None, max_examples=200)
@given(TABLES)
def test_any_table_is_a_preset_or_a_preset_error(table: dict[str, Any]) -> None:
    try:
        assert isinstance(load_preset(settings=table), Preset)
    except PresetError as fault:
        assert "\n" not in str(fault)
