"""What a layer tells of itself: name, weights, losses, updates, and the tensors of its calls."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import graphflow as tf

from ..backend.symbolic import is_symbolic, keeps
from .graph import reachable
from .node import Node, shape_of
from .tracking import Tracked, leaves, unique


class LayerProperties:
    """The part of Layer that answers questions."""

    _name: str
    _dtype: Any
    _dynamic: bool
    _trainable: bool
    built: bool
    activity_regularizer: Any
    _attached: dict[str, Any]
    _trainable_weights: list[Any]
    _non_trainable_weights: list[Any]
    _losses: list[Any]
    _losses_now: list[Any]
    _weight_losses: list[Any]
    _updates: list[Any]
    _metrics: list[Any]
    _inbound_nodes: list[Node]
    _outbound_nodes: list[Node]

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> Any:
        """The name of the dtype of the weights; None until it is known."""
        return self._dtype

    @property
    def dynamic(self) -> bool:
        return self._dynamic

    @property
    def trainable(self) -> bool:
        """Whether optimizers change the layer's weights."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self._nested():
            layer.trainable = value

    # -- layers and weights -------------------------------------------------------------------------------------------
    def _nested(self) -> list[Any]:
        """The layers that were assigned to this one's attributes."""
        return unique(x for value in self._attached.values() for x in leaves(value) if isinstance(x, Tracked))

    def _loose(self) -> Iterator[Any]:
        """Variables that were assigned to attributes without add_weight."""
        own = {id(v) for v in (*self._trainable_weights, *self._non_trainable_weights)}
        for value in self._attached.values():
            for x in leaves(value):
                if isinstance(x, tf.Variable) and id(x) not in own:
                    yield x

    @property
    def trainable_weights(self) -> list[Any]:
        """The weights that an optimizer may change: none while the layer is not trainable."""
        if not self.trainable:
            return []
        found = [*self._trainable_weights, *(v for v in self._loose() if v.trainable)]
        return unique([*found, *(v for layer in self._nested() for v in layer.trainable_weights)])

    @property
    def non_trainable_weights(self) -> list[Any]:
        loose, nested = list(self._loose()), self._nested()
        if self.trainable:
            found = [*self._non_trainable_weights, *(v for v in loose if not v.trainable)]
            return unique([*found, *(v for layer in nested for v in layer.non_trainable_weights)])
        found = [*self._trainable_weights, *(v for v in loose if v.trainable), *self._non_trainable_weights,
                 *(v for v in loose if not v.trainable)]
        return unique([*found, *(v for layer in nested for v in layer.weights)])

    @property
    def weights(self) -> list[Any]:
        """All weights, those that are trained first."""
        return unique([*self.trainable_weights, *self.non_trainable_weights])

    @property
    def variables(self) -> list[Any]:
        return self.weights

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        return self.non_trainable_weights

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All layers below this one."""
        return tuple(unique(x for layer in self._nested() for x in (layer, *layer.submodules)))

    def count_params(self) -> int:
        """How many numbers the weights hold; ValueError before they are made."""
        if not self.built:
            raise ValueError(f"You tried to call `count_params` on layer {self.name}, but the layer isn't built. You can build it manually "
                             f"via: `{self.name}.build(batch_input_shape)`.")
        return sum(w.shape.num_elements() for w in self.weights)

    # -- losses, updates and metrics ----------------------------------------------------------------------------------
    @property
    def losses(self) -> list[Any]:
        """Losses of activities and those of `add_loss`, then those of weights (made anew at each touch)."""
        found = [*(self._losses if keeps() else self._losses_now), *(make() for make in self._weight_losses)]
        return [*found, *(loss for layer in self._nested() for loss in layer.losses)]

    @property
    def updates(self) -> list[Any]:
        """Operations that change the layer's state, such as moving averages; none while it is not trainable."""
        own = list(self._updates) if self.trainable or getattr(self, "stateful", False) else []
        return [*own, *(u for layer in self._nested() for u in layer.updates)]

    @property
    def metrics(self) -> list[Any]:
        return [*self._metrics, *(m for layer in self._nested() for m in layer.metrics)]

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds a scalar loss, or a list of them: tensors, or functions without arguments that make them."""
        for loss in losses if isinstance(losses, (list, tuple)) else [losses]:
            if callable(loss):
                self._weight_losses.append(loss)
            elif loss is not None:
                loss = tf.convert_to_tensor(loss)
                (self._losses if keeps() or is_symbolic(loss) else self._losses_now).append(loss)

    def _forget_losses(self) -> None:
        """Before a call that belongs to no model: what the call before gave is no loss of this one."""
        self._losses_now.clear()
        for layer in self._nested():
            layer._forget_losses()

    def add_metric(self, value: Any, aggregation: str | None = None, name: str | None = None) -> None:
        """Adds a metric: the mean over batches of a value (aggregation='mean'), or what a metric object gave (aggregation None).

        ValueError without a name, or for another aggregation.
        """
        if aggregation not in (None, "mean"):
            raise ValueError(f"We currently support only `mean` sample-wise metric aggregation. You provided aggregation={aggregation}")
        of_metric = getattr(value, "_metric_obj", None)
        if of_metric is None and name is None:
            raise ValueError("Please provide a name for your metric like `self.add_metric(tf.reduce_sum(inputs), name='mean_activation', "
                             "aggregation='mean')`")
        known = next((m for m in self._metrics if m.name == name), None)
        if known is None:
            known = of_metric if of_metric is not None else tf.keras.metrics.Mean(name=str(name))
            self._metrics.append(known)
        if known is not of_metric:
            known(value)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds operations that a training step runs: operations, tensors, or functions that make them."""
        for update in updates if isinstance(updates, (list, tuple)) else [updates]:
            found = update() if callable(update) else update
            if found is not None and keeps():
                self._updates.append(found)

    def get_losses_for(self, inputs: Any) -> list[Any]:
        """The losses that depend on inputs (None: those that depend on none)."""
        return _of(self.losses, self._known_inputs() if inputs is None else inputs, inputs is not None)

    def get_updates_for(self, inputs: Any) -> list[Any]:
        """The updates that depend on inputs (None: those that depend on none)."""
        return _of(self.updates, self._known_inputs() if inputs is None else inputs, inputs is not None)

    def _known_inputs(self) -> list[Any]:
        return [x for node in self._inbound_nodes for x in node.flat_inputs]

    # -- the tensors of calls -----------------------------------------------------------------------------------------
    @property
    def inbound_nodes(self) -> list[Any]:
        return self._inbound_nodes

    @property
    def outbound_nodes(self) -> list[Any]:
        return self._outbound_nodes

    def _node(self, place: int, what: str) -> Node:
        if not self._inbound_nodes:
            raise RuntimeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        if not -len(self._inbound_nodes) <= place < len(self._inbound_nodes):
            raise ValueError(f"Asked to get {what} at node {place}, but the layer has only {len(self._inbound_nodes)} inbound nodes.")
        return self._inbound_nodes[place]

    def _only(self, what: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(f"The layer {self.name} has never been called and thus has no defined {what}.")
        if len(self._inbound_nodes) > 1:
            raise AttributeError(f"The layer {self.name} has multiple inbound nodes, hence the notion of \"layer {what}\" is ill-defined. "
                                 f"Use `get_{what.replace(' ', '_')}_at(node_index)` instead.")
        return self._inbound_nodes[0]

    @property
    def input(self) -> Any:
        """The input of the layer's only call: a tensor, or nested ones."""
        return _single(self._only("input").input_tensors)

    @property
    def output(self) -> Any:
        """The output of the layer's only call."""
        return _single(self._only("output").output_tensors)

    def get_input_at(self, node_index: int) -> Any:
        """The input of call number node_index."""
        return _single(self._node(node_index, "input").input_tensors)

    def get_output_at(self, node_index: int) -> Any:
        """The output of call number node_index."""
        return _single(self._node(node_index, "output").output_tensors)

    @property
    def input_shape(self) -> Any:
        """The input's shape, where all calls agree."""
        return self._agreed("input_shape", lambda node: node.input_tensors)

    @property
    def output_shape(self) -> Any:
        """The output's shape, where all calls agree."""
        return self._agreed("output_shape", lambda node: node.output_tensors)

    def _agreed(self, what: str, tensors: Any) -> Any:
        if not self._inbound_nodes:
            raise AttributeError(f"The layer has never been called and thus has no defined {what.replace('_', ' ')}. Note that the layer "
                                 "is built on its first call.")
        found = [shapes_of(tensors(node)) for node in self._inbound_nodes]
        if any(shape != found[0] for shape in found):
            raise AttributeError(f'The layer "{self.name}" has multiple inbound nodes, with different shapes. Hence the notion of '
                                 f'"{what}" is ill-defined for the layer. Use `get_{what}_at(node_index)` instead.')
        return found[0]

    def get_input_shape_at(self, node_index: int) -> Any:
        """The input's shape in call number node_index."""
        return shapes_of(self._node(node_index, "input_shape").input_tensors)

    def get_output_shape_at(self, node_index: int) -> Any:
        """The output's shape in call number node_index."""
        return shapes_of(self._node(node_index, "output_shape").output_tensors)

    @property
    def input_mask(self) -> Any:
        return tf.nest.map_structure(lambda x: getattr(x, "_keras_mask", None), self.input)

    @property
    def output_mask(self) -> Any:
        return tf.nest.map_structure(lambda x: getattr(x, "_keras_mask", None), self.output)

    def get_input_mask_at(self, node_index: int) -> Any:
        """The mask of the input in call number node_index."""
        return tf.nest.map_structure(lambda x: getattr(x, "_keras_mask", None), self.get_input_at(node_index))

    def get_output_mask_at(self, node_index: int) -> Any:
        """The mask of the output in call number node_index."""
        return tf.nest.map_structure(lambda x: getattr(x, "_keras_mask", None), self.get_output_at(node_index))


def _single(tensors: Any) -> Any:
    return tensors[0] if isinstance(tensors, (list, tuple)) and len(tensors) == 1 else tensors


def shapes_of(tensors: Any) -> Any:
    """The static shape of a tensor, or the list of those of several."""
    found = tf.nest.map_structure(lambda x: _Shape(shape_of(x)), _single(tensors))
    return tf.nest.map_structure(lambda s: s.value, found)


class _Shape:
    """A shape as a leaf of a nested structure."""

    def __init__(self, value: Any):
        self.value = value


def _of(items: list[Any], inputs: Any, dependent: bool) -> list[Any]:
    """The items that depend on inputs, or those that do not."""
    found = reachable(tf.nest.flatten(inputs), items)
    return [item for item in items if (id(item) in found) == dependent]
