"""Each channel of each layout goes through the network once."""

import av
import pytest

from vidsep.layouts import LAYOUTS
from vidsep.separation.channels import Hearing, hearings


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_channel_is_heard_once(layout: str) -> None:
    n_channels = len(LAYOUTS[layout].split())
    heard = [channel for run in hearings(layout, n_channels) for channel in {run.left, run.right}]
    assert sorted(heard) == list(range(n_channels))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_table_is_that_of_ffmpeg(layout: str) -> None:
    assert [channel.name for channel in av.AudioLayout(layout).channels] == LAYOUTS[layout].split()


def test_surround_is_pairs_a_centre_and_an_lfe_without_dialogue() -> None:
    assert hearings("5.1(side)", 6) == [
        Hearing(0, 1),
        Hearing(2, 2),
        Hearing(3, 3, may_hold_dialogue=False),
        Hearing(4, 5),
    ]


@pytest.mark.parametrize(("layout", "n_channels"), [("9 channels", 9), ("stereo", 3), ("", 2)])
def test_unknown_layouts_go_channel_by_channel(layout: str, n_channels: int) -> None:
    assert hearings(layout, n_channels) == [Hearing(i, i) for i in range(n_channels)]
