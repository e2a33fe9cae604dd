"""Expressions: read by Python's own parser, given shapes, written back as text."""
