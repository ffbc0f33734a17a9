"""Counts that docs/reliability.md is made of, kept in docs/reliability.json: a table for each kind of trial."""

import json
import platform
from pathlib import Path
from typing import Any, TypeAlias

from vidsep.media import ffmpeg

FILE = Path(__file__).parents[1] / "docs" / "reliability.json"

Rows: TypeAlias = "list[list[str]]"
"""A head and the lines below it."""


def markdown(rows: Rows) -> str:
    """The rows as a Markdown table."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def saved(name: str) -> Rows:
    """The rows of the table called ``name`` that was kept last; none if there is none."""
    rows: Rows = _told().get(name, {}).get("rows", [])
    return rows


def save(name: str, rows: Rows, **facts: str) -> None:
    """Keep the table called ``name``, with what it was counted on, in the place of the one before."""
    told = _told()
    system = f"{platform.system()}, Python {platform.python_version()}, ffmpeg {ffmpeg.version()}"
    told[name] = {"system": system, **facts, "rows": rows}
    FILE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")


def _told() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return told
