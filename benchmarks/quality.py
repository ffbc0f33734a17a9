"""How well the built-in network separates the sample vlog, whose true stems are known because a script made them.

    python -m benchmarks.quality [--model NAME|PATH] [--device cpu]

Prints a table in Markdown: SI-SDR (Le Roux et al., ICASSP 2019) of each stem in the mixture as it is and in the
network's estimate, in dB over the whole clip. One clip made by machines says little about films; docs/model-card.md
says more.
"""

import argparse
from pathlib import Path

import numpy as np

from samples.making import soundtrack
from vidsep.audio import STEM_NAMES
from vidsep.evaluation.metrics import si_sdr_db
from vidsep.media.demux import decode
from vidsep.media.probe import probe
from vidsep.separation.registry import DEFAULT_MODEL
from vidsep.separation.separator import Separator
from vidsep.work import work_folder

VLOG = Path(__file__).parents[1] / "samples" / "vlog.mp4"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Separation of the sample vlog against its true stems")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="of `vidsep models list`, or a path")
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], default="auto")
    options = parser.parse_args()
    with work_folder() as work:
        info = probe(VLOG)
        audio = decode(info, info.audio_stream(), work).audio
        mixture = audio.samples[:]
    estimates = Separator(options.model, options.device).separate(mixture, audio.sample_rate, audio.layout)
    truth = {name: wave[: len(mixture)].astype(np.float32) for name, wave in soundtrack.stems().items()}
    print(f"| SI-SDR in dB ({VLOG.name}, {audio.seconds:.0f} s) | {' | '.join(STEM_NAMES)} |\n|---|---|---|---|")
    for label, sounds in (
        ("the mixture as it is", dict.fromkeys(STEM_NAMES, mixture)),
        (options.model, {name: getattr(estimates, name) for name in STEM_NAMES}),
    ):
        cells = [f"{si_sdr_db(true, sounds[name][: len(true)]):.1f}" for name, true in truth.items()]
        print(f"| {label} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
