"""The shape of a spec's file, as pydantic models: what `json_schema` describes and editors complete."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, StrictBool, StrictInt, Tag, WithJsonSchema

from sheetgen.ir.node import is_number
from sheetgen.spec.entries import Entry
from sheetgen.spec.fields import NUMBERS, Edge, Extent, Finite, Model, Positive, Share, Sizes, Square, Text


class Random(Model):
    """Numbers drawn at random, the same in every build: whole ones, or of some decimals."""

    shape: Sizes = Field(description="[rows, columns], or [channels, rows, columns], or with samples before these.")
    distribution: Literal["uniform", "normal", "bernoulli"] = Field(
        default="uniform",
        description="uniform: every number from low to high is as likely; normal: mean and std; bernoulli: 1 or 0.",
    )
    low: Finite | None = Field(default=None, description="The smallest number that may be drawn; -3 when left out.")
    high: Finite | None = Field(default=None, description="The largest number that may be drawn; 3 when left out.")
    mean: Finite | None = Field(default=None, description="Of a normal distribution; 0 when left out.")
    std: Positive | None = Field(default=None, description="Its standard deviation; 1 when left out.")
    p: Annotated[Finite, Field(ge=0, le=1)] | None = Field(
        default=None, description="Of a Bernoulli distribution: how likely a 1 is; 0.5 when left out."
    )
    decimals: Annotated[StrictInt, Field(ge=0, le=6)] | None = Field(
        default=None, description="Decimals of each number; left out, whole numbers, and one decimal of normal ones."
    )
    seed: Annotated[StrictInt, Field(ge=0)] = Field(default=0, description="Another seed gives other numbers.")


class Matrix(Model):
    """A matrix whose numbers are given; exactly one of value, random, file, zeros, ones and eye."""

    role: Literal["input", "parameter", "target", "constant"] = Field(
        description="input: data · parameter: trained · target: the truth to compare with · constant: anything else."
    )
    value: Annotated[Any, WithJsonSchema(NUMBERS)] = Field(
        default=None,
        description="A list of rows; a flat list is a column; a number is 1×1; a list of matrices has channels.",
    )
    random: Random | None = Field(default=None, description="Draw numbers: {shape: [3, 4], low: -1, high: 1}.")
    file: Text | None = Field(
        default=None, description="A file beside the spec: weights.npz#W1, weights.npy or weights.csv."
    )
    zeros: Extent | None = Field(
        default=None, description="All zeros: [rows, columns]; [2, 0] is empty, for a stack to start with."
    )
    ones: Sizes | None = Field(default=None, description="All ones: [rows, columns].")
    eye: Square | None = Field(default=None, description="Ones on the diagonal: [rows, columns].")
    rows: list[Text] | None = Field(default=None, description="A label for each row.")
    columns: list[Text] | None = Field(default=None, description="A label for each column.")
    channels: list[Text] | None = Field(default=None, description="What each channel is: [red, green, blue].")
    about: Text = Field(default="", description="What the matrix is, in a few words.")
    integer: StrictBool = Field(default=False, description="Only whole numbers make sense here (token ids, switches).")

    @property
    def empty(self) -> bool:
        """Whether it has rows or columns only, for a stack to start with."""
        return self.zeros is not None and any(self.zeros) and not all(self.zeros)



class GraphSpec(Model):
    """A graph, from nodes and edges, from networkx or from a file; it adds its adjacency matrix."""

    nodes: list[Text] | None = Field(
        default=None, description="The nodes' names, in order; beside `file` their order.", min_length=1
    )
    edges: list[Edge] | None = Field(
        default=None, description="Pairs of nodes, perhaps with a weight: [[A, C], [B, C, 0.5]]."
    )
    networkx: Text | None = Field(default=None, description="One of networkx's graphs, such as karate_club_graph.")
    args: list[StrictInt] | None = Field(default=None, description="Sizes of a cycle_graph [6], barbell_graph [4, 1] …")
    file: Text | None = Field(default=None, description="A .graphml, .gml, .edgelist or .csv file beside the spec.")
    weights: StrictBool | None = Field(
        default=None, description="true: there must be weights; false: every edge counts 1. networkx's need true."
    )
    directed: StrictBool | None = Field(default=None, description="Whether an edge goes one way only.")
    self_loops: StrictBool = Field(default=False, description="Ones on the diagonal: each node is its own neighbour.")
    ego: Text | None = Field(default=None, description="Only this node and those near it.")
    radius: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="ego: how many edges away a node may be; 1 when left out."
    )
    features: dict[str, Annotated[list[Text], Field(min_length=1)]] = Field(
        default={}, description="Attributes of the nodes as the rows of a matrix: {X: [age, height]}."
    )
    labels: dict[str, Text] = Field(
        default={}, description="An attribute of the nodes as a one-hot matrix, a row for each class: {Y: club}."
    )
    edge_features: dict[str, Text] = Field(
        default={}, description="An attribute of the edges as a matrix of all pairs of nodes: {D: distance}."
    )
    name: Text = Field(default="Adj", description="Name of the adjacency matrix.")
    about: Text = Field(default="", description="What the adjacency matrix is; left out, how it was read.")
    predict: Text | None = Field(
        default=None, description="A matrix of one row, 0 to 1, that colours the nodes in the picture."
    )


class Backward(Model):
    """The backward pass, with further gradients."""

    wrt: list[Text] = Field(description="Matrices whose gradients are wanted besides the parameters'.")


class Update(Model):
    """One step of gradient descent."""

    learning_rate: Finite = Field(description="How far the step goes.")



class Training(Model):
    """Many steps of an optimiser; its options are called as in PyTorch."""

    epochs: Annotated[StrictInt, Field(ge=1)] = Field(description="How many times all data; without batch: steps.")
    learning_rate: Positive = Field(description="How far a step goes.")
    optimizer: Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"] = Field(
        default="sgd", description="Which step: as torch.optim does it."
    )
    momentum: Share | None = Field(default=None, description="momentum, nesterov: the share of the last step, 0.9.")
    alpha: Share | None = Field(default=None, description="rmsprop: the share of the squares so far, 0.99.")
    betas: Annotated[list[Share], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="adam, adamw: the shares of the mean and of the squares so far, [0.9, 0.999]."
    )
    eps: Positive | None = Field(default=None, description="rmsprop, adam, adamw: added to the root, 1e-8.")
    weight_decay: Annotated[Finite, Field(ge=0)] | None = Field(
        default=None, description="Pulls every parameter towards 0; 0, for adamw 0.01."
    )
    clip: Positive | None = Field(default=None, description="The largest norm that all gradients have together.")
    parameters: list[Text] | None = Field(
        default=None, min_length=1, description="Those that learn; left out, all that the loss depends on."
    )
    batch: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="How many samples a step takes; left out, all of them."
    )
    shuffle: Annotated[StrictInt, Field(ge=0)] | None = Field(
        default=None, description="batch: the seed of the order of samples, another one in each epoch."
    )


class Exercise(Model):
    """A page to fill in: `sheetgen exercise` makes it, with the finished page beside it."""

    blank: (
        Annotated[
            Annotated[Text, Tag("~text")] | Annotated[list[Text], Field(min_length=1), Tag("~list")],
            Discriminator(lambda value: "~list" if isinstance(value, list) else "~text"),
        ]
        | None
    ) = Field(default=None, description="Computed matrices that are left empty: [Z1, A1], or forward, backward, all.")
    level: Annotated[StrictInt, Field(ge=1, le=4)] | None = Field(
        default=None, description="Instead of blank: 1 a few cells, 2 some more, 3 the forward pass, 4 everything."
    )
    round: Annotated[StrictInt, Field(ge=0, le=6)] | None = Field(
        default=None, description="Decimals that are asked for; left out, as few as the numbers allow, at least 2."
    )
    hints: StrictBool = Field(default=True, description="A cell beside each matrix to ask for a hint.")


class Border(Model):
    """The line between two kinds of points."""

    weights: Text = Field(description="Two numbers in a row; each row makes a line where weights · (x, y) + bias is 0.")
    bias: Text | None = Field(default=None, description="A number for each row of the weights; left out, 0.")
    street: Positive | None = Field(default=None, description="Also where it is this much, and minus it.")


class Chart(Model):
    """A picture of matrices: by one of lines, bars, points and arrows. `X[0]` is a row, `X[:, 0]` a column."""

    lines: list[Text] | None = Field(
        default=None, min_length=1, description="Rows or columns of numbers; each becomes a line, in their order."
    )
    bars: list[Text] | None = Field(
        default=None, min_length=1, description="Rows or columns of as many numbers each, as bars side by side."
    )
    points: list[Text] | None = Field(
        default=None, min_length=1, description="Matrices of two rows; each column is a point of the plane."
    )
    arrows: list[Text] | None = Field(
        default=None, min_length=1, description="Matrices of two rows; each column is an arrow that begins at 0."
    )
    over: Text | None = Field(default=None, description="The numbers that lines run over, a row or a column.")
    by: Text | None = Field(default=None, description="A row whose values tell points apart, such as their classes.")
    border: Border | None = Field(default=None, description="The line between points, before and after the update.")
    title: Text = Field(default="", description="What stands above it; left out, what it shows.")
    beside: Text | None = Field(default=None, description="The matrix beside which it stands, if not the first shown.")


def _range(value: Any) -> str:
    return "~list" if isinstance(value, list) else "~text"


class Vary(Model):
    """Other numbers for each student: `sheetgen class` makes a set."""

    matrices: dict[
        str,
        Annotated[
            Annotated[Literal["one_hot"], Tag("~text")]
            | Annotated[list[StrictInt], Field(min_length=2, max_length=2), Tag("~list")],
            Discriminator(_range),
        ],
    ] = Field(
        min_length=1, description="Whole numbers for each: {X: [-2, 3], Y: one_hot}, both ends included; one_hot: a "
        "single 1 in each column."
    )  # fmt: skip
    largest: Positive | None = Field(default=None, description="No result is larger than this, whatever its sign.")
    denominators: list[Positive] | None = Field(
        default=None, min_length=1, description="What results may be divided by: [1, 2, 4, 5, 10]."
    )
    live: Annotated[Finite, Field(ge=0, le=1)] = Field(
        default=0.25, description="The share of the cells of each ReLU and its like that must be above 0."
    )


def _backward(value: Any) -> str:
    if isinstance(value, dict) and "wrt" not in value:
        return "~losses"
    return "~Backward" if isinstance(value, dict | Backward) else "~bool"


def _loss(value: Any) -> str:
    return "~list" if isinstance(value, list) else "~text"


Topic = Literal[
    "basics", "deep networks", "training", "images and signals", "sequences", "attention", "graphs",
    "generative models", "representations", "reinforcement learning", "classical methods",
]  # fmt: skip
TOPICS: tuple[str, ...] = get_args(Topic)
"""What a spec may be about, in the order in which a course would take them. The list is fixed, so that a slip of the
keys is an error rather than a topic of its own, and editors complete it."""


class Head(Model):
    """What a file says of itself before its numbers."""

    title: Text = Field(description="Heading of the workbook.", min_length=1)
    about: Text = Field(default="", description="A sentence or two for the reader, under the heading.")
    topic: Topic | None = Field(default=None, description="Where `sheetgen list` shows it.")


class SpecFile(Head):
    """A spec for sheetgen: numbers, then maths on them."""

    matrices: dict[str, Matrix] = Field(
        default={}, description="Every number that a reader may change, in reading order."
    )
    graph: GraphSpec | None = Field(default=None, description="A graph, which adds its adjacency matrix.")
    define: dict[
        str,
        Annotated[
            Annotated[Text, Tag("~text")] | Annotated[list[Entry], Field(min_length=1), Tag("~list")],
            Discriminator(lambda value: "~text" if isinstance(value, str) or is_number(value) else "~list"),
        ],
    ] = Field(
        default={}, description="Functions of one's own: `attend(Q, K, V)` and its steps; the last line is the result."
    )
    steps: list[Entry] = Field(min_length=1, description="What is computed, in order.")
    charts: list[Chart] = Field(default=[], description="Pictures beside those that come on their own.")
    loss: (
        Annotated[
            Annotated[Text, Tag("~text")] | Annotated[list[Text], Field(min_length=1), Tag("~list")],
            Discriminator(_loss),
        ]
        | None
    ) = Field(default=None, description="The 1×1 matrix that the backward pass starts from, or several.")
    backward: Annotated[
        Annotated[StrictBool, Tag("~bool")]
        | Annotated[Backward, Tag("~Backward")]
        | Annotated[dict[str, Annotated[list[Text], Field(min_length=1)]], Field(min_length=1), Tag("~losses")],
        Discriminator(_backward),
    ] = Field(
        default=False,
        description="true: the gradients of all parameters; {wrt: [X]}: others as well; {L_D: [Wd], L_G: [Wg]}: "
        "several losses, each with its parameters.",
    )
    update: Update | None = Field(default=None, description="New parameters: {learning_rate: 0.1}.")
    train: Training | None = Field(
        default=None, description="A sheet with every epoch: {epochs: 100, optimizer: adam, learning_rate: 0.05}."
    )
    exercise: Exercise | None = Field(
        default=None, description="What `sheetgen exercise` leaves empty: {blank: [Z1, A1], round: 2}."
    )
    vary: Vary | None = Field(
        default=None, description="What `sheetgen class` changes for each student: {matrices: {X: [-2, 3]}}."
    )
    formulas: Literal["cells", "blocks", "auto"] = Field(
        default="auto", description="One formula per cell, one array formula per matrix, or by size."
    )


class ExercisesFile(Head):
    """A page of small exercises, each a spec of its own."""

    exercises: list[Any] = Field(
        min_length=1, description="Small exercises on one page, in frames: each has the keys of a spec, and `exercise`."
    )


SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FILE = Path(__file__).resolve().with_name("schema.json")
"""What `sheetgen schema` prints, for editors to read: `sheetgen schema > sheetgen/spec/schema.json` writes it anew."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a spec's file, for editors."""
    schema = SpecFile.model_json_schema(by_alias=True)
    exercises = ExercisesFile.model_json_schema()["properties"]["exercises"]
    schema["properties"] |= {"exercises": {**exercises, "items": {"$ref": "#"}}}
    schema["required"].remove("steps")
    return {"$schema": SCHEMA_DIALECT, **schema, "anyOf": [{"required": [key]} for key in ("steps", "exercises")]}
