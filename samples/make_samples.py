"""Makes everything in this folder but the spoken lines, from nothing: ``python -m samples.make_samples``.

``vlog.mp4`` takes about five minutes, most of it for painting and encoding the picture. The same seeds give the same
sound and picture each time. ``--stems`` also writes what the vlog's sound was mixed from, as the truth to score a
separation against.
"""

import argparse
from pathlib import Path

import soundfile

from samples.making import film, songs, soundtrack
from samples.making.picture import frames
from samples.making.sound import SAMPLE_RATE

HERE = Path(__file__).parent
NEW_MUSIC_LUFS = -16.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes vidsep's sample files.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: this one)")
    parser.add_argument("--stems", type=Path, help="also write dialogue.wav, music.wav and effects.wav to this folder")
    parser.add_argument("--sound-only", action="store_true", help="leave vlog.mp4 out")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    music = songs.bright()
    music *= 10 ** ((NEW_MUSIC_LUFS - soundtrack.loudness(music)) / 20)
    with soundfile.SoundFile(options.out / "new_music.ogg", "w", SAMPLE_RATE, 2, "VORBIS") as file:
        for start in range(0, len(music), SAMPLE_RATE):  # libsndfile overflows its stack on very long writes
            file.write(music[start : start + SAMPLE_RATE])
    stems = soundtrack.stems()
    if options.stems:
        options.stems.mkdir(parents=True, exist_ok=True)
        for name, stem in stems.items():
            soundfile.write(options.stems / f"{name}.wav", stem, SAMPLE_RATE, subtype="FLOAT")
    if not options.sound_only:
        film.write(options.out / "vlog.mp4", frames(), soundtrack.mix(stems))


if __name__ == "__main__":
    main()
