"""Values that flow besides tensors of numbers: lists of tensors, optionals."""
