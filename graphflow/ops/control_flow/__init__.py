"""Order without data: no_op, group, tuple."""
