"""numpy against real spreadsheet engines, cell by cell."""
