"""Models as files that people pass on: taken in under a name, written out under a path."""

from pathlib import Path

from vidsep.errors import ModelError, OutputError
from vidsep.separation import store
from vidsep.separation.registry import find_model, models_of_the_table
from vidsep.separation.row import ModelRow
from vidsep.separation.weights import MODEL_FILE, SUFFIX, Weights, read_weights, write_weights


def import_model(name: str, source: Path, *, overwrite: bool = False) -> ModelRow:
    """Keep the model at ``source`` under ``name``, by which `find_model` finds it from then on.

    Raises `ModelError` for a name that is taken or that no file can have, and for a file that is no model of a class
    that is known here; `OutputError` if it exists or cannot be written.
    """
    store.check_name(name)
    path = store.path_of(name)
    taken = {word.lower() for row in models_of_the_table().values() for word in (row.name, row.file.stem)}
    if name.lower() in taken:  # some file systems take MRX for mrx
        raise ModelError(f"there is a model called {name} in vidsep's table", "choose another name")
    if path.exists() and not overwrite:
        raise OutputError(f"there is an imported model called {name}", "choose another name or add --overwrite")
    if not source.exists():
        raise ModelError(f"there is no model at {source}", "check the path")
    weights = read_weights(find_model(source).file)
    write_weights(path, Weights(weights.arrays, {**weights.header, "name": name}))
    return find_model(name)


def export_model(model: str | Path, target: Path, *, overwrite: bool = False) -> Path:
    """Write the model of that name or at that path to ``target``, a ``.safetensors`` file or a folder for one.

    Raises `ModelError` if it is not here or damaged, `OutputError` if the file exists or cannot be written.
    """
    row = find_model(model)
    path = target if target.suffix.lower() == SUFFIX else target / MODEL_FILE
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists", "choose another name or add --overwrite")
    if row.needs_no_weights:
        raise ModelError(f"{row.name} has no weights to export", "install the package that it comes with instead")
    weights = row.read()
    told = {
        "name": Path(row.name).name,
        **{name: getattr(row, name) for name in ("description", "licence", "citation")},
    }
    header = {**{name: text for name, text in told.items() if text}, **weights.header}
    write_weights(path, Weights(weights.arrays, header))
    return path
