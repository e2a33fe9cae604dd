"""Reverse-mode differentiation and the update."""
