"""What a page says: names, equations, captions, margins and steps, made of what each cell computes."""
