"""Small data sets, read with numpy alone: importing this package does not load the framework."""
