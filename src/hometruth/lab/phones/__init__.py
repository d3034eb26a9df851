"""Simulated phones: a separate process each, driven over a pipe, reaching the world only through a proxy."""
