"""Whatever can be written in TOML is refused in one line or is a preset that reads back as it was written."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vidsep.errors import PresetError
from vidsep.preset import Preset, load_preset, schema, to_toml

WORDS = [
    "off",
    "neutral",
    "mix",
    "aac",
    "high_pass",
    "/music/a.flac",
    "..",
    "~",
    "\x1b[2J",
    "<script>",
    "${HOME}",
    "\ud800",
]
PLAIN = st.booleans() | st.integers(-100, 100) | st.floats(-100, 100) | st.sampled_from(WORDS) | st.text(max_size=8)


def near(row: schema.Row) -> st.SearchStrategy[Any]:
    """Values that the setting may have, and those just beyond."""
    if row.type is float:
        return st.floats(row.setting.low - 1, row.setting.high + 1) | st.sampled_from(
            [row.setting.low, row.setting.high]
        )
    if row.setting.choices:
        words = st.sampled_from(row.setting.choices)
        return words | st.lists(words, max_size=3)
    return PLAIN


def table_of(rows: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: near(row) for name, row in rows.items()})


PROCESSOR = st.sampled_from(sorted(schema.processor_settings())).flatmap(
    lambda kind: table_of(schema.processor_settings()[kind]).map(lambda table: {"type": kind, **table})
)
PIECE = table_of(schema.piece_settings()).map(lambda table: {"file": "a.flac", **table})


def value_of(row: schema.Row) -> st.SearchStrategy[Any]:
    entry = PIECE if row.name == "replacement.pieces" else PROCESSOR
    lists = isinstance(row.default, tuple) and not row.setting.choices
    return st.lists(entry, max_size=2) if lists else near(row)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(schema.settings())), max_size=4, unique=True))
    table = {name: draw(value_of(schema.settings()[name])) for name in names}
    if names and draw(st.integers(0, 3)) == 0:
        table[names[0]] = draw(PLAIN)
    if draw(st.booleans()):
        table["name"] = draw(st.text(max_size=10) | st.sampled_from(WORDS))
    return table


@settings(deadline=None, max_examples=150)
@given(tables())
def test_any_table_is_refused_or_reads_back_equal(table: dict[str, Any]) -> None:
    try:
        preset = load_preset(settings=table)
    except PresetError as fault:
        assert "\n" not in str(fault)
        return
    assert isinstance(preset, Preset)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.toml"
        path.write_text(to_toml(preset), encoding="utf-8")
        assert load_preset(path) == preset
