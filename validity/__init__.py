"""Simulations: do intervals cover, do tests keep their error? `make validity` writes docs/validity.md."""
