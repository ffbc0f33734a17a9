"""A kept entry of which one bit is wrong is not used, wherever the bit is."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import noise

from vidsep.audio import Audio, Stems
from vidsep.separation.entry import HEADER, length_seconds, open_entry, write_entry

RATE = 8000


@pytest.fixture
def mix() -> Audio:
    return Audio(noise(-20, 0.5, RATE), RATE)


@pytest.fixture
def entry(tmp_path: Path, mix: Audio) -> Path:
    def stems() -> Iterator[Stems]:
        whole = mix.samples[:]
        yield Stems(0.5 * whole, 0.25 * whole, 0.25 * whole)

    write_entry(tmp_path, mix, stems())
    return tmp_path


def test_one_bit_anywhere(entry: Path, mix: Audio) -> None:
    assert open_entry(entry, mix) is not None
    rng = np.random.default_rng(1)
    for path in sorted(entry.iterdir()):
        content = path.read_bytes()
        for place in rng.choice(len(content), 60, replace=False):
            damaged = bytearray(content)
            damaged[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(damaged)
            if path.name != HEADER or damaged.split() != content.split():  # white space of JSON says nothing
                assert open_entry(entry, mix) is None, (path.name, place)
        path.write_bytes(content)
    assert open_entry(entry, mix) is not None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "null",
        "[]",
        "3",
        '{"shape": 1}',
        "[" * 100_000,
        '{"sha256": {}}',
        '{"shape": [1e999], "sample_rate": 1}',
        "\x00",
    ],
)
def test_any_header(entry: Path, mix: Audio, header: str) -> None:
    (entry / HEADER).write_text(header)
    assert open_entry(entry, mix) is None
    length_seconds(entry)
