"""Array ops: shapes, slices, joins, fills, axes."""
