"""Array ops: shapes, slices, joins, fills, layouts."""
