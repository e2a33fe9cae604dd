"""Names for what the compiler makes."""

from __future__ import annotations

from collections.abc import Iterable


class Names:
    """Names in use."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)

    def fresh(self, wish: str) -> str:
        """`wish`, or `wish_2`, `wish_3` … if it is taken; taken from now on."""
        name, number = wish, 1
        while name in self.taken:
            number += 1
            name = f"{wish}_{number}"
        self.taken.add(name)
        return name
