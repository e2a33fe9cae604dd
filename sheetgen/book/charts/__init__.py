"""Native charts, drawn from live cells."""
