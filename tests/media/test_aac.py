"""AAC in pieces is the AAC of one encoder: the same packets at the same times, and joins that nobody can hear."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from conftest import noise, scene
from films import RunFfmpeg, plain_film

from vidsep.audio import Audio, FloatArray
from vidsep.errors import MediaError, VerificationError
from vidsep.media import aac
from vidsep.media.demux import decode
from vidsep.media.mux import NewTrack, remux
from vidsep.media.probe import probe

RATE = 44100
PACKET = aac.PACKET_SAMPLES


@pytest.fixture
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joins every 40 packets, so that a few seconds have several."""
    monkeypatch.setattr(aac, "PIECE_PACKETS", 40)


def packets(sound: FloatArray, quality: float = 2.0, rate: int = RATE) -> list[bytes]:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[sound.shape[1]]
    stream = io.BytesIO(b"".join(aac.packed([sound], rate, layout, quality)))
    with av.open(stream, "r", "nut") as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def heard(packets: list[bytes], n_channels: int = 2) -> FloatArray:
    """What a decoder makes of them, from the first sample of the sound on."""
    config = bytes([0x12, 0x00 | n_channels << 3])  # AAC-LC at 44.1 kHz, ISO/IEC 14496-3, 1.6.2.1
    decoder: Any = av.CodecContext.create("aac", "r")
    decoder.extradata = config
    frames = [frame.to_ndarray().T for packet in packets for frame in decoder.decode(av.Packet(packet))]
    sound: FloatArray = np.concatenate(frames)[PACKET:]
    return sound


def frame_levels(sound: FloatArray) -> FloatArray:
    """RMS of each packet's length of sound."""
    whole = sound[: len(sound) // PACKET * PACKET].astype(np.float64)
    levels: FloatArray = np.sqrt((whole**2).reshape(-1, PACKET * sound.shape[1]).mean(axis=1))
    return levels


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_joins_are_those_of_one_encoder(monkeypatch: pytest.MonkeyPatch, channels: int) -> None:
    sound = np.resize(scene(8.0).T, (channels, 8 * RATE)).T + noise(-60, 8.0, RATE, channels)
    whole = packets(sound)
    monkeypatch.setattr(aac, "PIECE_PACKETS", 40)
    cut = packets(sound)
    assert len(cut) == len(whole) == -(-len(sound) // PACKET) + 1
    one, pieced = heard(whole, channels), heard(cut, channels)
    one_noise, pieced_noise = frame_levels(one[: len(sound)] - sound), frame_levels(pieced[: len(sound)] - sound)
    for join in range(40, len(one_noise), 40):
        around = slice(join - 2, join + 2)
        assert pieced_noise[around].max() <= 1.1 * one_noise[around].max()  # 0.8 dB
    assert np.mean(pieced_noise**2) < 1.02 * np.mean(one_noise**2)
    assert np.mean((pieced - one) ** 2) < 0.1 * np.mean(one_noise**2)


def test_a_cut_without_what_is_around_it_would_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = scene(8.0) + noise(-60, 8.0, RATE)
    for name, count in (("PIECE_PACKETS", 40), ("RUN_IN_PACKETS", 1), ("LOOK_AHEAD_PACKETS", 0)):
        monkeypatch.setattr(aac, name, count)
    noises = frame_levels(heard(packets(sound))[: len(sound)] - sound)
    joins = [noises[join - 2 : join + 2].max() for join in range(40, len(noises), 40)]
    assert max(joins) > 3 * np.median(noises)


@pytest.mark.usefixtures("short_pieces")
@pytest.mark.parametrize("n_samples", [1, 1023, 1024, 1025, 40960, 40961, 41984, 43013, 81920])
def test_any_length_has_its_packets(n_samples: int) -> None:
    assert len(packets(noise(-30, 2.0, RATE)[:n_samples])) == -(-n_samples // PACKET) + 1


@pytest.mark.usefixtures("short_pieces")
def test_every_machine_writes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sound, made = scene(5.0), []
    for n_cores in (1, 3, None):
        monkeypatch.setattr("os.cpu_count", lambda n_cores=n_cores: n_cores)
        made.append(packets(sound))
    assert made[0] == made[1] == made[2]


@pytest.mark.usefixtures("short_pieces")
def test_pieces_hold_the_sound_and_what_is_around_it() -> None:
    sound = noise(-20, 100.5 * PACKET / RATE, RATE, 1)
    first, second, third = aac.pieces([sound[:7], sound[7:]])
    run_in, ahead = aac.RUN_IN_PACKETS * PACKET, aac.LOOK_AHEAD_PACKETS * PACKET
    np.testing.assert_array_equal(first.sound, sound[: 40 * PACKET + ahead])
    np.testing.assert_array_equal(second.sound, sound[40 * PACKET - run_in : 80 * PACKET + ahead])
    np.testing.assert_array_equal(third.sound, sound[80 * PACKET - run_in :])
    assert [(piece.n_run_in, piece.n_packets) for piece in (first, second, third)] == [(0, 40), (16, 40), (16, None)]


def test_an_encoder_that_refuses_says_so() -> None:
    with pytest.raises(MediaError, match="cannot be encoded as AAC"):
        list(aac.packed([np.zeros((5000, 2), np.float32)], 12345, "stereo", 2.0))


def written(
    run_ffmpeg: RunFfmpeg, folder: Path, name: str, start_seconds: float, **fields: Any
) -> list[tuple[Any, ...]]:
    """Times and lengths of the packets of a new track, and where its sound starts and ends."""
    folder.mkdir()
    film = probe(plain_film(run_ffmpeg, folder / f"film.{name}"))
    sound = Audio(scene(3.3, 48000)[:-123], 48000)
    track = NewTrack.of(sound, replaces=1, start_seconds=start_seconds, codec="aac", **fields)
    out = probe(remux(film, [track], folder / f"out.{name}").path)
    with av.open(str(out.path)) as container:
        stream = container.streams.audio[0]
        times = [(p.pts, p.dts, p.duration) for p in container.demux(stream) if p.size]
    soundtrack = decode(out, out.audio_stream(), folder)
    return [*times, (soundtrack.start_seconds, soundtrack.audio.n_samples)]


@pytest.mark.parametrize("start_seconds", [0.0, 0.25])
@pytest.mark.parametrize("name", ["mp4", "mov", "mkv"])
def test_the_file_is_timed_as_ffmpeg_would(
    run_ffmpeg: RunFfmpeg, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, start_seconds: float
) -> None:
    here = written(run_ffmpeg, tmp_path / "here", name, start_seconds)
    monkeypatch.setattr("vidsep.media.mux.in_pieces", lambda encoded, _: encoded)
    assert here == written(run_ffmpeg, tmp_path / "there", name, start_seconds)


def is_encoded_here(
    monkeypatch: pytest.MonkeyPatch, run_ffmpeg: RunFfmpeg, folder: Path, name: str, **fields: Any
) -> bool:
    asked = []
    packed = aac.packed

    def listening(*arguments: Any) -> Iterator[bytes]:
        asked.append(True)
        return packed(*arguments)

    monkeypatch.setattr(aac, "packed", listening)
    written(run_ffmpeg, folder / "made", name, 0.0, **fields)
    return bool(asked)


def test_mp4_is_encoded_here(monkeypatch: pytest.MonkeyPatch, run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    assert is_encoded_here(monkeypatch, run_ffmpeg, tmp_path, "mp4")


def test_a_constant_bit_rate_is_left_to_ffmpeg(
    monkeypatch: pytest.MonkeyPatch, run_ffmpeg: RunFfmpeg, tmp_path: Path
) -> None:
    assert not is_encoded_here(monkeypatch, run_ffmpeg, tmp_path, "mp4", bitrate_kbps=128)


def test_other_containers_are_left_to_ffmpeg(
    monkeypatch: pytest.MonkeyPatch, run_ffmpeg: RunFfmpeg, tmp_path: Path
) -> None:
    assert not is_encoded_here(monkeypatch, run_ffmpeg, tmp_path, "mkv")


@pytest.mark.parametrize("version", ["4.4.2-0ubuntu0.22.04.1", "5.0.1", "N-109542-g1bf1c2b", "unknown"])
def test_an_ffmpeg_that_may_be_too_old_encodes_alone(
    monkeypatch: pytest.MonkeyPatch, run_ffmpeg: RunFfmpeg, tmp_path: Path, version: str
) -> None:
    monkeypatch.setattr("vidsep.media.ffmpeg.version", lambda: version)
    assert not is_encoded_here(monkeypatch, run_ffmpeg, tmp_path, "mp4")


def test_sound_of_the_wrong_length_is_refused(run_ffmpeg: RunFfmpeg, tmp_path: Path) -> None:
    film = probe(plain_film(run_ffmpeg, tmp_path / "film.mp4"))
    sound = NewTrack(iter([np.zeros((5000, 2), np.float32)]), 48000, 2, "stereo", 5001, replaces=1, codec="aac")
    with pytest.raises(VerificationError, match="5000 samples instead of 5001"):
        remux(film, [sound], tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()
