"""Operations on sparse tensors (`core.values.SparseTensor`): three tensors of positions, values and dense shape."""
