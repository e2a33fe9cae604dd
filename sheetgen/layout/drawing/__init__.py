"""What stands there: numbers and formulas, looks, texts, lines and charts, put into the plan of a workbook."""
