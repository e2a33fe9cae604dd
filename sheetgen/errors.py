"""Errors a user can cause; the command line prints their text and exits with 2."""

from __future__ import annotations

import re


def brief(text: str, longest: int = 160) -> str:
    """The beginning of a text that is too long to be shown."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def visible(text: str) -> str:
    """`text` with a sign in the place of each one that can't be seen, or that would steer a terminal."""
    return "".join(sign if sign.isprintable() else " " if sign in "\n\t" else "\ufffd" for sign in text)


class SheetgenError(Exception):
    """Base of every error whose message is written for the user."""


class SpecError(SheetgenError):
    """Something in a spec is wrong.

    `path`, `line` and `column` (both 1-based) locate it; any may be None while the error
    travels from a stage that doesn't know them: `located` fills in what is missing. `at` is the
    path of keys to the culprit, seen from what the raising stage was handed (`("edges", 2)`).
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        text: str | None = None,
        at: tuple[str | int, ...] = (),
    ) -> None:
        self.message = re.sub("`([^`]+)`", lambda quoted: f"`{brief(quoted[1], 100)}`", message)
        self.path, self.line, self.column, self.text, self.at = path, line, column, text, at
        super().__init__(self.message)

    def located(
        self, *, path: str | None = None, line: int | None = None, column: int | None = None, text: str | None = None
    ) -> SpecError:
        """The same error with the missing parts of its location filled in."""
        return SpecError(
            self.message,
            path=self.path or path,
            line=self.line or line,
            column=self.column or column,
            text=self.text or text,
        )

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        text, message = brief(visible(self.text or "").strip()), visible(self.message)
        shown = f"\n    {text}" if text and text not in message else ""
        return (f"{place}: " if place else "") + message + shown


class LimitError(SheetgenError):
    """The result would not fit into a worksheet (columns, rows, formula length, …)."""


class EngineError(SheetgenError):
    """A spreadsheet engine is missing, failed or took too long."""
