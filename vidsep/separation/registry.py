"""The table of models: what there is, what it separates, whose it is and where its weights are.

Other packages add rows by the entry point group ``vidsep.models`` (docs/adding-a-model.md); imported models and files
named by their path become rows, too.
"""

import difflib
import importlib.metadata
import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from vidsep.errors import ModelError
from vidsep.separation import store
from vidsep.separation.converting import converted
from vidsep.separation.networks import BAND_MIXER, NETWORKS
from vidsep.separation.published import PUBLISHED
from vidsep.separation.row import ModelRow, NetworkClass
from vidsep.separation.weights import MODEL_FILE, SUFFIX, read_header

PACKAGED = Path(__file__).parent / "models"  # where the weights lie that travel with vidsep
ENTRY_POINTS = "vidsep.models"
DEFAULT_MODEL = "band-mixer"

MODELS = {
    row.name: row
    for row in [
        ModelRow(
            name=DEFAULT_MODEL,
            description="Built in: three complementary complex masks from a band-split network without recurrence",
            network=BAND_MIXER,
            stems=("dialogue", "music", "effects"),
            sample_rate=44100,
            licence="MIT",
            citation="docs/model-card.md",
            weights=PACKAGED / f"band_mixer{SUFFIX}",
            sha256="84e295952992ac0db842c8d8507aa552c498d0409158dc6f60c4f0385a0bcc97",
        ),
        *PUBLISHED,
    ]
}

log = logging.getLogger(__name__)


def all_models() -> dict[str, ModelRow]:
    """Every model by its name: vidsep's own, those of other packages, imported ones."""
    rows = models_of_the_table()
    taken = {row.file for row in rows.values()}
    for name in store.names():
        if name not in rows and store.path_of(name) not in taken:
            try:
                rows[name] = replace(_row_of_file(store.path_of(name)), name=name)
            except ModelError as error:
                log.warning("%s", error)
    return rows


def models_of_the_table() -> dict[str, ModelRow]:
    """The models that need not be imported, by their names: vidsep's own first, then those of other packages."""
    return {**MODELS, **{name: row for name, row in _of_other_packages().items() if name not in MODELS}}


def find_model(
    name: str | Path | None = None,
    weights: str | Path | None = None,
    shifts: int | None = None,
    **options: object,
) -> ModelRow:
    """The model of that name, or the one in the file or folder at that path; without either the default one.

    ``weights`` are others for it, or the model itself if none is named: a model file, a folder that holds one, or what
    the network's authors publish (MRX's ``.pth``, Spleeter's checkpoint folder), which is converted. ``shifts`` is
    how many passes the stems are the mean of (`ModelRow`), ``options`` are those of the network
    (`NetworkClass.options`): ``residual`` of mrx, say. Those that are None are left as they are.
    Raises `ModelError`, naming the nearest model if there is none of that name.

    >>> find_model("band-mixer").sample_rate
    44100
    """
    if name is None:
        name, weights = weights or DEFAULT_MODEL, None
    row = _named(str(name)) or _row_at(Path(name))
    if weights is not None:
        row = _with_weights(row, Path(weights))
    return row.with_options(shifts, **options)


def _named(name: str) -> ModelRow | None:
    if name in MODELS:
        return MODELS[name]
    if store.NAME.fullmatch(name) and store.path_of(name).is_file():
        return replace(_row_of_file(store.path_of(name)), name=name)
    return _of_other_packages().get(name)


def _row_at(path: Path) -> ModelRow:
    try:
        if (path / MODEL_FILE).is_file():
            return _row_of_file(path / MODEL_FILE)
        if path.is_file() and path.suffix.lower() == SUFFIX:
            return _row_of_file(path)
        if path.exists():
            return _row_of_published(path)
    except (OSError, ValueError):  # a name that no file can have
        pass
    name = str(path)
    near = difflib.get_close_matches(name, all_models(), n=1)
    hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(all_models())}, or give the path of a model"
    raise ModelError(f"there is no model called {name!r}", hint)


def _with_weights(row: ModelRow, path: Path) -> ModelRow:
    if not path.exists():
        raise ModelError(f"the weights {path} cannot be read: there is no such file or folder", "check the path")
    other = _row_at(path)
    row.check_header(read_header(other.file), path)
    return replace(row, weights=other.file, sha256=None, sample_rate=other.sample_rate)


def _row_of_published(path: Path) -> ModelRow:
    for network in _networks().values():
        if network.convert and network.recognises and network.recognises(path):
            return replace(_row_of_file(converted(path, network)), name=path.name)
    raise ModelError(
        f"{path} is not a model", f"a model is a {SUFFIX} file, a folder with {MODEL_FILE}, or published weights"
    )


def _row_of_file(path: Path) -> ModelRow:
    header = read_header(path)
    network = _networks().get(header["class"])
    if network is None:
        raise ModelError(
            f"{path} is of the class {header['class']!r}, which is not known here", f"there is {', '.join(_networks())}"
        )
    return ModelRow(
        name=str(path.parent if path.name == MODEL_FILE else path),
        description=str(header.get("description", "")),
        network=network,
        stems=tuple(header["stems"]),
        sample_rate=header["sample_rate"],
        licence=str(header.get("licence", "")),
        citation=str(header.get("citation", "")),
        weights=path,
    )


def _networks() -> dict[str, NetworkClass]:
    return {row.network.name: row.network for row in _of_other_packages().values()} | NETWORKS


@cache
def _of_other_packages() -> dict[str, ModelRow]:
    points = importlib.metadata.entry_points(group=ENTRY_POINTS)
    return {row.name: row for point in points for row in _rows_of(point)}


def _rows_of(point: importlib.metadata.EntryPoint) -> list[ModelRow]:
    try:
        found: ModelRow | Iterable[ModelRow] = point.load()
        rows = [found] if isinstance(found, ModelRow) else list(found)
        if not all(isinstance(row, ModelRow) for row in rows):
            raise TypeError("it is no ModelRow, nor several")
        return rows
    except Exception as error:  # another package's fault must not be the end of vidsep
        log.warning("the models of %s cannot be used: %s: %s", point.value, type(error).__name__, error)
        return []
