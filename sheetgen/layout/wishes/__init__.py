"""Which charts a program gets: what people would rather look at than read, told by shapes and by who reads what."""
