"""Mathematics: elementwise, reductions, products, linear algebra, segments."""
