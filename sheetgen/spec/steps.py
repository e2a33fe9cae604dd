"""The steps of a spec, one after another: loops unrolled, sections and numbers handed out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal

from sheetgen.errors import SpecError
from sheetgen.lang.syntax import target_of
from sheetgen.spec.braces import BRACES, Values, counted, holds, spread, worked_out
from sheetgen.spec.entries import Do, Entry, Explain, Group, If, Layers, Loop, Section, Tell, Verdict
from sheetgen.spec.functions import Function
from sheetgen.spec.layers import Stacks
from sheetgen.spec.source import Key, Source
from sheetgen.spec.step import SourceStep
from sheetgen.spec.uses import Uses, Writer, written_out

MOST_STEPS = 20_000
LOOP = re.compile(
    r"(?P<names>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s+in\s+"
    r"(?:(?P<first>.+?)\s*\.\.\s*(?P<last>.+?)(?:\s+step\s+(?P<step>.+))?|\[(?P<list>.*)\])",
    re.ASCII,
)
GROUP = re.compile(r"\(([^()]*)\)")
STEP = "the step width is at least 1; `4..1` counts down."
PAIRS = "several variables need a list such as `[(1, 2), (2, 3)]`."
LONGEST_WORD, MOST_WORDS = 250, 50
"""A formula holds texts of at most 255 characters and nests at most 64 deep."""


def unroll(entries: list[Any], source: Source, stacks: Stacks, uses: Uses) -> tuple[SourceStep, ...]:
    """All steps of `entries`, in order; `stacks` writes out their layers, `uses` what they use of the spec's own
    functions. Raises SpecError with line and column."""
    unroller = _Unroller(source, stacks, uses)
    unroller.walk(entries, ("steps",), {}, None)
    return tuple(unroller.steps)


class _Unroller:
    def __init__(self, source: Source, stacks: Stacks, uses: Uses) -> None:
        self.source, self.stacks, self.uses = source, stacks, uses
        self.steps: list[SourceStep] = []
        self.section = ""
        self.number = self.groups = self.rounds = self.loops = 0
        self.round: tuple[int, int] | None = None
        self.variable: tuple[str, str] | None = None

    def walk(self, entries: list[Entry], at: tuple[Key, ...], values: Values, group: int | None) -> None:
        for place, entry in enumerate(entries):
            here = (*at, place)
            match entry:
                case str():
                    self.add("do", entry, None, here, values, group)
                case Do(do=text, say=say):
                    self.add("do", text, say, (*here, "do"), values, group)
                case Explain(explain=text, say=say):
                    self.add("explain", text, say, (*here, "explain"), values, group)
                case Verdict(verdict=text, say=say):
                    words = self.words(entry, here)
                    self.add("verdict", text, say, (*here, "verdict"), values, group, words=words)
                case Tell(say=say, show=show):
                    shows = tuple(self.uses.name(self.fill(n, values, (*here, "show", i))) for i, n in enumerate(show))
                    self.add("tell", say, say, (*here, "say"), values, group, shows=shows)
                case Section(section=title):
                    self.section = self.fill(title, values, (*here, "section"))
                case Loop():
                    self.loop(entry, here, values, group)
                case If():
                    part = "steps" if self.holds(entry.if_, values, (*here, "if")) else "else"
                    self.walk((entry.steps if part == "steps" else entry.else_) or [], (*here, part), values, group)
                case Group():
                    self.group(entry, here, values, group)
                case Layers():
                    filled = self.layers(entry, here, values)
                    written = partial(self.written, group=group)
                    outer = self.section
                    self.stacks.write(filled, here, tuple(self.steps), written, self.uses.current is not None)
                    self.section = outer

    def written(self, entries: list[Entry], at: tuple[Key, ...], group: int | None) -> tuple[SourceStep, ...]:
        """The steps that become of entries which a layer wrote."""
        before, use = len(self.steps), self.uses.current
        self.uses.current = None
        self.walk(entries, at, {}, group)
        self.uses.current = use
        return tuple(self.steps[before:])

    def holds(self, text: str, values: Values, at: tuple[Key, ...]) -> bool:
        known = self.uses.known(values)
        if not known:
            raise self.source.error("`if` asks for the variable of a loop, so it stands inside a `for`.", at)
        try:
            return holds(self.fill(text, values, at), known)
        except SpecError as error:
            raise error if error.line else self.source.locate(error, at) from None

    def group(self, entry: Group, at: tuple[Key, ...], values: Values, outer: int | None) -> None:
        """One number for all; a section that starts inside ends with the group."""
        inner, outer_section = outer, self.section
        if inner is None:
            self.groups += 1
            self.number += 1
            inner = self.groups
        self.add("tell", entry.say, entry.say, (*at, "say"), values, inner)
        self.walk(entry.steps, (*at, "steps"), values, inner)
        self.section = outer_section

    def layers(self, entry: Layers, at: tuple[Key, ...], values: Values) -> Layers:
        filled: dict[str, Any] = {"layers": self.uses.name(self.fill(entry.layers, values, (*at, "layers")))}
        if entry.out is not None:
            filled["out"] = self.uses.result(self.fill(entry.out, values, (*at, "out")), (*at, "out"))
        return entry.model_copy(update={**filled, "stack": self.fill_all(entry.stack, values, (*at, "stack"))})

    def loop(self, entry: Loop, at: tuple[Key, ...], values: Values, group: int | None) -> None:
        """Round after round, those counted that compute something; a section that starts inside ends with the loop."""
        where = (*at, "for")
        names, items = self.range(self.fill(entry.for_, values, where), where)
        if taken := [name for name in names if name in self.uses.known(values)]:
            raise self.source.error(f"`{taken[0]}` is already the variable of a loop around this one.", where)
        outer, outer_variable, outer_section = self.round, self.variable, self.section
        self.loops += outer is None
        turn, (told, rounds) = 0, _told(len(names), items)
        for place, item in enumerate(rounds):
            before = len(self.steps)
            self.rounds += 1
            self.check_count(where)
            self.round = outer or (self.loops, turn)
            self.variable = outer_variable or (", ".join(names[k] for k in told), ", ".join(str(item[k]) for k in told))
            part = "first" if place == 0 and entry.first else "steps"
            self.walk(getattr(entry, part), (*at, part), {**values, **dict(zip(names, item, strict=True))}, group)
            turn += any(step.kind == "do" for step in self.steps[before:])
        self.loops -= outer is None and not turn
        self.round, self.variable, self.section = outer, outer_variable, outer_section

    def range(self, text: str, at: tuple[Key, ...]) -> tuple[list[str], Iterator[tuple[int | str, ...]]]:
        """The variables of `t in 1..4`, `t in 0..6 step 2`, `g in [f, i, o]`, `a, b in [(q, k), (k, v)]`, and what they
        are in each round."""
        form = LOOP.fullmatch(text.strip())
        if not form:
            raise self.source.error(f"`for: {text}`: write `t in 1..4`, `t in 0..6 step 2` or `g in [f, i, o]`.", at)
        names = [name.strip() for name in form["names"].split(",")]
        if form["list"] is not None:
            return names, iter(self.listed(text, form["list"], names, at))
        if len(names) > 1:
            raise self.source.error(f"`for: {text}`: {PAIRS}", at)
        start, stop, step = (self.whole(part, {}, at) for part in (form["first"], form["last"], form["step"] or "1"))
        if step < 1:
            raise self.source.error(f"`for: {text}`: {STEP}", at)
        if abs(stop - start) // step >= MOST_STEPS:
            raise self.source.error(f"This loop has more than {MOST_STEPS:,} rounds.", at)
        return names, ((number,) for number in counted(start, stop, step))

    def listed(
        self, text: str, listed: str, names: list[str], at: tuple[Key, ...]
    ) -> list[tuple[int | str, ...]]:
        """The items of a list: one for a single variable, else as many in brackets as there are variables."""
        pairs = len(names) > 1
        if pairs and GROUP.sub("", listed).replace(",", "").strip():
            raise self.source.error(f"`for: {text}`: {PAIRS}", at)
        parts = [group.split(",") for group in GROUP.findall(listed)] if pairs else [[i] for i in listed.split(",")]
        items = [tuple(each.strip().strip("'\"") for each in part) for part in parts]
        if not all(all(item) for item in items):
            raise self.source.error(f"`for: {text}`: the list has an empty item.", at)
        if odd := next((item for item in items if len(item) != len(names)), None):
            problem = f"`for: {text}`: ({', '.join(odd)}) has {len(odd)} items for {len(names)} variables."
            raise self.source.error(problem, at)
        return [tuple(int(i) if re.fullmatch(r"-?\d{1,9}", i, re.ASCII) else i for i in item) for item in items]

    def whole(self, text: str, values: Values, at: tuple[Key, ...]) -> int:
        value = self.arithmetic(text, values, at)
        if isinstance(value, str):
            raise self.source.error(f"`{text}` isn't a whole number.", at)
        return value

    def add(
        self,
        kind: Literal["do", "explain", "verdict", "tell"],
        text: str,
        say: str | None,
        at: tuple[Key, ...],
        values: Values,
        group: int | None,
        shows: tuple[str, ...] = (),
        words: tuple[tuple[float, str], ...] = (),
    ) -> None:
        line, column = self.source.position(at)
        text = self.expression(text, values, at) if kind in ("do", "explain") else self.fill(text, values, at)
        if kind == "do" and not self.uses.known(values) and (brace := BRACES.search(text)):
            raise self.source.error(f"`{brace[0]}` stands for something only inside a `for`.", at)
        if kind == "do" and text.count("(") > text.count(")") and self.source.lines[line - 1][column - 1 :].startswith(
            f"{text},"
        ):  # fmt: skip
            problem = f"`{text}` ends at its comma, as the items of a list in `[ ]` do: put the step into quotes, or"
            raise self.source.error(f"{problem} write it on a line of its own, after `- `.", at)
        text, say, ready = self.uses.line(kind, text, say, at)
        say = ready or (None if say is None else self.fill(say, values, (*at[:-1], "say")))
        if kind == "do":
            self.compute(text, say, at, group)
        else:
            self.append(kind, text, say, at, group, shows, words)

    def compute(self, text: str, say: str | None, at: tuple[Key, ...], group: int | None) -> None:
        """A statement, and before it what it uses of the spec's own functions."""
        before, within = len(self.steps), self.uses.current
        writer = Writer(
            append=partial(self.append, "do", group=group),
            body=partial(self.body, group),
            fill=lambda text, at: self.fill(text, {}, at),
            expression=lambda text, at: self.expression(text, {}, at),
        )
        self.uses.write(text, say, at, writer)
        if len(self.steps) > before + 1 and within is None:
            self.uses.written_out += written_out(text, self.source.position(at)[0], self.steps[before:])

    def body(
        self, group: int | None, function: Function, arguments: Callable[[], None], result: Callable[[], None]
    ) -> None:
        """The steps of a function, its arguments before them and its result below; a section that starts inside ends
        with it, and has its arguments too if it begins with it."""
        outer = self.section
        if function.steps and isinstance(section := function.steps[0], Section):
            self.section = self.fill(section.section, {}, (*function.at, 0, "section"))
        arguments()
        self.walk(list(function.steps), function.at, {}, group)
        result()
        self.section = outer

    def append(
        self,
        kind: Literal["do", "explain", "verdict", "tell"],
        text: str,
        say: str | None,
        at: tuple[Key, ...],
        group: int | None,
        shows: tuple[str, ...] = (),
        words: tuple[tuple[float, str], ...] = (),
    ) -> None:
        self.check_count(at)
        if group is None:
            self.number += 1
        line, column = self.source.position(at)
        note = self.uses.current.note if self.uses.current else ""
        local = self.uses.locals.get(target_of(text) or "") if kind == "do" else None
        step = SourceStep(text, say, kind, shows, self.section, line, column, group, self.number, words, self.round,
                          self.variable, local, note)  # fmt: skip
        self.steps.append(step)

    def check_count(self, at: tuple[Key, ...]) -> None:
        if max(len(self.steps), self.rounds) >= MOST_STEPS:
            raise self.source.error(f"With all loops written out, there are more than {MOST_STEPS:,} steps.", at)

    def words(self, entry: Verdict, at: tuple[Key, ...]) -> tuple[tuple[float, str], ...]:
        result: dict[float, str] = {}
        for key, word in (entry.words or {}).items():
            try:
                bound = float(key)
            except ValueError:
                bound = math.nan
            if not math.isfinite(bound):
                problem = f"`{key}`: words are given by the number from which they hold: `{{0: no, 0.5: yes}}`."
                raise self.source.error(problem, (*at, "words", key), key=True)
            if bound in result:
                raise self.source.error(f"`{key}`: this number has a word already.", (*at, "words", key), key=True)
            if len(word) > LONGEST_WORD:
                problem = f"A word is a text within a formula, which holds at most {LONGEST_WORD} characters."
                raise self.source.error(problem, (*at, "words", key))
            result[bound] = word
        if len(result) > MOST_WORDS:
            raise self.source.error(f"There are {len(result)} words; {MOST_WORDS} is the most.", (*at, "words"))
        return tuple(sorted(result.items()))

    # Braces

    def fill(self, text: str, values: Values, at: tuple[Key, ...]) -> str:
        """`text` with `{t}`, `{t-1}`, … replaced, inside loops and functions."""
        values = self.uses.known(values)
        if not values:
            return text
        return BRACES.sub(lambda found: str(self.arithmetic(found[1], values, at)), text)

    def expression(self, text: str, values: Values, at: tuple[Key, ...]) -> str:
        """`fill`, and each item of a list for all numbers of its ranges."""

        def count(first: str, last: str, step: str) -> range:
            start, stop, width = (self.whole(part, self.uses.known(values), at) for part in (first, last, step))
            if width < 1:
                raise SpecError(f"`{first}..{last} step {step}`: {STEP}")
            return counted(start, stop, width)

        try:
            return self.fill(spread(text, count), values, at)
        except SpecError as error:
            raise error if error.line else self.source.locate(error, at) from None

    def fill_all(self, value: Any, values: Values, at: tuple[Key, ...]) -> Any:
        """`fill` for every text inside lists and mappings; `'{t}'` alone may be a number."""
        if isinstance(value, dict):
            return {key: self.fill_all(item, values, (*at, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill_all(item, values, (*at, place)) for place, item in enumerate(value)]
        if isinstance(value, str) and (known := self.uses.known(values)) and (alone := BRACES.fullmatch(value)):
            return self.arithmetic(alone[1], known, at)
        return self.fill(value, values, at) if isinstance(value, str) else value

    def arithmetic(self, text: str, values: Values, at: tuple[Key, ...]) -> int | str:
        """The value of a sum or product of whole numbers and loop variables."""
        try:
            return worked_out(text, values)
        except SpecError as error:
            raise self.source.locate(error, at) from None


def _told(count: int, items: Iterator[tuple[int | str, ...]]) -> tuple[Sequence[int], Iterable[tuple[int | str, ...]]]:
    """Which of a loop's `count` variables tell its rounds apart, as boat and house do in `(boat, 0), (house, 1)`: the
    first that is a word and another one in each, else all of them; and the rounds' items."""
    if count == 1:
        return (0,), items
    listed = [*items]
    columns = [*zip(*listed, strict=True)]
    word = next((k for k, column in enumerate(columns)
                 if all(isinstance(each, str) for each in column) and len({*column}) == len(column)), None)  # fmt: skip
    return range(count) if word is None else (word,), listed
