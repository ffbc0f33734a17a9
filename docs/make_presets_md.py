"""Write docs/presets.md from the shipped presets and the settings that the code declares.

Run ``python docs/make_presets_md.py`` after a change of either; a test tells when it was forgotten.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vidsep.preset import Preset, load_preset, preset_names, schema
from vidsep.preset.schema import Row
from vidsep.processors import PROCESSORS

PAGE = Path(__file__).with_name("presets.md")

INTRODUCTION = """\
# Presets

*This page is made from the code by `docs/make_presets_md.py`.*

A preset is a TOML file that says what happens to each stem, to the music and to the loudness, and what is written.
vidsep ships **jobs**, which say what to do with the sound, and **targets**, which say how loud to deliver it. They
combine:

    vidsep remix vlog.mp4 -p replace-music -p youtube --music song.flac

What a later preset sets wins over an earlier one, setting by setting; lists are replaced as a whole. `--set` wins over
all of them:

    vidsep remix talk.mp4 -p clean-dialogue --set music.floor_db=-12 --set output.codec=flac

A preset of your own starts from a shipped one and changes what it must:

```toml
# quiet-voice.toml
extends = "replace-music"
description = "As replace-music, with the music further under the voice."

[duck]
difference_lu = 15

[[dialogue.processors]]
type = "high_pass"
frequency_hz = 100
```

`extends` takes the name of a shipped preset or a path relative to the file. `"off"` switches a setting off that can be
off. `vidsep presets check quiet-voice.toml` finds misspelt names and values out of range,
`vidsep presets show quiet-voice.toml` prints all that comes out.
"""

TARGETS = """\
A target is called official where its source publishes the figure itself. No setting of loudness is a promise that a
platform accepts a file; the tolerance is what the source allows, or 0.2 LU where it says nothing.
"""

PROCESSORS_TEXT = """\
`[[dialogue.processors]]`, `[[music.processors]]`, `[[effects.processors]]` and `[[master.processors]]` each add one;
they work in the order of the file. `type` says which one.
"""

PIECES_TEXT = """\
`[[replacement.pieces]]` adds one. Pieces without times play one after another, from the first to the last.
"""


def page() -> str:
    """The text of docs/presets.md."""
    return "\n".join([INTRODUCTION, *_shipped(), *_sections(), *_processors()]).rstrip() + "\n"


def _shipped() -> Iterator[str]:
    presets = [load_preset(name) for name in preset_names()]
    yield "## Jobs\n"
    jobs = [(f"`{preset.name}`", preset.description, _loudness(preset)) for preset in presets if preset.kind == "job"]
    yield _table(("preset", "what it does", "loudness"), jobs)
    yield "## Targets\n"
    yield TARGETS
    targets = [
        (f"`{preset.name}`", _loudness(preset), preset.loudness.source, "yes" if preset.loudness.official else "no")
        for preset in presets
        if preset.kind == "target"
    ]
    yield _table(("preset", "loudness", "source", "official"), targets)


def _loudness(preset: Preset) -> str:
    loudness = preset.loudness
    parts = []
    if loudness.target_lufs is not None:
        gate = " of the dialogue" if loudness.gate == "dialogue" else ""
        parts.append(f"{loudness.target_lufs:g} ± {loudness.tolerance_lu:g} LUFS{gate}")
    if loudness.true_peak_dbtp is not None:
        parts.append(f"at most {loudness.true_peak_dbtp:g} dBTP")
    return ", ".join(parts) or "as it comes"


def _sections() -> Iterator[str]:
    yield "## Settings\n"
    yield _settings(schema.rows_of(Preset).values())
    for owner in dict.fromkeys(schema.sections().values()):
        tables = ", ".join(f"`[{name}]`" for name, kind in schema.sections().items() if kind is owner)
        yield f"### {tables}\n\n{_summary(owner)}\n"
        yield _settings(schema.rows_of(owner).values())
    yield "### Pieces of music\n"
    yield PIECES_TEXT
    yield _settings(schema.piece_settings().values())


def _processors() -> Iterator[str]:
    yield "## Processors\n"
    yield PROCESSORS_TEXT
    for name, rows in schema.processor_settings().items():
        yield f"### `{name}`\n\n{_summary(PROCESSORS[name])}\n"
        yield _settings(rows.values())


def _summary(owner: type[Any]) -> str:
    return (owner.__doc__ or "").strip().splitlines()[0]


def _settings(rows: Iterable[Row]) -> str:
    cells = [(f"`{row.name}`", row.allowed, row.spelled_default or "—", row.setting.help) for row in rows]
    return _table(("setting", "range", "default", "meaning"), cells)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
