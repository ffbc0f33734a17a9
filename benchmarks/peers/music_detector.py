"""How much of each sound is music to INA's speech, music and noise detector. A benchmark's judge.

    python benchmarks/peers/music_detector.py FOLDER

Needs inaSpeechSegmenter 0.8 (MIT; Doukhan et al., ICASSP 2018), which fetches its network when it is first used. Prints
one JSON object: for each WAV file (mono, 16 kHz) the shares of time that are ``speech``, ``music``, ``noise`` and
``noEnergy``. Where somebody talks over music it says speech.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from inaSpeechSegmenter import Segmenter


def main() -> None:
    """Judge every WAV file of a folder."""
    segmenter = Segmenter(vad_engine="smn", detect_gender=False, ffmpeg=None, batch_size=256)
    shares = {}
    for path in sorted(Path(sys.argv[1]).glob("*.wav")):
        seconds: Counter[str] = Counter()
        for label, start, stop in segmenter(str(path)):
            seconds[label] += stop - start
        shares[path.stem] = {label: spent / seconds.total() for label, spent in seconds.items()}
    print(json.dumps(shares))


if __name__ == "__main__":
    main()
