"""Bit rates and depths are those of the source, within what the codec takes."""

import pytest

from vidsep.errors import OutputError
from vidsep.media.codecs import ENCODERS, bitrate_kbps, encoder_of, encoder_options
from vidsep.media.info import AudioStream


def stream(codec: str, kbps: int = 0, n_channels: int = 2, bits: int = 0) -> AudioStream:
    return AudioStream(0, "audio", codec, {}, (), 0, 1, kbps * 1000 or None, 48000, n_channels, "", "fltp", bits)


@pytest.mark.parametrize(
    ("source_kbps", "expected_kbps"),
    [(256, 256), (64, 192), (0, 256), (5000, 512)],  # kept; raised to 96 a channel; unknown; what AAC takes at most
)
def test_the_bit_rate_is_the_sources(source_kbps: int, expected_kbps: int) -> None:
    assert bitrate_kbps("aac", 2, stream("aac", source_kbps)) == expected_kbps


def test_another_codec_gets_what_is_plenty() -> None:
    assert bitrate_kbps("aac", 6, stream("dts", 1536, 6)) == 960
    assert bitrate_kbps("aac", 2, stream("pcm_s16le", 1536, 2, bits=16)) == 256


def test_bit_rates_are_those_that_the_codec_has() -> None:
    assert bitrate_kbps("ac3", 6, stream("ac3", 600, 6)) == 576
    assert bitrate_kbps("mp2", 2, stream("mp2", 200)) == 192


def test_the_rate_is_kept_where_the_codec_has_it() -> None:
    assert "ar" not in encoder_options("aac", 2, 44100, 192, 0)
    assert encoder_options("opus", 2, 44100, 192, 0)["ar"] == 48000
    assert encoder_options("mp3", 2, 96000, 192, 0)["ar"] == 48000
    assert encoder_options("ac3", 1, 8000, 96, 0)["ar"] == 32000


@pytest.mark.parametrize(("bits", "sample_format"), [(16, "s16"), (24, "s32"), (32, "s32"), (8, "s16")])
def test_lossless_codecs_keep_the_depth(bits: int, sample_format: str) -> None:
    options = encoder_options("flac", 2, 48000, 0, bits)
    assert options["sample_fmt"] == sample_format
    assert "b" not in options


def test_unknown_codecs_and_too_many_channels_are_refused() -> None:
    with pytest.raises(OutputError, match="cannot write dts; choose one of aac"):
        encoder_of("dts", 2, "stereo")
    with pytest.raises(OutputError, match="mp3 cannot hold sound of 6 channels"):
        encoder_of("mp3", 6, "5.1")


def test_side_speakers_go_by_the_name_that_the_encoder_knows() -> None:
    assert ENCODERS["aac"].layout_for("5.1(side)") == "5.1"
    assert ENCODERS["ac3"].layout_for("5.1(side)") == "5.1(side)"
