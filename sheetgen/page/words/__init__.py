"""What a page says: names, equations, captions, margins and steps, made of the program and of what each cell computes."""
