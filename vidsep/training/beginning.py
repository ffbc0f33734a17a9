"""The weights that a run begins with in place of random ones: those of a model that was trained before."""

from dataclasses import asdict
from typing import Any

from vidsep.errors import TrainingError
from vidsep.separation.registry import find_model
from vidsep.separation.weights import Weights, read_weights
from vidsep.training.settings import NetworkSettings, TrainingConfig

NOT_COMPARED = ("steps", "highest_hz")  # the same weights fit any


def first_weights(config: TrainingConfig) -> Weights | None:
    """The weights of the model that ``run.begin_with`` names; None if the run begins with random ones.

    Raises `ModelError` if there is no such model, and `TrainingError` if its network is not that of the run.
    """
    if config.run.begin_with is None:
        return None
    row = find_model(config.run.begin_with)
    weights = read_weights(row.file, row.sha256)
    if weights.header["class"] != "band-mixer":
        raise TrainingError(
            f"run.begin_with is a model of the class {weights.header['class']}", "a run trains the class band-mixer"
        )
    _check_sizes(config.network, weights.header["config"])
    return weights


def origin(weights: Weights) -> dict[str, Any]:
    """What the weights of a run that began with ``weights`` say about it."""
    told = ("description", "sha256", "licence", "training_data", "begun_with")
    return {name: weights.header[name] for name in told if name in weights.header}


def _check_sizes(network: NetworkSettings, of_model: dict[str, Any]) -> None:
    for name, mine in asdict(network).items():
        its = of_model.get(name)
        its = tuple(its) if isinstance(its, list) else its
        if name not in NOT_COMPARED and its != mine:
            value = list(its) if isinstance(its, tuple) else its
            raise TrainingError(
                f"network.{name} of the model in run.begin_with is {value}", f"set network.{name} = {value}"
            )
