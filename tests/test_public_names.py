"""The library's front door."""

import importlib.metadata
import re
from pathlib import Path

import pytest

import vidsep


@pytest.mark.parametrize("name", vidsep.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(vidsep, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'remicks'"):
        vidsep.remicks  # noqa: B018


def test_version_changelog_and_metadata_agree() -> None:
    changelog = (Path(__file__).parents[1] / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == vidsep.__version__ == importlib.metadata.version("vidsep")
