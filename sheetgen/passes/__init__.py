"""Program → program: lowering, normal form, differentiation, expansion; and numpy's value of each matrix."""
