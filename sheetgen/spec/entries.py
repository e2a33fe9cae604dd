"""The steps of a spec's file, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, StrictInt, Tag, WithJsonSchema

from sheetgen.spec.fields import Model, Text
from sheetgen.spec.layer import schema
from sheetgen.spec.layer_table import LAYERS


class Section(Model):
    """A headline: the steps below it belong together."""

    section: Text = Field(description="Title of the part of the page that starts here.")


class Do(Model):
    """An expression with its sentence."""

    do: Text = Field(description="`name = expression`, such as `Z1 = W1 @ X + b1`.")
    say: Text | None = Field(default=None, description="The walkthrough's sentence; one is made when it is left out.")


class Explain(Model):
    """One column of a product, laid out term by term."""

    explain: Text = Field(description="A column of a product: `H1[:, 0]`.")
    say: Text | None = Field(default=None, description="The walkthrough's sentence.")


class Verdict(Model):
    """Each number of a matrix, put into words."""

    verdict: Text = Field(description="The matrix.")
    say: Text | None = Field(default=None, description="The walkthrough's sentence.")
    words: dict[str, Text] | None = Field(
        default=None,
        min_length=1,
        description="The number from which each word holds: {0: no, 0.5: yes}. Left out: very unlikely … very likely.",
    )


class Tell(Model):
    """A step that only tells, or introduces given matrices."""

    say: Text = Field(description="The walkthrough's sentence.")
    show: list[Text] = Field(default=[], description="Given matrices that appear with this step.")


class Group(Model):
    """Several steps under one number of the walkthrough."""

    say: Text = Field(description="The sentence for all of them.")
    steps: list[Entry] = Field(min_length=1, description="The steps that share the number.")


class Loop(Model):
    """Steps that are repeated; `{t}`, `{t-1}`, `{2*t}` are replaced in expressions, sentences and sections."""

    for_: Text = Field(
        alias="for",
        description="`t in 1..4` (4 included), `t in 0..6 step 2`, `g in [f, i, o]` or `a, b in [(1, 2), (2, 3)]`.",
    )
    first: list[Entry] | None = Field(
        default=None, min_length=1, description="The steps of the first round, where they are others."
    )
    steps: list[Entry] = Field(min_length=1, description="The steps to repeat.")


class If(Model):
    """Steps of some rounds of a loop only."""

    if_: Text = Field(alias="if", description="What must hold: `t > 1`, `t % 2 == 0`, `gate in [f, i]`.")
    steps: list[Entry] = Field(min_length=1, description="The steps where it holds.")
    else_: list[Entry] | None = Field(
        default=None, alias="else", min_length=1, description="The steps where it doesn't."
    )


class Layers(Model):
    """A stack of layers, written out as parameters and steps; `sheetgen show` prints them."""

    layers: Text = Field(description="The matrix that runs into the first layer; its columns are samples.")
    stack: list[Annotated[Any, WithJsonSchema(schema(LAYERS))]] = Field(
        min_length=1, description="The layers, in order: relu, linear: 4, linear: {out: 2, W: W_out} …"
    )
    out: Text | None = Field(default=None, description="Name of the last result; left out, it is numbered like others.")
    seed: Annotated[StrictInt, Field(ge=0)] = Field(default=0, description="Another seed gives other parameters.")


KINDS: dict[str, type[Model]] = {
    "layers": Layers, "do": Do, "explain": Explain, "verdict": Verdict, "section": Section, "for": Loop, "if": If,
    "steps": Group, "say": Tell, "show": Tell,
}  # fmt: skip
"""Which model a step is, by the first of these keys that it has."""


def _kind(entry: Any) -> str | None:
    """The tag of a step's model. Tags start with `~`, so that they aren't taken for keys of the file."""
    if isinstance(entry, str):
        return "~text"
    if isinstance(entry, dict):
        return next((f"~{KINDS[key].__name__}" for key in KINDS if key in entry), None)
    return f"~{type(entry).__name__}"


Entry = Annotated[
    Annotated[Text, Tag("~text")]
    | Annotated[Section, Tag("~Section")]
    | Annotated[Do, Tag("~Do")]
    | Annotated[Explain, Tag("~Explain")]
    | Annotated[Verdict, Tag("~Verdict")]
    | Annotated[Tell, Tag("~Tell")]
    | Annotated[Group, Tag("~Group")]
    | Annotated[Layers, Tag("~Layers")]
    | Annotated[If, Tag("~If")]
    | Annotated[Loop, Tag("~Loop")],
    Discriminator(_kind),
]
