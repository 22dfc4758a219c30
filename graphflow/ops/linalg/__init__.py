"""Matrix products, factorisations, solvers, norms and Fourier transforms."""
