"""Uses of a spec's own functions, written out: `O = attend(Wq @ X, …)` becomes `O_Q = Wq @ X`, `O_S = …`, `O = …`.

Names, numbers and parts of matrices take the places of a function's parameters; what else is given is computed first,
in a matrix that is called by the result and the parameter.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any

import yaml

from sheetgen.errors import SpecError
from sheetgen.ir.names import Names
from sheetgen.ir.program import Local
from sheetgen.lang.rewrite import calls_in, renamed, replaced, segment, tree_of, uses
from sheetgen.lang.syntax import did_you_mean, known_functions, target_of
from sheetgen.spec.braces import LONGEST
from sheetgen.spec.functions import At, Function, Use, bound
from sheetgen.spec.source import Source, column_in
from sheetgen.spec.step import SourceStep

DEEPEST = 30


@dataclass(frozen=True)
class Writer:
    """What takes the steps that a use becomes."""

    append: Callable[[str, str | None, At], None]
    """Adds a statement with its sentence."""
    body: Callable[[Function, Callable[[], None], Callable[[], None]], None]
    """Adds the steps of a function between what the first and the last do."""
    fill: Callable[[str, At], str]
    """A text with what its braces stand for."""
    expression: Callable[[str, At], str]
    """The same for an expression."""


class Uses:
    """Writes out the uses of one spec's functions; `taken` are the names of given matrices.

    `written_out` is what they became, as text for a spec.
    """

    def __init__(self, source: Source, functions: Mapping[str, Function], taken: Iterable[str]) -> None:
        self.source, self.functions = source, functions
        self.names = Names(taken)
        self.current: Use | None = None
        self.locals: dict[str, Local] = {}
        """What functions call the matrices that they compute."""
        self.root = ""
        """The matrix of the spec's steps that is being written."""
        self.written_out = ""

    def known(self, values: Mapping[str, int | str]) -> dict[str, int | str]:
        """What braces may hold: what a function's names stand for, and the variables of loops."""
        return {**(self.current.values if self.current else {}), **values}

    def line(self, kind: str, text: str, say: str | None, at: At) -> tuple[str, str | None, str | None]:
        """A line of the current function, with the names that it has where it is used; its sentence, whose braces are
        to be filled in, or one that is ready."""
        if kind in ("explain", "verdict") and (found := [n for n in calls_in(text) if n in self.functions]):
            problem = f"{kind}: `{found[0]}` is a function; write `Y = {text}` as a step, and name Y here."
            raise self.source.error(problem, at)
        use = self.current
        if use is None or kind == "tell":
            return text, say, None
        target = target_of(text) if kind == "do" else None
        if target is not None and self.result(target, at) == use.target:
            return renamed(text, use.names), say or use.function.say, use.say
        return renamed(text, use.names), say, None

    def name(self, name: str) -> str:
        """What a name of the current function is called where that is used."""
        return self.current.names.get(name, name) if self.current else name

    def result(self, target: str, at: At) -> str:
        """What a matrix is called that the current function computes as `target`."""
        use = self.current
        if use is None:
            return target
        known = {"an argument": use.function.parameters, "computed already": use.computed}
        for what, names in known.items():
            if target in names:
                problem = f"`{target}` is {what} in `{use.function.usage}`; a matrix has one meaning"
                raise self.source.error(f"{problem}, so use another name.", at)
        use.computed.add(target)
        if target not in use.names:
            use.names[target] = self.fresh(use.target, target)
        return use.names[target]

    def fresh(self, target: str, name: str) -> str:
        """A name for what the function that computes `target` calls `name`."""
        found = self.names.fresh(f"{target}_{name}")
        self.locals[found] = Local(name, self.root)
        return found

    def write(self, text: str, say: str | None, at: At, writer: Writer) -> None:
        """Add the statement `text`, and before it what the functions that it uses compute. Raises SpecError."""
        tree = tree_of(text) if self.functions else None
        statement = tree.body[0] if tree is not None and len(tree.body) == 1 else None
        target = target_of(text)
        if not isinstance(statement, ast.Assign) or target is None:
            writer.append(text, say, at)
            return
        self.names.taken.add(target)
        outer, self.root = self.root, self.root or target
        if target in self.functions:
            problem = f"`{target}` is a function, so it can't be a name; `{target}_1` could."
            raise self.source.error(problem, at)
        self.check_calls(statement, text, at)
        value = statement.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in self.functions:
            self.use(self.functions[value.func.id], value, target, text, say, at, writer)
        else:
            parts: list[tuple[ast.expr, str]] = []
            for call in uses(value, self.functions):
                parts.append((call, self.fresh(target, ast.unparse(call.func))))
                self.write(f"{parts[-1][1]} = {segment(text, call)}", None, at, writer)
            writer.append(replaced(text, parts), say, at)
        self.root = outer

    def use(
        self, function: Function, call: ast.Call, target: str, line: str, say: str | None, at: At, writer: Writer
    ) -> None:
        """Add what `function` computes, as `target`."""
        names, first = bound(function, call, line)
        names |= {name: self.fresh(target, name) for name in first}
        outer = self.current
        use = Use(function, target, names, self.source.position(at)[0], say, outer)
        if max(map(len, (line, *names.values()))) > LONGEST:
            problem = f"With `{function.name}` written out, this is longer than {LONGEST:,} characters."
            raise self.fault(problem, at, line, call)
        if use.depth > DEEPEST:
            raise self.fault(f"`{function.name}` is used within more than {DEEPEST} others.", at, line, call)
        self.current = use
        text = writer.expression(function.result, function.ends)
        own = text.isidentifier() and text not in names
        if own:
            names[text] = target

        def arguments() -> None:
            for name, expression in first.items():
                self.write(f"{names[name]} = {expression}", None, at, writer)

        def result() -> None:
            if own and text in use.computed:
                return
            if own:
                del names[text]
            said = writer.fill(function.say, function.ends) if say is None and function.say is not None else say
            self.write(f"{target} = {renamed(text, names)}", said, function.ends, writer)

        writer.body(function, arguments, result)
        self.current = outer

    def check_calls(self, statement: ast.Assign, text: str, at: At) -> None:
        """Refuse a slip in the name of a function that the spec defines, and arguments that don't fit one."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = node.func.id
                try:
                    if name in self.functions:
                        bound(self.functions[name], node, text)
                    elif name not in known_functions() and (hint := did_you_mean(name, self.functions)):
                        raise SpecError(f"There is no function `{name}`.{hint}")
                except SpecError as error:
                    raise self.fault(error.message, at, text, node) from None

    def fault(self, message: str, at: At, text: str, node: ast.expr) -> SpecError:
        line, column = self.source.position(at)
        note = f" {self.current.note}" if self.current else ""
        return self.source.fault(
            message + note, line, column_in(self.source.lines[line - 1], column, text, node.col_offset + 1)
        )


def written_out(text: str, line: int, steps: Iterable[SourceStep]) -> str:
    """What a statement became, as text for a spec."""
    dumped = yaml.safe_dump([_entry(step) for step in steps], sort_keys=False, allow_unicode=True, width=1000)
    return f"# line {line}: {text}\nsteps:\n{indent(dumped, '  ')}"


def _entry(step: SourceStep) -> Any:
    """A step as a spec has it."""
    said = {"say": step.say} if step.say else {}
    if step.kind == "do":
        return {"do": step.text, **said} if said else step.text
    if step.kind == "tell":
        return {**said, **({"show": list(step.shows)} if step.shows else {})}
    words = {"words": dict(step.words)} if step.words else {}
    return {step.kind: step.text, **said, **words}
