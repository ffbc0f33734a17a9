"""Files made to deceive: playlists that call themselves videos, references to other files, claims that cannot be."""

import struct
from pathlib import Path

RATE = 8000

PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n",
    "hls key": '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXTINF:2,\n{target}\n',
    "hls subfile": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nsubfile,,start,0,end,9999,,:{target}\n",
    "hls concat": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nconcat:{target}|{target}\n",
    "ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "dash": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        '<Representation id="1" mimeType="video/mp2t"><BaseURL>{target}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    ),
    "smooth": '<SmoothStreamingMedia MajorVersion="2"><StreamIndex Url="{target}"/></SmoothStreamingMedia>',
    "asx": '<asx version="3.0"><entry><ref href="{target}"/></entry></asx>',
    "ram": "{target}\n",
    "pls": "[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n",
    "ffmetadata": ";FFMETADATA1\ntitle={target}\n",
    "libass": "[Script Info]\nTitle: {target}\n",
}


def avi_with_playlist(playlist: str) -> bytes:
    """An AVI of a second of silence whose subtitle track is a playlist (in a packet called GAB2)."""
    packet = b"GAB2\0" + struct.pack("<HI", 2, 2) + b"x\0" + struct.pack("<HI", 4, len(playlist)) + playlist.encode()
    sound = bytes(2 * RATE)
    pcm = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    heads = [
        _strl(b"txts", struct.pack("<IIII", 1, 1, 0, 1), b"", 0),
        _strl(b"auds", struct.pack("<IIII", 2, 2 * RATE, 0, RATE), pcm, 2),
    ]
    main = struct.pack("<14I", 1_000_000, 0, 0, 0, 1, 0, len(heads), 0, 64, 48, 0, 0, 0, 0)
    movi = b"movi" + _chunk(b"00tx", packet) + _chunk(b"01wb", sound)
    return _chunk(
        b"RIFF", b"AVI " + _chunk(b"LIST", b"hdrl" + _chunk(b"avih", main) + b"".join(heads)) + _chunk(b"LIST", movi)
    )


def _strl(kind: bytes, times: bytes, form: bytes, sample_bytes: int) -> bytes:
    head = kind + bytes(16) + times + struct.pack("<IiI4H", 0, -1, sample_bytes, 0, 0, 0, 0)
    return _chunk(b"LIST", b"strl" + _chunk(b"strh", head) + _chunk(b"strf", form))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def mov_with_reference(mov: bytes, target: Path) -> bytes:
    """``mov``, whose index stands at the end, with the sound of its last track in another file (an alias record)."""
    path = str(target).encode()
    alias = bytes(150) + struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + struct.pack(">HH", 0xFFFF, 0)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    return _replaced(mov, [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"], entry)


def _replaced(boxes: bytes, way: list[bytes], entry: bytes) -> bytes:
    """The last box on ``way`` has ``entry`` for its only one; sizes of what it lies in are corrected."""
    if not way:
        return boxes[:8] + entry  # version and count stay
    place = boxes.rindex(way[0]) - 4
    size = int.from_bytes(boxes[place : place + 4], "big")
    inner = _replaced(boxes[place + 8 : place + size], way[1:], entry)
    return boxes[:place] + struct.pack(">I", 8 + len(inner)) + way[0] + inner + boxes[place + size :]


def wav(n_channels: int = 2, sample_rate: int = RATE, n_bytes: int = 0xFFFFFFFF) -> bytes:
    """A little silence that claims so many channels and bytes."""
    width = 2 * n_channels
    form = struct.pack("<HHIIHH", 1, n_channels, sample_rate, sample_rate * width & 0xFFFFFFFF, width & 0xFFFF, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 0xFFFFFFFF)
        + b"WAVE"
        + _chunk(b"fmt ", form)
        + b"data"
        + struct.pack("<I", n_bytes)
        + bytes(4000)
    )


def au(n_channels: int, sample_rate: int) -> bytes:
    """A Sun sound file, which counts its channels in four bytes."""
    return b".snd" + struct.pack(">IIIII", 24, 0xFFFFFFFF, 3, sample_rate, n_channels) + bytes(4000)


def caf(n_channels: int, sample_rate: float) -> bytes:
    """An Apple sound file, whose rate is a float."""
    form = struct.pack(">d4sIIIII", sample_rate, b"lpcm", 0, 2 * n_channels & 0xFFFFFFFF, 1, n_channels, 16)
    return (
        b"caff"
        + struct.pack(">HH", 1, 0)
        + b"desc"
        + struct.pack(">Q", 32)
        + form
        + b"data"
        + struct.pack(">q", -1)
        + bytes(4004)
    )


def flac_of_claimed_length(flac: bytes, n_samples: int) -> bytes:
    """``flac`` with another count of samples in its header (RFC 9639, 8.2)."""
    facts = int.from_bytes(flac[18:26], "big")
    return flac[:18] + (facts >> 36 << 36 | n_samples).to_bytes(8, "big") + flac[26:]


def mkv_of_claimed_length(mkv: bytes, seconds: float) -> bytes:
    """``mkv`` with another length in its header: element 0x4489, in milliseconds."""
    place = mkv.index(b"\x44\x89\x88") + 3
    return mkv[:place] + struct.pack(">d", seconds * 1000) + mkv[place + 8 :]
