"""Network: a layer made of layers, either the graph of layers between inputs and outputs or a class with a `call` of its own."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..backend.sessions import batch_set_value
from ..backend.settings import floatx
from ..backend.state import unique_name
from ..backend.symbolic import is_symbolic, keeps, symbolic
from ..utils.objects import to_snake_case
from . import history
from .graph import operation_of, reachable
from .layer import Layer, mask_of
from .mapping import Map, map_graph
from .node import Node, history_of, shape_of
from .properties import shapes_of
from .tracking import unique


class Network(Layer):
    """`Network(inputs, outputs)` is the graph of layers between them; without them a subclass defines `call`."""
    supports_masking = True

    def __init__(self, *args: Any, **kwargs: Any):
        inputs, outputs, args = _ends(args, kwargs)
        name, trainable = kwargs.pop("name", None), kwargs.pop("trainable", True)
        if args or set(kwargs) - {"dtype", "dynamic"}:
            unknown = ", ".join([*map(repr, args), *kwargs])
            raise TypeError(f"The following keyword arguments passed to `Model` aren't supported: {unknown}.")
        super().__init__(trainable=trainable, name=name or unique_name(to_snake_case(self._kind()), zero_based=True), **kwargs)
        self._map: Map | None = None
        self.inputs: Any = None
        self.outputs: Any = None
        self._nested_inputs: Any = None
        self._nested_outputs: Any = None
        if inputs is not None:
            self._set_graph(inputs, outputs)

    def _kind(self) -> str:
        """What a network without a name is called by: the class, 'Model' for plain ones."""
        return type(self).__name__

    # -- the graph of layers ------------------------------------------------------------------------------------------
    def _set_graph(self, inputs: Any, outputs: Any) -> None:
        """Takes the layers between inputs and outputs for this network's."""
        flat_inputs, flat_outputs = tf.nest.flatten(inputs), tf.nest.flatten(outputs)
        history.complete(outputs)
        for x in flat_inputs:
            if history_of(x) is None:
                raise ValueError(f"Input tensors to a {type(self).__name__} must come from `tf.keras.Input`. Received: {x} (missing "
                                 "previous "
                                 "layer metadata).")
        for x in flat_outputs:
            if history_of(x) is None:
                raise ValueError(f"Output tensors of a {type(self).__name__} model must be the output of a TensorFlow `Layer` (thus "
                                 "holding "
                                 f"past layer metadata). Found: {x}")
        if len({id(x) for x in flat_inputs}) != len(flat_inputs):
            raise ValueError("The list of inputs passed to the model contains the same input multiple times. All inputs should only "
                             "appear "
                             f"once. Received inputs={inputs}")
        self._map = map_graph(flat_inputs, flat_outputs)
        self._nested_inputs, self._nested_outputs = inputs, outputs
        self.inputs, self.outputs = flat_inputs, flat_outputs
        self.built = True
        self._inbound_nodes[:] = []
        ours = [(x, x._keras_history) for x in (*flat_inputs, *flat_outputs)]
        Node(self, inputs, outputs)
        for x, known in ours:                      # the ends stay those of their layers
            x._keras_history = known
        for layer in {id(x._keras_history.layer): x._keras_history.layer for x in flat_inputs}.values():
            layer._outbound_nodes.remove(self._inbound_nodes[0])
        self.input_names = [x._keras_history.layer.name for x in flat_inputs]
        self.output_names = _numbered([x._keras_history.layer.name for x in flat_outputs])
        self._feed_inputs = [x for x in flat_inputs if x._keras_history.layer.is_placeholder] if all(
            hasattr(x._keras_history.layer, "is_placeholder") for x in flat_inputs) else flat_inputs

    @property
    def _is_graph_network(self) -> bool:
        return self._map is not None

    def _nested(self) -> list[Any]:
        mapped = self._map.layers if self._map is not None else []
        return unique([*mapped, *super()._nested()])

    @property
    def layers(self) -> list[Any]:
        """The layers of the network."""
        return self._nested()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """The layer of that name or place; ValueError where there is none."""
        if index is not None and name is not None:
            raise ValueError(f"Provide only a layer name or a layer index. Received: index={index}, name={name}.")
        if index is not None:
            if len(self.layers) <= index:
                raise ValueError(f"Was asked to retrieve layer at index {index} but model only has {len(self.layers)} layers.")
            return self.layers[index]
        if name is None:
            raise ValueError("Provide either a layer name or layer index at `get_layer`.")
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in self.layers]}.")

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs of the graph of layers for other inputs."""
        if self._map is None:
            raise NotImplementedError("When subclassing the `Model` class, you should implement a `call()` method: def call(self, "
                                      "inputs): ...")
        masks = [None] * len(self.inputs) if mask is None else tf.nest.flatten(mask)
        values: dict[int, Any] = {}
        for own, x, its_mask in zip(self.inputs, self._flat_inputs(inputs), masks):
            if its_mask is not None and mask_of(x) is None:
                x._keras_mask = its_mask
            values[id(own)] = x
        for level in self._map.nodes:
            for node in level:
                if not node.histories or id(node) == id(self._inbound_nodes[0]):
                    continue
                if all(id(x) in values for x in node.flat_outputs) or not all(id(x) in values for x in node.flat_inputs):
                    continue
                arguments = tf.nest.map_structure(lambda x: values.get(id(x), x), node.arguments)
                if node.outbound_layer._takes("training") and arguments.get("training") is None:
                    arguments["training"] = training
                outputs = node.outbound_layer(tf.nest.map_structure(lambda x: values[id(x)], node.input_tensors), **arguments)
                values.update(zip(map(id, node.flat_outputs), tf.nest.flatten(outputs)))
        missing = [x for x in self.outputs if id(x) not in values]
        if missing:
            raise ValueError(f"Could not compute output {missing[0]}")
        return tf.nest.pack_sequence_as(self._nested_outputs, [values[id(x)] for x in self.outputs])

    def _flat_inputs(self, inputs: Any) -> list[Any]:
        """The inputs in order: those of a dict by the names of input layers."""
        if isinstance(inputs, dict) and not isinstance(self._nested_inputs, dict):
            return [inputs[name] for name in self.input_names]
        return list(tf.nest.flatten(inputs))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs for the inputs of the last call."""
        if self._map is None:
            return None
        return tf.nest.map_structure(mask_of, self._nested_outputs)

    _sets_masks_itself = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of that shape."""
        if self._map is None:
            return super().compute_output_shape(input_shape)
        shapes = [tf.TensorShape(s) for s in (input_shape if isinstance(input_shape, list) else [input_shape])]
        found: dict[int, Any] = {id(x): s for x, s in zip(self.inputs, shapes)}
        for level in self._map.nodes:
            for node in level:
                if node.histories and all(id(x) in found for x in node.flat_inputs) and node is not self._inbound_nodes[0]:
                    given = tf.nest.map_structure(lambda x: tuple(found[id(x)].as_list()), node.input_tensors) \
                        if len(node.flat_inputs) == 1 else [tuple(found[id(x)].as_list()) for x in node.flat_inputs]
                    result = node.outbound_layer.compute_output_shape(given)
                    flat = result if isinstance(result, list) else [result]
                    found.update(zip(map(id, node.flat_outputs), (tf.TensorShape(s) for s in flat)))
        results = [found[id(x)] for x in self.outputs]
        return results[0] if len(results) == 1 else results

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of that shape (with the batch), by a call on a placeholder."""
        if self._map is not None:
            self.built = True
            return
        if input_shape is None:
            raise ValueError("Input shape must be defined when calling `build()` on a `Model` subclass network.")
        nested = isinstance(input_shape, list) and all(isinstance(s, (list, tuple, tf.TensorShape)) for s in input_shape)
        shapes = [tf.TensorShape(s) for s in (input_shape if nested else [input_shape])]
        if isinstance(input_shape, dict):
            raise NotImplementedError("build() with a dict of shapes: call the model on inputs instead.")
        with symbolic():
            tensors = [tf.placeholder(self._dtype or floatx(), s) for s in shapes]
            self.call(tensors if nested else tensors[0])
        self.built = True

    def _build_for(self, inputs: Any) -> None:
        if type(self).build is not Network.build and not self.built and self._map is None:
            self.build(tf.nest.map_structure(lambda x: x.shape, inputs))
        self.built = True

    # -- weights, losses and updates ----------------------------------------------------------------------------------
    @property
    def weights(self) -> list[Any]:
        """All weights, layer by layer."""
        self._check_weights()
        own = [*self._trainable_weights, *self._non_trainable_weights, *self._loose()]
        return unique([*(v for layer in self.layers for v in layer.weights), *own])

    @property
    def trainable_weights(self) -> list[Any]:
        self._check_weights()
        if not self.trainable:
            return []
        found = [v for layer in self._nested() for v in layer.trainable_weights]
        return unique([*found, *self._trainable_weights, *(v for v in self._loose() if v.trainable)])

    def _check_weights(self) -> None:
        if self._map is None and not self.built and not self.layers_have_weights() and self._nested():
            raise ValueError(f"Weights for model '{self.name}' have not yet been created. Weights are created when the model is first "
                             "called "
                             "on inputs or `build()` is called with an `input_shape`.")

    def layers_have_weights(self) -> bool:
        """Whether any layer is built."""
        return any(layer.built for layer in self._nested())

    def set_weights(self, weights: Any) -> None:
        """Gives all weights these values, in the order of `weights`."""
        weights = list(weights)
        pairs: list[Any] = []
        for variable, value in zip(self.weights, weights):
            pairs.append((variable, value))
        if len(self.weights) != len(weights):
            raise ValueError(f'You called `set_weights(weights)` on layer "{self.name}" with a weight list of length {len(weights)}, but '
                             f"the layer was expecting {len(self.weights)} weights. Provided weights: {str(weights)[:50]}...")
        batch_set_value(pairs)

    def _all(self, attribute: str) -> list[Any]:
        """What all layers below have in a list of their own."""
        found = list(getattr(self, attribute))
        stack = list(reversed(self._nested()))
        seen: set[int] = set()
        while stack:
            layer = stack.pop()
            if id(layer) not in seen:
                seen.add(id(layer))
                found.extend(getattr(layer, attribute))
                stack.extend(reversed(layer._nested()))
        return found

    @property
    def losses(self) -> list[Any]:
        """The losses of layers that depend on the network's inputs, and those of weights (made anew at each touch)."""
        kept = keeps()
        if not kept and self._all("_losses_now"):
            return super().losses
        activities = self._all("_losses")
        inputs = self._known_inputs()
        if inputs and (kept or all(is_symbolic(x) for x in activities)):
            found = reachable(inputs, activities)
            own = {id(x) for x in self._losses}
            activities = [x for x in activities if id(x) in found or id(x) in own]
        return [*activities, *(make() for make in self._all("_weight_losses"))]

    @property
    def updates(self) -> list[Any]:
        """The updates of layers that depend on the network's inputs, and those that depend on none."""
        if not self.trainable and not self.stateful:
            return []
        found = unique([*self._updates, *(u for layer in self._nested() for u in layer.updates)])
        inputs = self._known_inputs()
        if not inputs:
            return found
        dependent = reachable(inputs, found)
        return [u for u in found if id(u) in dependent or not _fed(u)]

    @property
    def state_updates(self) -> list[Any]:
        """The updates of stateful layers, which predictions run too."""
        layers = [layer for layer in unique(_below(self)) if getattr(layer, "stateful", False) and not isinstance(layer, Network)]
        return [u for layer in layers for u in layer._updates]

    @property
    def stateful(self) -> bool:
        """Whether any layer keeps state from batch to batch."""
        return any(getattr(layer, "stateful", False) for layer in self._nested() if hasattr(layer, "reset_states"))

    @stateful.setter
    def stateful(self, value: bool) -> None:
        """Layers say it, not the network."""

    def reset_states(self) -> None:
        """Sets the states of all stateful layers to zeros."""
        for layer in self.layers:
            if hasattr(layer, "reset_states") and getattr(layer, "stateful", False):
                layer.reset_states()

    @property
    def input(self) -> Any:
        """The network's inputs."""
        return self._nested_inputs if self._map is not None else super().input

    @property
    def output(self) -> Any:
        """The network's outputs."""
        return self._nested_outputs if self._map is not None else super().output

    @property
    def input_shape(self) -> Any:
        return self._shape_of_ends(self.inputs, "input_shape")

    @property
    def output_shape(self) -> Any:
        return self._shape_of_ends(self.outputs, "output_shape")

    def _shape_of_ends(self, tensors: Any, what: str) -> Any:
        if tensors is None:
            raise AttributeError(f"The layer has never been called and thus has no defined {what.replace('_', ' ')}.")
        return shape_of(tensors[0]) if len(tensors) == 1 else shapes_of(list(tensors))

    @property
    def input_spec(self) -> Any:
        """What the network wants of its inputs: nothing that is checked before its layers do."""
        return None

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        """Layers say it, not the network."""


def _ends(args: Any, kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    """(inputs, outputs, other positional arguments) of a constructor."""
    if len(args) >= 2 or len(args) == 1 and "outputs" in kwargs:
        inputs = args[0]
        outputs = args[1] if len(args) > 1 else kwargs.pop("outputs")
        if len(args) > 2:
            kwargs.setdefault("name", args[2])
        return inputs, outputs, args[3:]
    if "inputs" in kwargs and "outputs" in kwargs:
        return kwargs.pop("inputs"), kwargs.pop("outputs"), args
    return None, None, args


def _numbered(names: list[str]) -> list[str]:
    """Each name once: a second `out` is `out_1`."""
    found: list[str] = []
    counts: dict[str, int] = {}
    for name in names:
        if name in counts:
            found.append(f"{name}_{counts[name]}")
            counts[name] += 1
        else:
            counts[name] = 1
            found.append(name)
    return found


def _below(layer: Any) -> list[Any]:
    return [x for nested in layer._nested() for x in (nested, *_below(nested))]


def _fed(update: Any) -> bool:
    """Whether any placeholder is above an update."""
    operation = operation_of(update)
    stack, seen = [operation] if operation is not None else [], set()
    while stack:
        op = stack.pop()
        if op._op_def.must_be_fed:
            return True
        for t in op.inputs:
            if t.op not in seen:
                seen.add(t.op)
                stack.append(t.op)
    return False

