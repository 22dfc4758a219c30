"""Batches with several entries for each sequence: made by tiling, and read back along the parents that a search kept."""
from __future__ import annotations

from typing import Any

from ...core import nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.tensor import Tensor
from ...ops.array.axes import expand_dims, transpose
from ...ops.array.basic import cast, reshape, shape
from ...ops.array.fill import range as range_
from ...ops.array.grid import sequence_mask
from ...ops.array.indexing import gather
from ...ops.array.joining import concat
from ...ops.array.select import where
from ...ops.array.tile import tile
from ...ops.nn.beams import gather_tree
from ...ops.reduce.reduction import reduce_max
from ...ops.scopes import name_scope


@export("contrib.seq2seq.tile_batch")
def tile_batch(t: Any, multiplier: int, name: str | None = None) -> Any:
    """Each entry of the batch `multiplier` times, one after the other: [batch, ...] becomes [batch * multiplier, ...]; nested or not."""
    with name_scope(name, "tile_batch", [*nest.flatten(t), multiplier]):
        return nest.map_structure(lambda x: _tiled(convert_to_tensor(x, name="t"), multiplier), t)


def _tiled(x: Tensor, multiplier: int) -> Tensor:
    known = x.static
    if known is None:
        raise ValueError(f"tile_batch needs tensors of known rank; {x.name} has none")
    if not known:
        raise ValueError(f"t must have at least one dimension; {x.name} is a scalar")
    repeats = [1] * (len(known) + 1)
    repeats[1] = multiplier
    sizes = shape(x)
    made = reshape(tile(expand_dims(x, 1), repeats), concat([[sizes[0] * multiplier], sizes[1:]], 0))
    made.set_shape([None if known[0] is None else known[0] * multiplier, *known[1:]])
    return made


@export("contrib.seq2seq.gather_tree_from_array")
def gather_tree_from_array(t: Any, parent_ids: Any, sequence_length: Any) -> Tensor:
    """What a search wrote in each step, with each step's beams where the beams found at last have them.

    t: [time, batch * beams, ...] or [time, batch, beams, ...]; parent_ids: int32 [time, batch, beams]; sequence_length: [batch, beams], of
    the beams found; behind a beam's end the step's own order stays. Shape and dtype of t.
    """
    t, parent_ids = convert_to_tensor(t, name="t"), convert_to_tensor(parent_ids, name="parent_ids")
    lengths = cast(convert_to_tensor(sequence_length, name="sequence_length"), int32)
    sizes = shape(parent_ids)
    steps, batch, beams = sizes[0], sizes[1], sizes[2]
    own = tile(reshape(range_(beams), [1, 1, -1]), [steps, batch, 1])
    sources = gather_tree(own, parent_ids, reduce_max(lengths, axis=1), beams + 1)
    inside = transpose(sequence_mask(lengths, maxlen=steps), [2, 0, 1])
    sources = where(inside, sources, own)
    firsts = reshape(range_(steps * batch), [steps, batch, 1]) * beams
    known = parent_ids.static or (None, None, None)
    split = t.static is not None and len(t.static) > 2 and t.static[1] == known[1] and t.static[2] == known[2] and known[1] is not None
    tail = shape(t)[3:] if split else shape(t)[2:]
    found = reshape(gather(reshape(t, concat([[steps * batch * beams], tail], 0)), sources + firsts), shape(t))
    found.set_shape(t.shape)
    return found
