"""How often the test for opaque flows is wrong, what it finds, and whether its bounds hold: by simulation."""
