"""A layout's plan → the .xlsx file: looks, cells, charts, pages."""
