"""docs/reliability.md says what was counted and what the code declares."""

import importlib.util
import json
from pathlib import Path

from benchmarks.counts import FILE

SCRIPT = Path(__file__).parents[1] / "docs" / "make_reliability_md.py"


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_reliability_md", SCRIPT)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page()


def test_no_promise_was_broken() -> None:
    told = json.loads(FILE.read_text(encoding="utf-8"))
    for name, column in (("faults", "promises broken"), ("fuzz", "failed")):
        head, *rows = told[name]["rows"]
        assert len(rows) >= 3
        assert {row[head.index(column)] for row in rows} == {"0"}
