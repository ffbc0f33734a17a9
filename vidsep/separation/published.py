"""The rows of the systems that others have published: where their weights are, whose they are, how to know them."""

from vidsep.separation.networks import MRX, SPLEETER
from vidsep.separation.row import ModelRow, Origin

SAMPLE_RATE = 44100

MRX_FILES = (
    "https://media.githubusercontent.com/media/merlresearch/cocktail-fork-separation/"
    "19b3de827ebc4bfb014570cf92dd32b4ee3b6921/checkpoints/{}_mrx_pre_trained_weights.pth"
)
MRX_PAPER = (
    "D. Petermann, G. Wichern, Z.-Q. Wang, J. Le Roux: The cocktail fork problem: Three-stem audio separation for "
    "real-world soundtracks. ICASSP 2022, arXiv:2110.09958"
)
CHALLENGE_PAPER = "S. Uhlich et al.: The Sound Demixing Challenge 2023 - Cinematic demixing track. arXiv:2308.06981"

SPLEETER_FILES = "https://github.com/deezer/spleeter/releases/download/v1.4.0/{}.tar.gz"
SPLEETER_PAPER = (
    "R. Hennequin, A. Khlif, F. Voituret, M. Moussallam: Spleeter: a fast and efficient music source separation tool "
    "with pre-trained models. Journal of Open Source Software 5 (50), 2020, doi:10.21105/joss.02154"
)


def _mrx(name: str, file: str, description: str, citation: str, n_bytes: int, sha256: str) -> ModelRow:
    return ModelRow(
        name=name,
        description=f"MERL's multi-resolution CrossNet: {description}",
        network=MRX,
        stems=("music", "dialogue", "effects"),  # its own words are music, speech and sfx
        sample_rate=SAMPLE_RATE,
        licence="MIT",
        citation=citation,
        origin=Origin(MRX_FILES.format(file), sha256, n_bytes),
    )


def _spleeter(file: str, stems: tuple[str, ...], sha256: str, n_bytes: int | None = None) -> list[ModelRow]:
    """A model of Spleeter's and its variant that hears up to 16 kHz, which has the same weights."""
    row = ModelRow(
        name=f"spleeter:{file}",
        description=f"Deezer's Spleeter for songs, {len(stems)} stems up to 11 kHz",
        network=SPLEETER,
        stems=stems,
        sample_rate=SAMPLE_RATE,
        licence="MIT",
        citation=SPLEETER_PAPER,
        origin=Origin(SPLEETER_FILES.format(file), sha256, n_bytes),
    )
    return [row, row.variant("16kHz", f"Deezer's Spleeter for songs, {len(stems)} stems up to 16 kHz", n_bins=1536)]


PUBLISHED = (
    _mrx(
        "mrx", "default", "trained for the signal-to-noise ratio, keeps levels", MRX_PAPER, 122317463,
        "9cecc071c9e58afda34d1a98609a1540f61320e718bafecc4c9c1c5e3ed20a0c",
    ),
    _mrx(
        "mrx:paper", "paper", "the one of the paper, trained for SI-SNR", MRX_PAPER, 122316769,
        "e206fe97739a1fd5ba66d2a4a1e3f68c16f0e3eb8cb7b25ec93d53e7b429f58f",
    ),
    _mrx(
        "mrx:adapted-loudness", "adapted_loudness", "adapted to the loudness of real films", CHALLENGE_PAPER, 122317657,
        "4bc4eabf554cf980d3328a2c45452c47beca1ca76324d75583e7587377dce409",
    ),
    _mrx(
        "mrx:adapted-eq", "adapted_eq", "adapted to the timbre of real films", CHALLENGE_PAPER, 122317657,
        "e49928fce323b6da017373b7c833dde13c957abd4dbfd002c556ed0a64f29b55",
    ),
    *_spleeter(
        "2stems", ("vocals", "accompaniment"),
        "f3a90b39dd2874269e8b05a48a86745df897b848c61f3958efc80a39152bd692", 73109797,
    ),
    *_spleeter(
        "4stems", ("vocals", "drums", "bass", "other"),
        "3adb4a50ad4eb18c7c4d65fcf4cf2367a07d48408a5eb7d03cd20067429dfaa8",
    ),
    *_spleeter(
        "5stems", ("vocals", "piano", "drums", "bass", "other"),
        "25a1e87eb5f75cc72a4d2d5467a0a50ac75f05611f877c278793742513cc7218",
    ),
)  # fmt: skip
