"""A page to fill in: a finished plan without its answers, which checks what is typed by the page's own formulas."""
