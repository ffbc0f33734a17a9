"""Who may import whom: downwards only, and the fences around click, subprocess, TensorFlow and sockets."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidsep

PACKAGE = Path(vidsep.__file__).parent

LAYERS = {  # the first match counts; folders of one number do not know each other
    "aside": 0, "audio": 0, "errors": 0, "hashing": 0, "layouts": 0, "leaving": 0, "progress": 0, "settings": 0,
    "signals": 0,
    "held": 1, "spool": 1, "presets": 1,
    "dsp": 2, "work": 2,
    "loudness": 3,
    "media": 4, "separation": 4, "processors": 4,
    "preset": 5, "corpora": 5,
    "mixing": 6, "outputs": 6, "readymade": 6,
    "controls": 7, "mastering": 7, "plan": 7, "results": 7, "stems": 7, "verifying": 7,
    "remixing": 8,
    "delivery": 9, "separating": 9,
    "reporting": 10,
    "pipeline": 11, "doctor": 11, "dataset": 11, "evaluation": 11, "training": 11,
    "cli": 12, "plugins": 12, "web": 12,
    "__init__": 13, "__main__": 13,
}  # fmt: skip

FENCES = {  # a module that only some places may import
    "click": ("cli",),
    "tqdm": ("cli",),
    "subprocess": ("media/ffmpeg.py",),
    "ffmpeg": ("media",),
    "tensorflow": ("separation", "training"),
    "keras": ("separation", "training"),
    "moviepy": ("plugins",),
    "socket": ("web", "separation/weights.py"),
    "jinja2": ("outputs",),
    "PIL": ("outputs",),
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def top(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_imports_go_downwards(path: Path) -> None:
    here = top(path)
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] == "vidsep" and len(parts) > 1 and parts[1] in LAYERS and parts[1] != here:
            assert LAYERS[parts[1]] < LAYERS[here], f"{place(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_fences_hold(path: Path) -> None:
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        allowed = FENCES.get(name.split(".")[0])
        if allowed is not None:
            assert place(path).startswith(allowed), f"{place(path)} imports {name}"
