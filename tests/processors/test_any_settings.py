"""Whatever a processor is told to do within its ranges, and however the sound is cut, the contract holds."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from conftest import noise, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from vidsep.preset import schema
from vidsep.processors import PROCESSORS, Processor, apply

RATE = 8000
SECONDS = 0.25
LONGEST_SECONDS = 0.2  # of a reverb, say: a tail that is longer than the sound changes nothing but the time it takes


def sound() -> Any:
    """Noise, then a tone near full scale, then digital silence; read-only."""
    loud = noise(-20, SECONDS, RATE) + tone(330, -1, SECONDS, RATE)
    whole = np.concatenate([noise(-40, SECONDS, RATE), loud, np.zeros((RATE // 8, 2), np.float32)])
    whole.flags.writeable = False
    return whole


SOUND = sound()


def value_of(row: schema.Row) -> st.SearchStrategy[Any]:
    if row.setting.choices:
        return st.sampled_from(row.setting.choices)
    if row.type is bool:
        return st.booleans()
    high = min(row.setting.high, LONGEST_SECONDS) if row.setting.unit == "s" else row.setting.high
    return st.floats(row.setting.low, max(row.setting.low, high), allow_subnormal=False)


@st.composite
def any_processor(draw: st.DrawFn, kind: str) -> Processor:
    rows = schema.processor_settings()[kind]
    chosen = {leaf: draw(value_of(row)) for leaf, row in rows.items() if draw(st.booleans())}
    if "slope_db_per_octave" in chosen:
        chosen["slope_db_per_octave"] = draw(st.sampled_from([6.0, 12.0, 18.0, 24.0, 36.0, 48.0]))
    return PROCESSORS[kind](**chosen)


CUTS = st.lists(st.integers(0, len(SOUND)), max_size=12).map(sorted)


@pytest.mark.parametrize("kind", PROCESSORS)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_any_settings_and_any_cut(kind: str, data: st.DataObject) -> None:
    processor = data.draw(any_processor(kind))
    bounds = [0, *data.draw(CUTS), len(SOUND)]
    whole = apply(processor, SOUND, RATE)
    assert whole.shape == SOUND.shape
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    blocks = list(processor.process((SOUND[start:stop] for start, stop in pairwise(bounds)), RATE))
    assert all(block.dtype == np.float32 for block in blocks)
    scale = max(1.0, float(np.abs(whole).max()))
    np.testing.assert_allclose(np.concatenate(blocks), whole, rtol=0, atol=1e-5 * scale)
