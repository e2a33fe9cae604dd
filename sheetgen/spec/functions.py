"""`define:` of a spec: functions of one's own, whose uses are written out as steps with names of their own."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetgen.errors import SpecError
from sheetgen.ir.node import is_number
from sheetgen.lang.rewrite import calls_in, put_in, segment, stands_for_itself
from sheetgen.lang.syntax import did_you_mean, known_functions, target_of
from sheetgen.spec.entries import Do, Entry, Group, If, Loop
from sheetgen.spec.names import check_name
from sheetgen.spec.source import Key, Source

At = tuple[Key, ...]
SIGNATURE = "Write the function as it is used: `attend(Q, K, V)`, `scaled(X, by=2)`."
NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Function:
    """`name(parameters): steps`."""

    name: str
    parameters: Mapping[str, str | None]
    """The default of each, as text; None for those that must be given."""
    steps: tuple[Entry, ...]
    """All but the last, which is the result."""
    result: str
    say: str | None
    at: At
    """Where it stands."""
    ends: At
    """Where its result stands."""

    @property
    def usage(self) -> str:
        """`attend(Q, K, V)`."""
        items = (name if default is None else f"{name}={default}" for name, default in self.parameters.items())
        return f"{self.name}({', '.join(items)})"


@dataclass
class Use:
    """One use of a function: what its names stand for here. Grows with each matrix that it computes."""

    function: Function
    target: str
    """The matrix that its result becomes."""
    names: dict[str, str]
    line: int
    say: str | None
    """The author's sentence for the result."""
    outer: Use | None = None
    computed: set[str] = field(default_factory=set)
    """Its own names of what it has computed so far."""

    @property
    def note(self) -> str:
        """What an error in a line of the function says besides."""
        return f"`{self.function.name}` is used on line {self.line} for `{self.target}`."

    @property
    def depth(self) -> int:
        """How many uses it stands in."""
        return 0 if self.outer is None else 1 + self.outer.depth

    @property
    def values(self) -> dict[str, int | str]:
        """What stands in braces: names, and whole numbers as such; the function's own name is that of its result."""
        known = {self.function.name: self.target, **self.names}
        return {name: int(text) if re.fullmatch(r"-?\d{1,9}", text) else text for name, text in known.items()}


def functions_of(source: Source, define: Mapping[str, Any], given: Collection[str]) -> dict[str, Function]:
    """The functions that a spec defines, by name; `given` are the names of its matrices. Raises SpecError with line
    and column."""
    found: dict[str, Function] = {}
    later = {name for text in define if (name := re.split(r"\W", text.strip(), maxsplit=1)[0])}
    for text, body in define.items():
        function = _function(source, text, body)
        if function.name in found:
            raise source.error(f"`{function.name}` is defined a second time.", function.at, True)
        if function.name in given:
            problem = f"`{function.name}` is the name of a given matrix: give the function another one."
            raise source.error(problem, function.at, True)
        later.discard(function.name)
        for line, at in _lines(body, function.at):
            called = set(calls_in(line))
            if function.name in called:
                problem = f"`{function.name}` uses itself, which would never end: repeat steps by `for:`."
                raise source.error(problem, at)
            if early := sorted(called & later):
                problem = f"`{early[0]}` is defined further down; a function may use those above it."
                raise source.error(problem, at)
        found[function.name] = function
    return found


def _function(source: Source, text: str, body: str | list[Entry]) -> Function:
    at: At = ("define", text)
    text = text.strip()
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        call = None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise source.error(f"`{text}` is no function with its arguments. {SIGNATURE}", at, True)
    name = call.func.id
    if name in known_functions():
        problem = f"There is a function `{name}` already, which can't be defined anew: give yours another name."
        raise source.error(problem, at, True)
    parameters: dict[str, str | None] = {}
    given = [*((arg, None) for arg in call.args), *((ast.Name(k.arg or "*"), k.value) for k in call.keywords)]
    for argument, default in given:
        if not isinstance(argument, ast.Name) or argument.id in parameters:
            problem = "is there twice" if isinstance(argument, ast.Name) else "isn't a name"
            shown = argument.id if isinstance(argument, ast.Name) else segment(text, argument)
            raise source.error(f"`{text}`: `{shown}` {problem}. {SIGNATURE}", at, True)
        parameters[argument.id] = None if default is None else _number(source, text, argument.id, default, at)
    for each in (name, *parameters):
        try:
            check_name(each)
        except SpecError as error:
            raise source.error(error.message, at, True) from None
    if name in parameters or not parameters:
        problem = f"`{name}` is its own argument" if parameters else f"`{name}` has no arguments"
        raise source.error(f"{problem}. {SIGNATURE}", at, True)
    return Function(name, parameters, *_body(source, name, body, at))


def _number(source: Source, text: str, name: str, default: ast.expr, at: At) -> str:
    try:
        value = ast.literal_eval(default)
    except (ValueError, RecursionError):
        value = None
    if not is_number(value):
        problem = f"`{text}`: `{name}={segment(text, default)}`, but what is left out can only be a number."
        raise source.error(problem, at, True)
    return put_in(segment(text, default))


def _body(
    source: Source, name: str, body: str | list[Entry], at: At
) -> tuple[tuple[Entry, ...], str, str | None, At, At]:
    """The steps, the result with its sentence, and where both stand."""
    entries: list[Entry] = [body] if isinstance(body, str) else body
    ends = at if isinstance(body, str) else (*at, len(entries) - 1)
    last, say = entries[-1], None
    if isinstance(last, Do):
        say, ends = last.say, (*ends, "do")
        last = last.do
    if not isinstance(last, str):
        raise source.error(f"`{name}` ends with its result: an expression such as `V @ A`, after all steps.", ends)
    if "\n" in last and target_of(last):
        raise source.error(f"The lines of `{name}` are a list: write each on a line of its own, after `- `.", ends)
    if target := target_of(last):
        problem = f"The last line of `{name}` is its result and takes the name that it has where the function is used"
        raise source.error(f"{problem}: leave out `{target} =`.", ends)
    return tuple(entries[:-1]), last, say, at, ends


def _lines(body: str | list[Entry], at: At) -> Iterator[tuple[str, At]]:
    """Every text that holds an expression, and where it stands."""
    if isinstance(body, str):
        yield body, at
        return
    for place, entry in enumerate(body):
        here = (*at, place)
        if isinstance(entry, str):
            yield entry, here
        elif isinstance(entry, Do):
            yield entry.do, (*here, "do")
        elif isinstance(entry, Group | Loop | If):
            yield from _lines(entry.steps, (*here, "steps"))
            if isinstance(entry, Loop):
                yield from _lines(entry.first or [], (*here, "first"))
            if isinstance(entry, If):
                yield from _lines(entry.else_ or [], (*here, "else"))


def bound(function: Function, call: ast.Call, text: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the parameters stand for in a call: names, numbers and parts of matrices as they are; and the expressions
    that are to be computed first. `text` is what `call` was parsed from. Raises SpecError."""
    given: dict[str, ast.expr] = {}
    names = list(function.parameters)
    if len(call.args) > len(names):
        raise SpecError(f"`{function.usage}` takes {_count(len(names))}; {len(call.args)} are given.")
    for name, value in (*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords)):
        if name is None or isinstance(value, ast.Starred):
            raise SpecError("`*` and `**` can't unpack here: write every argument.")
        if name not in names:
            raise SpecError(f"`{function.usage}` has no argument `{name}`.{did_you_mean(name, names)}")
        if name in given:
            raise SpecError(f"`{function.usage}`: `{name}` is given twice.")
        given[name] = value
    defaults = {name: default for name, default in function.parameters.items() if default is not None}
    missing = [name for name in names if name not in given and name not in defaults]
    if missing:
        found = f"{len(given)} {'is' if len(given) == 1 else 'are'} given, `{missing[0]}` is missing"
        raise SpecError(f"`{function.usage}` takes {_count(len(names))}; {found}.")
    texts = {name: segment(text, value) for name, value in given.items()}
    simple = {name: put_in(texts[name]) for name, value in given.items() if stands_for_itself(value)}
    simple |= {name: default for name, default in defaults.items() if name not in given}
    return simple, {name: one for name, one in texts.items() if name not in simple}


def _count(number: int) -> str:
    return f"{number} argument{'s' * (number != 1)}"
