"""Which channels count how much: BS.1770-4, tables 3 and 4."""

import pytest

from vidsep.audio import DEFAULT_LAYOUTS
from vidsep.layouts import LAYOUTS
from vidsep.loudness.channels import channel_weights


@pytest.mark.parametrize(
    ("layout", "weights"),
    [
        ("mono", [1]),
        ("stereo", [1, 1]),
        ("2.1", [1, 1, 0]),
        ("quad", [1, 1, 1.41, 1.41]),
        ("5.0", [1, 1, 1, 1.41, 1.41]),
        ("5.1", [1, 1, 1, 0, 1.41, 1.41]),
        ("5.1(side)", [1, 1, 1, 0, 1.41, 1.41]),
        ("6.1", [1, 1, 1, 0, 1, 1.41, 1.41]),
        ("7.1", [1, 1, 1, 0, 1, 1, 1.41, 1.41]),
        ("FL+FR+LFE+SL+SR", [1, 1, 0, 1.41, 1.41]),
    ],
)
def test_surrounds_count_more_and_lfe_not(layout: str, weights: list[float]) -> None:
    assert channel_weights(len(weights), layout).tolist() == weights


def test_unnamed_sound_is_taken_for_the_default_layout() -> None:
    for n_channels, layout in DEFAULT_LAYOUTS.items():
        expected = channel_weights(n_channels, layout).tolist()
        assert channel_weights(n_channels).tolist() == expected
        assert channel_weights(n_channels, f"{n_channels} channels").tolist() == expected
    assert channel_weights(10).tolist() == [1.0] * 10


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_has_fronts_and_distinct_channels(layout: str) -> None:
    names = LAYOUTS[layout].split()
    assert len(set(names)) == len(names)
    assert channel_weights(len(names), layout)[0] == 1.0


def test_a_layout_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the layout 5\.1 has 6 channels, the sound has 2"):
        channel_weights(2, "5.1")
