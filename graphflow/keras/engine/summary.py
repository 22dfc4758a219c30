"""The table that Model.summary prints."""
from __future__ import annotations

from typing import Any

from .tracking import unique


def print_summary(model: Any, line_length: int | None = None, positions: Any = None, print_fn: Any = None) -> None:
    """A row for each layer: name and class, shape of the output, numbers in its weights, and in a graph of layers where its inputs come "
      "from."""
    tell = print_fn or print
    row_of_layers = _is_in_a_row(model)
    if row_of_layers:
        line_length, positions = line_length or 65, positions or [0.45, 0.85, 1.0]
        fields = ["Layer (type)", "Output Shape", "Param #"]
    else:
        line_length, positions = line_length or 98, positions or [0.3, 0.6, 0.70, 1.0]
        fields = ["Layer (type)", "Output Shape", "Param #", "Connected to"]
    places = [int(line_length * p) for p in positions] if positions[-1] <= 1 else list(positions)
    tell(f'Model: "{model.name}"')
    tell("_" * line_length)
    _row(tell, fields, places, line_length)
    tell("=" * line_length)
    inside = {id(node) for level in model._map.nodes for node in level} if not row_of_layers else set()
    for layer in model.layers:
        cells = [f"{layer.name} ({layer.__class__.__name__})", _shape(layer), str(_count(layer))]
        if not row_of_layers:
            cells.append(str([f"{h.layer.name}[{_place(h)}][{h.tensor_index}]" for node in layer._inbound_nodes
                              if id(node) in inside for h in node.histories]).replace("', '", "',\n'"))
        _row(tell, cells, places, line_length)
        tell(" " * line_length)
    tell("=" * line_length)
    trained = unique(model.trainable_weights if not hasattr(model, "_collected_weights") else model._collected_weights)
    fixed = unique(model.non_trainable_weights)
    trained_size, fixed_size = sum(map(_bytes, trained)), sum(map(_bytes, fixed))
    trained_count, fixed_count = sum(map(_numbers, trained)), sum(map(_numbers, fixed))
    tell(f"Total params: {trained_count + fixed_count} ({_memory(trained_size + fixed_size)})")
    tell(f"Trainable params: {trained_count} ({_memory(trained_size)})")
    tell(f"Non-trainable params: {fixed_count} ({_memory(fixed_size)})")
    tell("_" * line_length)


def _is_in_a_row(model: Any) -> bool:
    """Whether each layer has one input, from the layer before, and is called once."""
    if model._map is None or hasattr(model, "_row"):
        return True
    nodes = [node for level in model._map.nodes for node in level]
    if any(len(level) > 1 or level and len(level[0].flat_inputs) > 1 for level in model._map.nodes):
        return False
    inside = {id(node) for node in nodes}
    return all(sum(id(node) in inside for node in layer._inbound_nodes) <= 1 for layer in model._map.layers)


def _place(history: Any) -> int:
    """The number of a call: those of a model are counted without its own node."""
    place: int = history.node_index
    return place - 1 if getattr(history.layer, "_map", None) is not None else place


def _row(tell: Any, cells: list[str], places: list[int], line_length: int) -> None:
    """One row: cells that are too long go on in further lines."""
    left = list(cells)
    while any(left):
        line, start = "", 0
        for i, end in enumerate(places):
            space = end - start
            start = end
            width = space - 2 if i < len(places) - 1 else space
            text, left[i] = _cut(left[i], width - (1 if i == 0 else 0))
            line += (" " if i == 0 else "") + text.ljust(width - (1 if i == 0 else 0)) + ("  " if i < len(places) - 1 else "")
        tell(line)


def _cut(text: str, width: int) -> tuple[str, str]:
    """(what fits, the rest)."""
    first, newline, rest = text.partition("\n")
    if len(first) <= width:
        return first, (" " if rest and newline and rest[0] == "'" else "") + rest
    fit = first[:width]
    return fit, first[width:] + newline + rest


def _shape(layer: Any) -> str:
    try:
        found = layer.output_shape
    except (AttributeError, RuntimeError):
        return "multiple"
    if layer.__class__.__name__ in ("InputLayer", "TensorFlowOpLayer") and isinstance(found, tuple):
        return str([found])
    if isinstance(found, list) and len(found) > 1:
        return str(found).replace("), (", "),\n (")
    return str(found)


def _count(layer: Any) -> Any:
    if not layer.built and layer._nested() == [] and not layer.weights:
        return "0 (unused)"
    return sum(map(_numbers, layer.weights))


def _numbers(variable: Any) -> int:
    return int(variable.shape.num_elements())


def _bytes(variable: Any) -> int:
    return _numbers(variable) * int(variable.dtype.base_dtype.size)


def _memory(size: int) -> str:
    """12.00 Byte, 1.50 KB, ..."""
    if size == 0:
        return "0.00 Byte"
    value, power, names = float(size), 0, ("Byte", "KB", "MB", "GB", "TB", "PB")
    while value >= 1024 and power < len(names) - 1:
        value, power = value / 1024, power + 1
    return f"{value:.2f} {names[power]}"
