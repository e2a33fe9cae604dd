"""The intermediate representation: programs of statements over matrices."""
