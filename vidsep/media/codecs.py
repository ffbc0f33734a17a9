"""Sound encoders: which ffmpeg encoder makes a codec, what it takes, and at what bit rate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from vidsep.errors import OutputError
from vidsep.media.info import AudioStream

FEWEST_KBPS_PER_CHANNEL = 96  # below this a second generation of AAC is heard
USUAL_KBPS_PER_CHANNEL = 128  # where the source does not tell, or has no bit rate because it is lossless
MOST_KBPS_PER_CHANNEL = 160  # of a codec that is not the source's: more is no audible gain

MPEG1_RATES = (32000, 44100, 48000)
LAYER3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, *MPEG1_RATES)  # with MPEG-2 and MPEG-2.5
AAC_RATES = (7350, *LAYER3_RATES, 64000, 88200, 96000)  # ISO/IEC 14496-3, table 1.18
LAYER2_KBPS = (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)  # ISO/IEC 11172-3, 2.4.2.3
AC3_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)  # A/52, table 5.18
# At a constant quality ffmpeg's AAC has a higher SNR than at the same constant bit rate, and it does not search for
# ways to spend bits that simple sound does not need: twice as fast on a voice alone. Measured on speech over music.
AAC_QUALITIES = (0.5, 1, 1.5, 2, 2.5, 3, 4)
AAC_KBPS = (58, 99, 137, 174, 211, 246, 308)
# libvorbis is steered by quality; these are its nominal rates at 44.1 kHz stereo for qualities 0 to 10.
VORBIS_KBPS = (64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 500)

# Codecs with few layouts know the surround with rear speakers; ffmpeg would remix the one with side speakers.
BACK_LAYOUTS = MappingProxyType({"5.0(side)": "5.0", "5.1(side)": "5.1", "quad(side)": "quad"})
# What came through ffmpeg's encoders with every channel in its place.
AAC_LAYOUTS = frozenset(
    {"mono", "stereo", "2.1", "3.0", "4.0", "quad", "4.1", "5.0", "5.1", "hexagonal", "6.1(back)", "7.0", "7.1",
     "7.1(wide)", "octagonal"}
)  # fmt: skip
OPUS_LAYOUTS = frozenset({"mono", "stereo", "3.0", "quad", "5.1", "7.1"})
ALAC_LAYOUTS = frozenset({"mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1(back)", "7.1(wide)"})
VORBIS_LAYOUTS = frozenset({"mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1"})


@dataclass(frozen=True)
class Encoder:
    """How ffmpeg makes a codec.

    ``rates_hz`` empty means any; ``priming_samples`` is the silence that the encoder puts before the sound;
    ``lost_start_samples`` and ``lost_end_samples`` are what never comes out of the decoder and is made up with silence;
    ``is_lossless`` codecs take no bit rate, and ``sample_formats`` maps their bit depths to ffmpeg's names;
    ``layouts`` are those that come through unchanged, empty means all.
    """

    name: str
    most_channels: int = 8
    rates_hz: tuple[int, ...] = ()
    most_kbps: int = 0
    most_kbps_per_channel: int = 0
    kbps: tuple[int, ...] = ()
    priming_samples: int = 0
    lost_start_samples: int = 0
    lost_end_samples: int = 0
    sample_formats: MappingProxyType[int, str] = field(default_factory=lambda: MappingProxyType({}))
    options: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    is_lossless: bool = False
    layouts: frozenset[str] = frozenset()

    def holds(self, n_channels: int, layout: str) -> bool:
        """Whether the sound comes out with the channels it went in with."""
        return n_channels <= self.most_channels and (not self.layouts or self.layout_for(layout) in self.layouts)

    def layout_for(self, layout: str) -> str:
        """The name to hand the encoder the sound under."""
        return BACK_LAYOUTS.get(layout, layout) if self.layouts else layout

    def rate_for(self, sample_rate: int) -> int:
        """The rate to encode at: the sound's own, or the next higher one that the codec has."""
        if not self.rates_hz:
            return sample_rate
        return min((rate for rate in self.rates_hz if rate >= sample_rate), default=self.rates_hz[-1])


def _pcm(name: str) -> Encoder:
    return Encoder(name, most_channels=64, is_lossless=True)


ENCODERS: dict[str, Encoder] = {
    # The fast coder runs at 125 times real time instead of 50, with equal or better SNR below 8 kHz from 128 kb/s on.
    "aac": Encoder(
        "aac", 8, AAC_RATES, most_kbps_per_channel=256, priming_samples=1024, layouts=AAC_LAYOUTS,
        options=MappingProxyType({"aac_coder": "fast"}),
    ),
    "mp3": Encoder("libmp3lame", 2, LAYER3_RATES, most_kbps=320, priming_samples=1105),
    "mp2": Encoder("mp2", 2, (16000, 22050, 24000, *MPEG1_RATES), most_kbps=384, kbps=LAYER2_KBPS,
                   priming_samples=481, lost_end_samples=481),
    "ac3": Encoder("ac3", 6, MPEG1_RATES, most_kbps=640, kbps=AC3_KBPS, priming_samples=256, lost_end_samples=256),
    "eac3": Encoder("eac3", 6, MPEG1_RATES, most_kbps=1024, priming_samples=256, lost_end_samples=256),
    "opus": Encoder("libopus", 8, (48000,), most_kbps_per_channel=256, layouts=OPUS_LAYOUTS),
    "vorbis": Encoder("libvorbis", 8, most_kbps_per_channel=250, layouts=VORBIS_LAYOUTS),
    "wmav2": Encoder("wmav2", 2, (8000, 11025, 16000, 22050, *MPEG1_RATES), most_kbps=192, lost_start_samples=2048),
    "flac": Encoder("flac", 8, is_lossless=True, sample_formats=MappingProxyType({16: "s16", 24: "s32"})),
    "alac": Encoder(
        "alac", 8, is_lossless=True, sample_formats=MappingProxyType({16: "s16p", 24: "s32p"}), layouts=ALAC_LAYOUTS
    ),
    **{
        name: _pcm(name)
        for name in (
            "pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw",
            "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le",
            "pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", "pcm_f64be",
        )
    },
}  # fmt: skip


def encoder_of(codec: str, n_channels: int, layout: str) -> Encoder:
    """The encoder of ``codec``. Raises `OutputError` when there is none or it cannot hold the channels."""
    encoder = ENCODERS.get(codec)
    if encoder is None:
        raise OutputError(f"vidsep cannot write {codec}", f"choose one of {', '.join(ENCODERS)}")
    if not encoder.holds(n_channels, layout):
        raise OutputError(
            f"{codec} cannot hold sound of {n_channels} channels ({layout})",
            "choose flac, or set output.channels to 5.1",
        )
    return encoder


def bitrate_kbps(codec: str, n_channels: int, source: AudioStream | None) -> int:
    """The bit rate for sound that takes the place of ``source``: that of the source, within what makes sense."""
    encoder = ENCODERS[codec]
    told = round(source.bit_rate / 1000) if source is not None and source.bit_rate and not source.bits else 0
    if source is not None and source.n_channels > n_channels:  # it was mixed down
        told = round(told * n_channels / source.n_channels)
    wanted = told or USUAL_KBPS_PER_CHANNEL * n_channels
    if source is None or source.codec != codec:
        wanted = min(wanted, MOST_KBPS_PER_CHANNEL * n_channels)
    return limited_kbps(encoder, max(wanted, FEWEST_KBPS_PER_CHANNEL * n_channels), n_channels)


def limited_kbps(encoder: Encoder, kbps: int, n_channels: int) -> int:
    """The bit rate nearest to ``kbps`` that the encoder takes."""
    most = encoder.most_kbps or encoder.most_kbps_per_channel * n_channels or kbps
    kbps = min(kbps, most)
    return min(encoder.kbps, key=lambda one: (abs(one - kbps), -one)) if encoder.kbps else kbps


def encoder_options(
    codec: str, n_channels: int, sample_rate: int, kbps: int, bits: int, *, constant: bool = False
) -> dict[str, Any]:
    """ffmpeg's options that encode sound as ``codec``, lossy at about ``kbps`` or lossless with ``bits``.

    ``constant`` asks for just that bit rate where the quality that usually takes it would do.
    """
    encoder = ENCODERS[codec]
    options: dict[str, Any] = {"c": encoder.name, **encoder.options}
    if encoder.rate_for(sample_rate) != sample_rate:
        options["ar"] = encoder.rate_for(sample_rate)
    if not encoder.is_lossless:
        options |= _rate_options(encoder, kbps, n_channels, constant=constant)
    elif depth := _depth(encoder, bits):
        options["sample_fmt"] = encoder.sample_formats[depth]
        options["bits_per_raw_sample"] = depth
    return options


def _rate_options(encoder: Encoder, kbps: int, n_channels: int, *, constant: bool) -> dict[str, Any]:
    kbps = limited_kbps(encoder, kbps, n_channels)
    if encoder.name == "aac" and not constant:
        return {"q": _quality(kbps, n_channels, AAC_QUALITIES, AAC_KBPS)}
    if encoder.name == "libvorbis":
        return {"q": _quality(kbps, n_channels, range(len(VORBIS_KBPS)), VORBIS_KBPS)}
    return {"b": f"{kbps}k"}


def _quality(kbps: int, n_channels: int, qualities: Sequence[float], stereo_kbps: Sequence[float]) -> float:
    return round(float(np.interp(kbps * 2 / n_channels, stereo_kbps, qualities)), 2)


def _depth(encoder: Encoder, bits: int) -> int:
    depths = encoder.sample_formats
    return min((depth for depth in depths if depth >= bits), default=max(depths, default=0))
