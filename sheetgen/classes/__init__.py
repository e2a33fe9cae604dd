"""A set of exercises for a class: other numbers for each student."""
