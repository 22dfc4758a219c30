"""The engine: layers, models and the loops that train them."""
