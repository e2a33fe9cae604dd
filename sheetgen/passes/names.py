"""Names for what the compiler makes."""

from __future__ import annotations

from collections.abc import Iterable


class Names:
    """Names in use. Case doesn't distinguish, nor do the underscores that spreadsheets may need."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {self.key(name): name for name in taken}

    @staticmethod
    def key(name: str) -> str:
        return name.casefold().strip("_")

    def fresh(self, wish: str) -> str:
        """`wish`, or `wish_2`, `wish_3` … if it is taken; taken from now on."""
        name, number = wish, 1
        while self.key(name) in self.taken:
            number += 1
            name = f"{wish}_{number}"
        self.taken[self.key(name)] = name
        return name
