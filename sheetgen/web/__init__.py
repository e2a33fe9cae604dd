"""The live page: a workbook's plan as one HTML file that computes in the browser."""
