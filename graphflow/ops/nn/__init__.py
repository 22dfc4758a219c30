"""Neural network ops: activations, convolutions, pools, normalisation, losses."""
