"""Returned exercises: read as people return them, judged in a fresh copy, with what went wrong first."""
