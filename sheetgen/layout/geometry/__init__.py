"""Where everything stands: items → bands → boxes with ties and orders → rows, columns, lines. Pure geometry."""
