"""The compiled step: examples, network, loss, gradients and the optimizer's update in one program of the device.

The same for TensorFlow and JAX but for the few lines that ask each for gradients and for a compiled function.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from vidsep.errors import ModelError
from vidsep.separation.weights import Weights, fill
from vidsep.training import losses
from vidsep.training.draw import Corpora, Layout, Numbers
from vidsep.training.examples import Studio, sounds_of
from vidsep.training.network import TrainedNetwork, products
from vidsep.training.settings import TrainingConfig

Tensor: TypeAlias = Any
Tensors: TypeAlias = Mapping[str, Tensor]

BETAS = (0.9, 0.98)  # AdamW's memory; the second shorter than usual, as gradients change fast in short runs


class Machine:
    """All that a run trains, and the functions that train and score it."""

    def __init__(self, config: TrainingConfig, corpora: Corpora, layout: Layout) -> None:
        self.config = config
        self.studio = Studio(config, layout)
        self.network = TrainedNetwork(config)
        self.trained = list(self.network.model.trainable_variables)
        run = config.run
        self.optimizer = keras.optimizers.AdamW(
            run.learning_rate, run.weight_decay, *BETAS, global_clipnorm=run.clip_norm
        )
        self.optimizer.exclude_from_weight_decay(var_list=[one for one in self.trained if len(one.shape) < 2])
        self.optimizer.build(self.trained)
        self.averages = [keras.Variable(ops.copy(one.value), dtype="float32", trainable=False) for one in self.trained]
        self.sounds = sounds_of(corpora)
        backends: dict[str, type[_InTensorFlow] | type[_InJax]] = {"tensorflow": _InTensorFlow, "jax": _InJax}
        if keras.backend.backend() not in backends:
            raise ModelError(
                f"networks are not trained on Keras' {keras.backend.backend()} backend",
                "set KERAS_BACKEND to tensorflow or jax",
            )
        self._compiled = backends[keras.backend.backend()](self)

    @property
    def variables(self) -> list[Any]:
        """All that a checkpoint must hold, in an order that does not change."""
        return [*self.trained, *self.averages, *self.optimizer.variables]

    def step(self, numbers: Numbers, learning_rate: float) -> Tensor:
        """Train on one batch. The loss is given as the device has it: to read it is to wait for it."""
        return self._compiled.step(self.sounds, _on_device(numbers), np.float32(learning_rate))

    def score(self, numbers: Numbers) -> dict[str, npt.NDArray[Any]]:
        """`vidsep.training.network.products` and the loss of the averaged weights on one batch."""
        found = self._compiled.score(self.sounds, _on_device(numbers))
        return {name: np.asarray(values) for name, values in found.items()}

    def examples(self, numbers: Numbers) -> npt.NDArray[np.float32]:
        """The stems of one batch, ``(batch, 3, 2, n_samples)``."""
        return np.asarray(self._compiled.examples(self.sounds, _on_device(numbers)))

    def values(self) -> list[npt.NDArray[Any]]:
        """The values of `variables`."""
        self._compiled.settle()
        return [np.asarray(one).copy() for one in self.variables]

    def restore(self, values: list[npt.NDArray[Any]]) -> None:
        """Set `variables`. Raises ValueError if they are not those of this machine."""
        shapes = [tuple(one.shape) for one in self.variables]
        if shapes != [value.shape for value in values]:
            raise ValueError("other variables")
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)
        self._compiled.unsettle()

    def begin(self, weights: Weights) -> None:
        """Set weights and averages to those of a finished model. Raises `ModelError` if it is of another network."""
        fill(self.network.model, weights)
        for average, weight in zip(self.averages, self.trained, strict=True):
            average.assign(weight.value)
        self._compiled.unsettle()

    def weights(self) -> dict[str, npt.NDArray[np.float16]]:
        """The averaged weights, by the names under which `vidsep.separation.weights.fill` knows them."""
        self._compiled.settle()
        names = [one.path.replace("/", ".") for one in self.trained]
        values = [np.asarray(one).astype(np.float16) for one in self.averages]
        return dict(zip(names, values, strict=True))

    def loss(self, sounds: Tensors, numbers: Tensors) -> Tensor:
        """The loss of a batch, as the variables stand."""
        heard = self.network.hear(self.studio.stems(sounds, numbers), dict(numbers))
        return losses.loss(heard, self.network.config, self.config.loss)

    def measured(self, sounds: Tensors, numbers: Tensors) -> dict[str, Tensor]:
        """What `score` returns."""
        heard = self.network.hear(self.studio.stems(sounds, numbers), dict(numbers))
        loss = losses.loss(heard, self.network.config, self.config.loss)
        return {"loss": loss} | products(heard, self.network.config)

    def update(self, gradients: list[Tensor], learning_rate: Tensor) -> None:
        """Move the weights along ``gradients`` and the averages towards them.

        At first the averages follow fast, so that the first weights, which are random, are soon forgotten.
        """
        self.optimizer.learning_rate.assign(learning_rate)
        self.optimizer.apply(gradients)
        done = ops.cast(self.optimizer.iterations, "float32")
        moved = 1 - ops.minimum(self.config.run.average, done / (9 + done))
        for average, value in zip(self.averages, self.trained, strict=True):
            average.assign(average + moved * (value - average))

    def averaged(self) -> keras.StatelessScope:
        """A scope in which the network has the averaged weights."""
        return keras.StatelessScope(
            state_mapping=[(a, b.value) for a, b in zip(self.trained, self.averages, strict=True)]
        )


class _InTensorFlow:
    """Functions that TensorFlow compiles; its variables are changed in place."""

    def __init__(self, machine: Machine) -> None:
        import tensorflow as tf

        def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
            made: Callable[..., Any] = tf.function(function, jit_compile=True, autograph=False)
            return made

        def step(sounds: Tensors, numbers: Tensors, learning_rate: Tensor) -> Tensor:
            with tf.GradientTape() as tape:
                loss = machine.loss(sounds, numbers)
            gradients = tape.gradient(loss, [one.value for one in machine.trained])
            machine.update(gradients, learning_rate)
            return loss

        def score(sounds: Tensors, numbers: Tensors) -> dict[str, Tensor]:
            with machine.averaged():
                return machine.measured(sounds, numbers)

        self.step, self.score, self.examples = compiled(step), compiled(score), compiled(machine.studio.stems)

    def settle(self) -> None:
        """Bring the variables up to date."""

    def unsettle(self) -> None:
        """Take the variables' values."""


class _InJax:
    """Functions that JAX compiles; the variables' values go in and come out, and lie here between."""

    def __init__(self, machine: Machine) -> None:
        import jax

        self.machine = machine
        self.state: list[Tensor] | None = None
        n_trained = len(machine.trained)

        def scope(state: list[Tensor]) -> keras.StatelessScope:
            return keras.StatelessScope(state_mapping=list(zip(machine.variables, state, strict=True)))

        def step(
            state: list[Tensor], sounds: Tensors, numbers: Tensors, learning_rate: Tensor
        ) -> tuple[list[Tensor], Tensor]:
            def loss_of(trained: list[Tensor]) -> Tensor:
                with scope([*trained, *state[n_trained:]]):
                    return machine.loss(sounds, numbers)

            loss, gradients = jax.value_and_grad(loss_of)(state[:n_trained])
            with scope(state) as after:
                machine.update(gradients, learning_rate)
            return [after.get_current_value(one) for one in machine.variables], loss

        def score(state: list[Tensor], sounds: Tensors, numbers: Tensors) -> dict[str, Tensor]:
            averages = state[n_trained : 2 * n_trained]
            with scope([*averages, *state[n_trained:]]):
                return machine.measured(sounds, numbers)

        self._step, self._score = jax.jit(step, donate_argnums=0), jax.jit(score)
        self.examples = jax.jit(machine.studio.stems)

    def step(self, sounds: Tensors, numbers: Tensors, learning_rate: Tensor) -> Tensor:
        self.state, loss = self._step(self._values(), sounds, numbers, learning_rate)
        return loss

    def score(self, sounds: Tensors, numbers: Tensors) -> dict[str, Tensor]:
        found: dict[str, Tensor] = self._score(self._values(), sounds, numbers)
        return found

    def settle(self) -> None:
        """Bring the variables up to date."""
        if self.state is not None:
            for variable, value in zip(self.machine.variables, self.state, strict=True):
                variable.assign(value)
            self.state = None

    def unsettle(self) -> None:
        """Take the variables' values."""
        self.state = None

    def _values(self) -> list[Tensor]:
        if self.state is None:  # copies, as a step takes the memory of what it is given
            self.state = [ops.copy(one.value) for one in self.machine.variables]
        return self.state


def _on_device(numbers: Numbers) -> dict[str, Tensor]:
    return {name: ops.convert_to_tensor(values) for name, values in numbers.items()}
