"""Numbers as small integers: quantized tensors, and floating ones rounded to what integers could hold."""
