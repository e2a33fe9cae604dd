"""What stands in a cell: references in A1 notation, formulas, words for numbers."""
