"""Joined recordings, whose clock jumps back, come out with a clock that runs and with their sound in its place."""

from pathlib import Path

import av
import numpy as np
import pytest
from films import H264, RunFfmpeg, plain_film

from vidsep.media.clock import clock_jumps
from vidsep.media.demux import decode
from vidsep.media.mux import NewTrack, remux
from vidsep.media.probe import probe


@pytest.fixture
def joined(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> Path:
    film = plain_film(run_ffmpeg, tmp_path / "film.ts", *H264, "-c:a", "mp2")
    path = tmp_path / "joined.ts"
    path.write_bytes(2 * film.read_bytes())
    return path


def picture_steps(path: Path) -> set[float]:
    with av.open(str(path)) as container:
        times = sorted(
            float(packet.pts * packet.time_base) for packet in container.demux(video=0) if packet.pts is not None
        )
    return set(np.round(np.diff(times), 3))


def test_a_jump_is_seen(run_ffmpeg: RunFfmpeg, joined: Path) -> None:
    assert clock_jumps(probe(joined))
    assert not clock_jumps(probe(joined.with_name("film.ts")))
    run_ffmpeg("-i", joined.with_name("film.ts"), "-c", "copy", joined.with_name("film.mkv"))
    assert not clock_jumps(probe(joined.with_name("film.mkv")))


@pytest.mark.parametrize("suffix", [".ts", ".mp4"])
def test_joined_parts_play_one_after_the_other(joined: Path, suffix: str) -> None:
    info = probe(joined)
    soundtrack = decode(info, info.audio_stream(), joined.parent)
    assert soundtrack.audio.seconds == pytest.approx(4, abs=0.1)
    assert soundtrack.warnings == ()
    track = NewTrack.of(soundtrack.audio, replaces=info.audio[0].index, start_seconds=soundtrack.start_seconds)
    result = remux(info, [track], joined.with_name(f"out{suffix}"))
    after = probe(result.path)
    assert result.picture.n_packets == 40
    assert picture_steps(result.path) == {0.1}
    old_lead = soundtrack.start_seconds - (info.video[0].start_seconds or 0)
    new_lead = decode(after, after.audio_stream(), joined.parent).start_seconds - (after.video[0].start_seconds or 0)
    assert new_lead == pytest.approx(old_lead, abs=0.012)  # the priming of MP2 sounds before it, as silence
