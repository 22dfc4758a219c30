"""Variables, variable scopes and initializers."""
