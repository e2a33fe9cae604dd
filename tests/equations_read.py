"""What an equation of a page says, worked out by a reader who knows nothing but the names and mathematics."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping

import numpy as np

ERF = np.vectorize(math.erf, otypes=[float])

SMALL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", "0123456789-0123456789")
FUNCTIONS: Mapping[str, Callable[..., np.ndarray]] = {
    "ReLU": lambda x: np.maximum(x, 0), "tanh": np.tanh, "σ": lambda x: 1 / (1 + np.exp(-x)), "exp": np.exp,
    "ln": np.log, "max": np.maximum, "min": np.minimum, "softmax": np.exp, "norm": np.exp, "std": np.std, "erf": ERF,
    "cos": np.cos, "sin": np.sin, "sign": np.sign, "leaky ReLU": lambda x, a=0.01: np.where(x > 0, x, a * x),
    "√": np.sqrt,
    "round": lambda x, d=0: np.round(x, int(np.max(d))), "SiLU": lambda x: x / (1 + np.exp(-x)),
    "hard σ": lambda x: np.clip(x / 6 + 0.5, 0, 1), "GELU": lambda x: x * (1 + ERF(x / np.sqrt(2))) / 2,
}  # fmt: skip
COMPARISONS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    ">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": lambda a, b: np.abs(a - b) < 1e-9,
    "≠": np.not_equal,
}  # fmt: skip
TOLD: Mapping[str, int | None] = {", each column": 0, ", each row": 1, ", over all": None}


class Unread(Exception):
    """Something that this reader doesn't know."""


class Reader:
    """One equation's right side, from left to right."""

    def __init__(self, text: str, names: Mapping[str, np.ndarray], total: bool = False) -> None:
        """`names` are the numbers of everything that has a name; `total`: whether the result is one number, so that
        sums are taken over everything and not down the columns."""
        told = next((told for told in TOLD if text.endswith(told)), "")
        self.axis, self.all = TOLD.get(told), told == ", over all"
        text = text.removesuffix(told)
        self.text, self.at, self.names = text, 0, names
        self.total = total
        self.known = sorted((*names, *FUNCTIONS), key=len, reverse=True)

    def over(self, sums: Callable[..., np.ndarray], x: np.ndarray, told: str = "") -> np.ndarray:
        """A sum over all of `x`, or down its columns, or along what the equation says, here or at its end."""
        if told:
            return sums(x, axis=TOLD[told], keepdims=True)
        whole = self.axis is None and (self.all or self.total or x.shape[0] == 1)
        return sums(x, axis=None if whole else self.axis or 0, keepdims=True)

    def direction(self) -> str:
        """What is told of one function, before its bracket closes."""
        return self.take(*TOLD) if any(self.text.startswith(f"{told})", self.at) for told in TOLD) else ""

    def inside(self) -> np.ndarray:
        """What stands in brackets, which may have a direction of its own."""
        depth, at = 1, self.at
        while depth and at < len(self.text):
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(self.text[at], 0)
            at += 1
        if not self.text[self.at : at - 1].endswith(tuple(TOLD)):
            return self.choice()
        value = Reader(self.text[self.at : at - 1], self.names, self.total).read()
        self.at = at - 1
        return value

    def read(self) -> np.ndarray:
        """All of it."""
        value = self.choice()
        if self.at < len(self.text):
            raise Unread(self.text[self.at :])
        return value

    def take(self, *texts: str) -> str:
        """The first of these that stands here; empty for none."""
        found = next((text for text in texts if self.text.startswith(text, self.at)), "")
        self.at += len(found)
        return found

    def choice(self) -> np.ndarray:
        yes = self.comparison()
        if not self.take(" where "):
            return yes
        holds = self.comparison()
        no = self.choice() if self.take(", else ") else np.zeros((1, 1))
        return np.where(holds != 0, yes, no)

    def comparison(self) -> np.ndarray:
        left = self.sum()
        if sign := self.take(*(f" {sign} " for sign in COMPARISONS)):
            return COMPARISONS[sign.strip()](left, self.sum()).astype(float)
        return left

    def sum(self) -> np.ndarray:
        value = -self.quotient() if self.take("−") else self.quotient()
        while sign := self.take(" + ", " − "):
            term = self.quotient()
            value = value + term if sign == " + " else value - term
        return value

    def quotient(self) -> np.ndarray:
        value = self.product()
        while self.take(" ÷ "):
            value = value / self.prefix()
        return value

    def product(self) -> np.ndarray:
        value = self.prefix()
        while sign := self.take("·", "∘"):
            log = self.text.startswith("ln", self.at)
            factor = self.prefix()
            number = (1, 1) in (value.shape, factor.shape)
            value = value * factor if sign == "∘" or number or log else value @ factor
            value = np.nan_to_num(value) if log else value  # 0·ln 0 is 0
        return value

    def prefix(self) -> np.ndarray:
        if self.take("Σ "):
            return self.over(np.sum, self.product())
        if self.take("√"):
            return np.sqrt(self.power())
        if self.take("ln "):
            return np.log(self.power())
        return self.power()

    def power(self) -> np.ndarray:
        value = self.atom()
        while True:
            if self.take("ᵀ"):
                value = value.T
            elif found := re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+").match(self.text, self.at):
                self.at = found.end()
                value = value ** float(found[0].translate(SMALL))
            else:
                return value

    def atom(self) -> np.ndarray:
        if self.take("("):
            return self.closed(self.inside(), ")")
        if small := re.compile("e([ᵃ-ᵸ])⁻ᵐᵃˣ").match(self.text, self.at):
            self.at = small.end()
            letter = unicodedata.normalize("NFKC", small[1])
            x = next((x for name, x in self.names.items() if name.casefold().rstrip("₀₁₂₃₄₅₆₇₈₉") == letter), None)
            if x is None or sum(name.casefold().startswith(letter) for name in self.names) > 1:
                raise Unread(small[0])  # which of several isn't told
            return np.exp(x - self.over(np.max, x))
        if guarded := re.compile(r"exp\((.+?) − max\)").match(self.text, self.at):
            self.at = guarded.end()
            x = self.names.get(guarded[1])
            if x is None:
                raise Unread(guarded[1])
            return np.exp(x - self.over(np.max, x))
        if self.take("I ", "I·") and "I" not in self.names:
            raise Unread("I")
        if self.take("|"):
            return np.abs(self.closed(self.sum(), "|"))
        if self.take("mean(", "mean of "):
            bracket = self.text[self.at - 1] == "("
            x = self.choice()
            value = self.over(np.mean, x, self.direction() if bracket else "")
            return self.closed(value, ")") if bracket else value
        for text in self.known:
            if text in FUNCTIONS and self.take(f"{text}("):
                args = [self.choice()]
                while not (told := self.direction()) and self.take(", "):
                    args.append(self.choice())
                if text in ("softmax", "norm"):
                    return self.closed(self.along(text, args[0], told), ")")
                if text in ("max", "min", "std") and len(args) == 1:
                    extreme = {"max": np.max, "min": np.min, "std": np.std}[text]
                    return self.closed(self.over(extreme, args[0], told), ")")
                return self.closed(FUNCTIONS[text](*args), ")")
            if text in self.names and self.take(text):
                entry = re.compile("([₁-₉][₀-₉]*),([₁-₉][₀-₉]*)").match(self.text, self.at)
                if entry is None:
                    return self.names[text]
                self.at = entry.end()
                row, column = (int(index.translate(SMALL)) - 1 for index in entry.groups())
                return self.names[text][row : row + 1, column : column + 1]
        if found := re.compile(r"\d+(\.\d+)?|[½¼¾π]").match(self.text, self.at):
            self.at = found.end()
            value = {"½": 0.5, "¼": 0.25, "¾": 0.75, "π": np.pi}.get(found[0])
            value = float(found[0]) if value is None else value
            return np.array([[value * (np.pi if self.take("π") else 1.0)]])
        if self.take("["):
            parts, sign = [self.choice()], self.take("; ", " | ")
            while sign:
                parts.append(self.choice())
                if not self.take(sign):
                    break
            if not self.take("]"):
                raise Unread(self.text[self.at :])
            return np.vstack(parts) if sign == "; " else np.hstack(parts)
        if found := re.compile(r"(row|column)s? (\d+)(?:–(\d+))? of ").match(self.text, self.at):
            self.at = found.end()
            first, last = int(found[2]) - 1, int(found[3] or found[2])
            value = self.power()
            return value[first:last] if found[1] == "row" else value[:, first:last]
        raise Unread(self.text[self.at :])

    def along(self, text: str, x: np.ndarray, told: str) -> np.ndarray:
        axis = TOLD[told] if told else None if self.all else self.axis or 0
        if text == "norm":
            return (x - x.mean(axis=axis, keepdims=True)) / x.std(axis=axis, keepdims=True)
        return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)

    def closed(self, value: np.ndarray, bracket: str) -> np.ndarray:
        if not self.take(bracket):
            raise Unread(self.text[self.at :])
        return value
