"""Hostile files for fuzzing: small films of every kind, and ways to damage them. Case N is always the same file."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Run: TypeAlias = Callable[..., None]
Mutation: TypeAlias = Callable[[random.Random, bytearray], None]

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1:sample_rate=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "5")
SEEDS: dict[str, tuple[str, ...]] = {
    "plain.mp4": (*H264, "-c:a", "aac"),
    "pieces.mp4": (*H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
    "camera.mov": (*H264, "-c:a", "pcm_s24le", "-timecode", "01:00:00:00"),
    "film.mkv": (*H264, "-c:a", "flac", "-metadata", "title=A film"),
    "page.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "old.avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "web.flv": ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100"),
    "stream.ts": (*H264, "-c:a", "aac"),
    "disc.mpg": ("-c:v", "mpeg2video", "-r", "25", "-c:a", "mp2"),
    "windows.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "phone.3gp": ("-s", "176x144", "-c:v", "h263", "-c:a", "aac"),
    "studio.mxf": ("-c:v", "mpeg2video", "-r", "25", "-c:a", "pcm_s16le"),
    "open.ogv": ("-c:v", "libtheora", "-c:a", "libvorbis"),
    "bare.nut": ("-c:v", "mpeg4", "-c:a", "ac3"),
    "sound.wav": ("-vn", "-c:a", "pcm_s16le"),
    "sound.flac": ("-vn", "-c:a", "flac"),
    "sound.mp3": ("-vn", "-c:a", "libmp3lame"),
    "sound.m4a": ("-vn", "-c:a", "alac"),
    "sound.opus": ("-vn", "-c:a", "libopus"),
    "sound.aiff": ("-vn", "-c:a", "pcm_s16be"),
    "sound.caf": ("-vn", "-c:a", "pcm_s16be"),
}
ODD_NUMBERS = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\x01", b"\0\0\0\x07"]
HEADER_BYTES = 600
SPLICED_SHARE = 0.05


@dataclass(frozen=True)
class Case:
    """One hostile file: ``content`` made from the seed film ``seed`` by ``mutations``."""

    number: int
    seed: str
    mutations: tuple[str, ...]
    content: bytes

    @property
    def name(self) -> str:
        return f"case-{self.number}{Path(self.seed).suffix}"


def make_seeds(folder: Path, run_ffmpeg: Run) -> dict[str, bytes]:
    """The seed films by name, made in ``folder`` where they are not there yet."""
    made = {}
    for name, options in SEEDS.items():
        path = folder / name
        if not path.exists():
            run_ffmpeg(*PICTURE, *SOUND, "-ac", "2", "-shortest", *options, path)
        made[name] = path.read_bytes()
    return made


def make_case(number: int, seeds: dict[str, bytes]) -> Case:
    """Case ``number``: one to three mutations of one of ``seeds``."""
    rng = random.Random(number)
    name = rng.choice(sorted(seeds))
    content = bytearray(seeds[name])
    chosen = [rng.choice(MUTATIONS) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    names = [mutate.__name__.strip("_") for mutate in chosen]
    for mutate in chosen:
        mutate(rng, content)
    if rng.random() < SPLICED_SHARE:
        other = rng.choice(sorted(seeds))
        content[rng.randrange(len(content) + 1) :] = seeds[other][rng.randrange(len(seeds[other])) :]
        names.append(f"end of {other}")
    return Case(number, name, tuple(names), bytes(content))


def _flipped_bits(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.choice((1, 3, 10, 100))):
        place = rng.randrange(max(1, len(content)))
        content[place : place + 1] = bytes([byte ^ 1 << rng.randrange(8) for byte in content[place : place + 1]])


def _random_header(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.choice((1, 2, 8, 30))):
        place = rng.randrange(max(1, min(HEADER_BYTES, len(content))))
        content[place : place + 1] = rng.randbytes(1)


def _odd_numbers(rng: random.Random, content: bytearray) -> None:
    """Zero, the largest and the smallest, in the place of any four bytes of the header or the trailer."""
    for _ in range(rng.choice((1, 2, 5))):
        near_end = rng.random() < 0.5
        start = max(0, len(content) - 2 * HEADER_BYTES) if near_end else 0
        place = start + rng.randrange(max(1, min(2 * HEADER_BYTES, len(content))))
        content[place : place + 4] = rng.choice(ODD_NUMBERS)


def _atom_sizes(rng: random.Random, content: bytearray) -> None:
    """Another size for boxes and chunks: the four bytes before or behind four letters."""
    letters = [i for i in range(4, len(content) - 8) if content[i : i + 4].isalpha()]
    for place in rng.sample(letters, min(len(letters), rng.choice((1, 2, 5)))):
        odd = rng.choice([*ODD_NUMBERS, rng.randbytes(4), rng.randrange(2000).to_bytes(4, "big")])
        start = place + rng.choice((-4, -4, 4))
        content[start : start + 4] = odd


def _atom_names(rng: random.Random, content: bytearray) -> None:
    """Boxes and chunks that change their names with each other."""
    letters = [i for i in range(4, len(content) - 8) if content[i : i + 4].isalpha()]
    if len(letters) > 1:
        one, other = rng.sample(letters, 2)
        content[one : one + 4] = content[other : other + 4]


def _truncated(rng: random.Random, content: bytearray) -> None:
    del content[rng.randrange(len(content) + 1) :]


def _cut_out(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content) + 1)
    del content[start : start + rng.choice((1, 16, 500, 5000))]


def _repeated(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content) + 1)
    piece = content[start : start + rng.choice((1, 16, 500, 5000))]
    content[start:start] = piece * rng.choice((1, 2, 20))


def _noise(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content) + 1)
    length = rng.choice((4, 64, 2000))
    content[start : start + length] = rng.randbytes(length)


def _zeros(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content) + 1)
    length = rng.choice((4, 64, 2000))
    content[start : start + length] = bytes(length)


MUTATIONS: tuple[Mutation, ...] = (
    _flipped_bits, _random_header, _odd_numbers, _atom_sizes, _atom_names, _truncated, _cut_out, _repeated, _noise,
    _zeros,
)  # fmt: skip
