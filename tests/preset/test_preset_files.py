"""Files that are no presets: each gives one clear line, in no time, and nothing else happens."""

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidsep.errors import PresetError
from vidsep.preset import Preset, load_preset
from vidsep.preset.files import LARGEST_BYTES

MIB = 1 << 20


def fault_of(path: Path) -> str:
    with pytest.raises(PresetError) as caught:
        load_preset(path)
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{path.parent}{os.sep}", "")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"\xff\xff", "preset my.toml is not UTF-8 text (byte 1); save it as UTF-8"),
        (b"[music]\ngain_db =\n", "preset my.toml is not TOML: Invalid value (at line 2, column 10);"),
        (b"[music]\nmute = true\nmute = true\n", "preset my.toml is not TOML: Cannot overwrite a value"),
        (b"x = " + b"9" * 5000, "preset my.toml is not TOML: Exceeds the limit"),
        (b"x = " + b"[" * 60_000, "preset my.toml is not TOML: it is nested too deeply"),
        (b"a." * 20_000 + b"a = 1", "preset my.toml has more than 100 dots in line 1"),
        (b"#" * (LARGEST_BYTES + 1), "preset my.toml is larger than 1 MiB"),
    ],
)
def test_what_is_not_toml_is_told_in_one_line(tmp_path: Path, data: bytes, line: str) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(data)
    assert fault_of(path).startswith(line)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    text = "[music]\r\ngain_db = -6\r\n"
    for encoding in ("utf-8-sig", "utf-16"):  # Notepad, PowerShell
        path.write_bytes(text.encode(encoding))
        assert load_preset(path).music.gain_db == -6.0


def test_what_is_not_a_file_is_told(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "none.toml") == "preset none.toml does not exist; give the path of a .toml file"
    (tmp_path / "folder.toml").mkdir()
    assert fault_of(tmp_path / "folder.toml") == "preset folder.toml is not a file; give the path of a .toml file"
    with pytest.raises(PresetError, match="my"):
        load_preset("my\0.toml")
    with pytest.raises(PresetError, match="x"):
        load_preset("x" * 5000 + ".toml")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"[a{number}]\n" for number in range(80_000)),
        "".join(f"a{number}=1\n" for number in range(80_000)),
        "".join(f"{'a.' * 99}k{number}=1\n" for number in range(4_000)),
        "[[music.processors]]\ntype='gain'\n" * 20_000,
        "x = [" + "1," * (MIB // 2 - 10) + "]",
        'x = "' + "\\u0041" * (MIB // 7) + '"',
        "'" + "y" * (MIB - 100) + "' = 1",
        "x = {" + ",".join(f"a{number}=1" for number in range(80_000)) + "}",
    ],
    ids=["tables", "keys", "dotted", "processors", "array", "escapes", "name", "inline"],
)
def test_a_crafted_file_wastes_no_time(tmp_path: Path, text: str) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    began = time.perf_counter()
    fault_of(path)
    assert time.perf_counter() - began < 10  # about 0.5 s; without the limits it would be minutes


WORDS = st.sampled_from(
    [
        "music",
        "dialogue",
        "gain_db",
        "mute",
        "processors",
        "type",
        "'bell'",
        "loudness",
        "target_lufs",
        "'off'",
        "extends",
    ]
)
TOML_LIKE = st.lists(
    WORDS
    | st.sampled_from(["=", ".", "[", "]", "[[", "]]", "{", "}", "\n", ",", " ", "-6", "nan", "1e999", "true", "'''"])
).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.text().map(str.encode) | st.binary() | TOML_LIKE.map(str.encode))
def test_any_file_is_a_preset_or_a_preset_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "my.toml"
        path.write_bytes(data)
        try:
            assert isinstance(load_preset(path), Preset)
        except PresetError as fault:
            assert "\n" not in str(fault)
