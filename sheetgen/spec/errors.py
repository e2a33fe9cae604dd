"""What pydantic found wrong with a spec, in the words of its reader."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from sheetgen.errors import SpecError
from sheetgen.lang.advice import QUOTES, invisible, is_quoted_number
from sheetgen.lang.syntax import did_you_mean
from sheetgen.spec import entries
from sheetgen.spec import model as spec_model
from sheetgen.spec.fields import Model
from sheetgen.spec.source import Key, Source

STEP_FORMS = (
    "A step is an expression such as `Z1 = W1 @ X + b1`, or has one of the keys do, say, section, explain, verdict, "
    "for, steps, layers."
)
EXPECTED = {
    "string_type": "a text",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "list_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
}


Root = type[Model]


def first_error(problem: ValidationError, source: Source, root: Root = spec_model.SpecFile) -> SpecError:
    """The one error to show: a misspelt key before what is missing because of it, then by line. `root` is the model of
    the whole file."""
    errors = problem.errors(include_url=False)
    return _error(min(errors, key=lambda e: (_urgency(e), source.position(_path(e["loc"])))), source, root)


def _urgency(error: Any) -> int:
    return {"extra_forbidden": 0, "missing": 2}.get(error["type"], 1)


def _path(loc: tuple[Key, ...]) -> tuple[Key, ...]:
    """Keys of the file only: without the tags of unions."""
    return tuple(item for item in loc if not (isinstance(item, str) and item.startswith("~")))


def _error(error: Any, source: Source, root: Root) -> SpecError:
    kind, loc, given, context = error["type"], error["loc"], error["input"], error.get("ctx", {})
    at = _path(loc)
    subject = _subject(at)
    if kind == "extra_forbidden":
        return source.error(_unknown_key(loc, root), at, key=True)
    if kind == "missing":
        return source.error(f"{subject} is missing. {_describe(loc, root)}".rstrip(), at[:-1], key=True)
    if kind.startswith("union_tag"):
        return source.error(f"{STEP_FORMS}{_step_hint(given)}", at)
    if kind == "literal_error":
        words = context["expected"].replace("'", "")
        hint = did_you_mean(str(given), re.findall(r"'([^']+)'", context["expected"]))
        return source.error(f"{subject} can be {words}, but not `{_short(given)}`.{hint}", at)
    if kind == "value_error":
        return source.error(f"{subject}: {context['error']}.", at)
    if kind == "too_long":
        return source.error(f"{subject} has more than {context['max_length']} items.", at)
    if kind in ("too_short", "string_too_short"):
        least = context["min_length"]
        return source.error(f"{subject} {'is empty' if least == 1 else f'needs {least} items'}.", at)
    if kind == "greater_than_equal":
        return source.error(f"{subject}: `{_short(given)}` is less than {context['ge']}.", at)
    if kind == "less_than_equal":
        return source.error(f"{subject}: `{_short(given)}` is more than {context['le']}.", at)
    expected = EXPECTED.get(kind)
    if given is None:
        return source.error(f"{subject} is empty{f'; it should be {expected}' if expected else ''}.", at)
    message = f"should be {expected}, not `{_short(given)}`" if expected else f"can't be `{_short(given)}`"
    return source.error(f"{subject} {message}.{_value_hint(at, given, kind)}", at)


def _unknown_key(loc: tuple[Key, ...], root: Root) -> str:
    model = _model(loc[:-1], root)
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    guess = invisible(str(loc[-1])) or did_you_mean(str(loc[-1]), known).strip()
    return f"There is no key `{loc[-1]}` here. {f'{guess} ' if guess else ''}There are: {', '.join(known)}."


def _model(loc: tuple[Key, ...], root: Root) -> Root | None:
    """The model at a path of pydantic's."""
    if not loc:
        return root
    last = str(loc[-1])
    if last.startswith("~"):
        return getattr(entries, last[1:], None) or getattr(spec_model, last[1:], None)
    if len(loc) == 2 and loc[0] == "matrices":
        return spec_model.Matrix
    inner: dict[str, Root] = {
        "graph": spec_model.GraphSpec, "update": spec_model.Update, "random": spec_model.Random,
        "train": spec_model.Training,
        "exercise": spec_model.Exercise, "vary": spec_model.Vary,
    }  # fmt: skip
    return inner.get(last)


def _describe(loc: tuple[Key, ...], root: Root) -> str:
    model = _model(loc[:-1], root)
    field = model.model_fields.get(str(loc[-1])) if model else None
    return field.description or "" if field else ""


def _subject(at: tuple[Key, ...]) -> str:
    """``role` of `X`` or `Item 2 of `edges``."""
    *outer, last = at or ("spec",)
    if isinstance(last, int) and outer[-1:] == ["steps"]:
        return f"Item {last + 1} of `steps`"
    name = next((item for item in reversed(outer) if isinstance(item, str) and item not in ("matrices", "steps")), None)
    this = f"`{last}`" if isinstance(last, str) else f"Item {last + 1}"
    return f"{this} of `{name}`" if name else this


def _step_hint(given: Any) -> str:
    if not isinstance(given, dict) or not given:
        return ""
    name, value = next(iter(given.items()))
    guess = did_you_mean(name, entries.KINDS)
    if guess:
        return guess
    return f" Write `{name} = {value}`." if isinstance(value, str) and name.isidentifier() else ""


def _value_hint(at: tuple[Key, ...], given: Any, kind: str) -> str:
    if is_quoted_number(given) and kind in ("int_type", "float_type"):
        return f" {QUOTES[0].upper()}{QUOTES[1:]}."
    if given in ("true", "false") and kind == "bool_type":
        return f" {QUOTES[0].upper()}{QUOTES[1:]}."
    if isinstance(given, bool) and kind == "string_type":
        return f" In quotes it is a text: `'{str(given).lower()}'`."
    if at == ("backward",):
        return " For gradients of other matrices than the parameters write `backward: {wrt: [X]}`."
    if at == ("loss",):
        return " It is the name of a 1×1 matrix, or a list of such names."
    if len(at) == 2 and at[0] == "matrices":
        return " Write `{role: input, value: [[1, 2], [3, 4]]}`."
    return ""


def _short(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"
