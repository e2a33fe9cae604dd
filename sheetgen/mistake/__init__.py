"""Pages with one wrong number, to be found."""
