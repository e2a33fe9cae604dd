"""Program → workbook plan: where every matrix stands, what its cells say, what is written around it."""
