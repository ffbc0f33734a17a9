"""New sound gets the codec that it had, or the one that the container's players expect."""

from dataclasses import replace
from pathlib import Path

import pytest

from vidsep.errors import OutputError
from vidsep.media.codecs import ENCODERS
from vidsep.media.containers import CONTAINERS, Container, codec_for, container_for
from vidsep.media.info import AudioStream, MediaInfo

BY_NAME = {container.name: container for container in CONTAINERS}
INFO = MediaInfo(Path("in.mkv"), ("matroska", "webm"), 1, 0, 1, 1, {}, 0, ())


def chosen(container: str, source: str, n_channels: int = 2, layout: str = "stereo", bits: int = 0) -> str:
    stream = AudioStream(0, "audio", source, {}, (), 0, 1, None, 48000, n_channels, layout, "fltp", bits)
    return codec_for(BY_NAME[container], n_channels, layout, stream)


@pytest.mark.parametrize(
    ("container", "source", "expected"),
    [
        ("MP4", "aac", "aac"),
        ("MP4", "ac3", "ac3"),
        ("MP4", "vorbis", "aac"),
        ("Matroska", "opus", "opus"),
        ("Matroska", "dts", "aac"),
        ("WebM", "aac", "opus"),
        ("AVI", "mp3", "mp3"),
        ("3GP", "amr_nb", "aac"),
        ("MPEG-PS", "aac", "mp2"),
    ],
)
def test_the_codec_stays_where_it_can(container: str, source: str, expected: str) -> None:
    assert chosen(container, source) == expected


@pytest.mark.parametrize(
    ("container", "source", "bits", "expected"),
    [
        ("MOV", "pcm_s24le", 24, "pcm_s24le"),
        ("MP4", "pcm_s16be", 16, "alac"),
        ("Matroska", "truehd", 24, "flac"),
        ("AVI", "flac", 24, "pcm_s24le"),
        ("MPEG-TS", "pcm_bluray", 16, "aac"),
    ],
)
def test_lossless_sound_stays_lossless_where_it_can(container: str, source: str, bits: int, expected: str) -> None:
    assert chosen(container, source, bits=bits) == expected


def test_a_codec_that_cannot_hold_the_channels_is_passed_over() -> None:
    assert chosen("AVI", "dts", 6, "5.1") == "ac3"
    assert chosen("MP4", "truehd", 8, "7.1", 24) == "flac"
    with pytest.raises(OutputError, match="MPEG-TS has no codec for 8 channels"):
        chosen("MPEG-TS", "truehd", 8, "7.1", 24)


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.name)
def test_the_table_names_only_codecs_that_there_are(container: Container) -> None:
    assert set(container.audio) <= set(ENCODERS)


def test_the_suffix_says_which_container() -> None:
    assert container_for(Path("out.MP4"), INFO).name == "MP4"
    assert container_for(Path("out.webm"), INFO).name == "WebM"


def test_a_suffix_of_its_own_keeps_the_container() -> None:
    odd = replace(INFO, path=Path("in.recording"))
    assert container_for(Path("out.recording"), odd).name == "Matroska"


@pytest.mark.parametrize("name", ["out.txt", "out"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(OutputError, match=r"use one of \.mp4"):
        container_for(Path(name), INFO)
