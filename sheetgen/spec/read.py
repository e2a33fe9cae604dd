"""Reading a spec: a YAML file → a frozen `Spec`, or one error that names file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from sheetgen.errors import SpecError
from sheetgen.ir.exercise import Task
from sheetgen.ir.node import Shape
from sheetgen.ir.program import Given, Loss
from sheetgen.ir.training import Train
from sheetgen.ir.variation import Variation
from sheetgen.lang.syntax import did_you_mean, target_of
from sheetgen.lang.tensors import Tensor, nested, spread
from sheetgen.spec.channels import Channels, side_by_side
from sheetgen.spec.charts import checked
from sheetgen.spec.errors import first_error
from sheetgen.spec.files import Folder
from sheetgen.spec.functions import functions_of
from sheetgen.spec.layers import Stacks
from sheetgen.spec.matrix import read_matrix
from sheetgen.spec.model import Backward, Chart, SpecFile, json_schema
from sheetgen.spec.names import check_name
from sheetgen.spec.source import Key, Source, is_page, lines_of, text_of
from sheetgen.spec.step import SourceStep
from sheetgen.spec.steps import unroll
from sheetgen.spec.train import training
from sheetgen.spec.uses import Uses
from sheetgen.spec.vary import variation

__all__ = ["SourceStep", "Spec", "json_schema", "load", "loads", "spec_of"]


@dataclass(frozen=True)
class Spec:
    """A spec whose numbers are resolved and whose loops are unrolled; its maths isn't looked at yet."""

    path: str
    text: str
    title: str
    about: str
    givens: tuple[Given, ...]
    """In reading order; a graph's adjacency comes first, parameters that layers made up last."""
    steps: tuple[SourceStep, ...]
    losses: tuple[Loss, ...]
    backward: bool
    wrt: tuple[str, ...]
    """Matrices whose gradients are wanted besides the parameters'."""
    learning_rate: float | None
    """None: no update."""
    formulas: Literal["cells", "blocks", "auto"]
    lines: dict[str, tuple[int, int]]
    """(line, column) of each matrix that the spec gives, and of the other parts of the spec that are present."""
    predict: str | None
    """The matrix that colours the nodes of the graph."""
    charts: tuple[Chart, ...] = ()
    train: Train | None = None
    exercise: Task | None = None
    vary: Variation | None = None
    empty: tuple[tuple[str, Shape], ...] = ()
    """Given matrices without rows or columns, with which a stack may start; nobody can draw them."""
    written_out: str = ""
    """What uses of own functions, `layers:` and steps of tensors became, as text for a spec; empty without any."""
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    """The matrices of each are among `givens`, or computed by `steps`."""

    @property
    def nested(self) -> dict[str, Any]:
        """Of each tensor, the names of its matrices, in lists as its numbers are."""
        return {name: nested(name, tensor.sizes) for name, tensor in self.tensors.items()}

    def with_data(self, data: Iterable[Given]) -> Spec:
        """The same model on other data, which take the places of the given matrices of their names."""
        new = {given.name: given for given in data}
        return replace(self, givens=tuple(new.get(given.name, given) for given in self.givens))

    def error(self, message: str, *keys: str) -> SpecError:
        """An error at the first of `keys` that stands in `lines`."""
        return self._error(message, *next((self.lines[key] for key in keys if key in self.lines), (None, None)))

    def locate(self, error: SpecError) -> SpecError:
        """`error` with its place, from its path of keys: a step by its number, or a part of the spec."""
        for step in self.steps:
            if step.kind == "do" and error.at == ("steps", step.number):
                return self._error(error.message, step.line, step.column)
        return self.error(error.message, *map(str, error.at), "update", "loss", "steps")

    def _error(self, message: str, line: int | None, column: int | None) -> SpecError:
        text = lines_of(self.text)[line - 1] if line else None
        return SpecError(message, path=self.path, line=line, column=column, text=text)


def load(path: Path, outside: bool = False) -> Spec:
    """Read a spec file; `outside`: its data files may lie outside its folder. Raises SpecError."""
    return loads(text_of(path), str(path), path.parent, outside)


def loads(text: str, path: str = "spec", base: Path | None = Path(), outside: bool = False) -> Spec:
    """Read a spec's text; `path` stands for the file in errors.

    Its files are looked up in the folder `base`, without which it may name none, and elsewhere only if `outside`.
    Raises SpecError.
    """
    source = Source(text, path)
    if not isinstance(source.root.value, dict):
        raise source.error("A spec is a mapping: `title:`, `matrices:`, `steps:` …", ())
    if is_page(source):
        problem = "This is a page of exercises: `sheetgen exercise` makes it and its key."
        raise source.error(problem, ("exercises",), True)
    return spec_of(source, Folder(base, outside))


def spec_of(source: Source, folder: Folder) -> Spec:
    """The spec that a source holds. Raises SpecError."""
    try:
        file = SpecFile.model_validate(source.root.plain())
    except ValidationError as problem:
        raise first_error(problem, source) from None
    return _Reader(source, file, folder).spec()


class _Reader:
    """Brings the parts of a valid file together and checks what they say of one another."""

    def __init__(self, source: Source, file: SpecFile, folder: Folder) -> None:
        self.source, self.file, self.folder = source, file, folder
        self.names: dict[str, tuple[Key, ...]] = {}
        """Where each given matrix stands, and each tensor."""
        self.empty: dict[str, Shape] = {}
        self.tensors: Mapping[str, Tensor] = {}

    def spec(self) -> Spec:
        file = self.file
        channels = Channels(self.source)
        givens = (*self.graph(), *self.matrices(channels))
        channels.give(None, givens)
        channels.shapes |= self.empty
        stacks = Stacks(self.source, givens, channels)
        uses = Uses(self.source, functions_of(self.source, file.define, self.names), self.names)
        steps = unroll(file.steps, self.source, stacks, uses)
        channels.take(steps[channels.read :])
        self.tensors = channels.tensors
        steps = side_by_side(channels.out)
        for given, at in stacks.made:
            self.name(given.name, at)
        self.parameters = [g.name for g in (*givens, *(g for g, _ in stacks.made)) if g.role == "parameter"]
        computed = self.computed(steps)
        for step in steps:
            for name in step.shows:
                self.check_shown(name, step, computed)
        losses = self.losses(computed)
        everything = [*self.names, *computed, *self.tensors]
        named = file.backward.wrt if isinstance(file.backward, Backward) else []
        for place, name in enumerate(named):
            self.check_known(name, everything, ("backward", "wrt", place))
        wrt = tuple(self.spread(named))
        predict = file.graph.predict if file.graph else None
        if predict is not None:
            self.check_known(predict, everything, ("graph", "predict"))
        elif file.graph:
            predict = next((step.text for step in steps if step.kind == "verdict"), None)
        return Spec(
            path=self.source.path,
            text=self.source.text,
            title=file.title,
            about=file.about,
            givens=(*givens, *(given for given, _ in stacks.made)),
            steps=steps,
            losses=losses,
            backward=bool(file.backward) or file.update is not None or file.train is not None,
            wrt=wrt,
            learning_rate=file.update.learning_rate if file.update else None,
            train=training(self.source, file, self.parameters, self.tensors),
            exercise=self.exercise(),
            vary=variation(self.source, file, self.tensors),
            formulas=file.formulas,
            lines=self.lines(),
            predict=predict,
            charts=checked(file.charts, self.source, everything, self.tensors),
            empty=tuple(self.empty.items()),
            written_out=uses.written_out + stacks.written_out + channels.written_out,
            tensors=self.tensors,
        )

    def exercise(self) -> Task | None:
        wanted = self.file.exercise
        if wanted is None:
            return None
        if self.file.train is not None:
            problem = "`exercise` is about one page of numbers, `train` about many: leave out one of them."
            raise self.source.error(problem, ("exercise",), True)
        if (wanted.blank is None) == (wanted.level is None):
            problem = "`exercise` says by one of `blank` and `level` what is left empty."
            raise self.source.error(problem, ("exercise",), True)
        names = [wanted.blank] if isinstance(wanted.blank, str) else wanted.blank or []
        return Task(tuple(self.spread(names)), wanted.round, wanted.hints, wanted.level)

    def lines(self) -> dict[str, tuple[int, int]]:
        keys = {key: (key,) for key in self.source.root.value}
        places = {**keys, **{name: at for name, at in self.names.items() if at[0] != "steps"}}
        return {name: self.source.position(at, key=True) for name, at in places.items()}

    def graph(self) -> list[Given]:
        graph = self.file.graph
        if graph is None:
            return []
        from sheetgen.spec.graphs import read_graph  # networkx takes a tenth of a second to load

        written = self.source.root.value["graph"].value
        kinds = [key for key in ("nodes", "networkx", "file") if key in written]
        if len(kinds) != 1 and kinds != ["nodes", "file"]:
            found = f"not {' and '.join(kinds)}" if kinds else "which is missing"
            raise self.source.error(f"A graph is given by one of nodes, networkx and file, {found}.", ("graph",), True)
        for key, needs in (("edges", "nodes"), ("args", "networkx")):
            if key in written and (needs not in written or kinds == ["nodes", "file"]):
                raise self.source.error(f"`{key}` goes with `{needs}` alone.", ("graph", key), True)
        self.name(graph.name, ("graph", "name"))
        for key in ("features", "labels", "edge_features"):
            for name in getattr(graph, key):
                self.name(name, ("graph", key, name))
        try:
            read = read_graph(graph, self.folder)
        except SpecError as error:
            raise self.source.locate(error, ("graph",)) from None
        whole, nodes = not read.graph.weights, read.graph.labels
        made = Given(graph.name, "constant", read.adjacency, nodes, nodes, read.about, read.graph, integers=whole)
        return [made, *read.matrices]

    def spread(self, names: Iterable[str]) -> list[str]:
        return spread(names, self.tensors)

    def matrices(self, channels: Channels) -> list[Given]:
        result: list[Given] = []
        for name, matrix in self.file.matrices.items():
            at = ("matrices", name)
            self.name(name, at)
            if matrix.zeros is not None and matrix.empty:
                self.empty[name] = (matrix.zeros[0], matrix.zeros[1])
                continue
            written = {key for key, node in self.source.root.value["matrices"].value[name].value.items()}
            try:
                tensor, givens = read_matrix(name, matrix, written, self.folder)
            except SpecError as error:
                raise self.source.locate(error, at, key=not error.at) from None
            channels.give(tensor, givens)
            result += givens
            for each in tensor.members if tensor else ():
                if each in self.names:
                    problem = f"`{each}` is the name of a matrix already, and one of `{name}` would be called so too."
                    raise self.source.error(problem, at, key=True)
                self.names[each] = at
        return result

    def name(self, name: str, at: tuple[Key, ...]) -> None:
        """Take in the name of a given matrix."""
        try:
            check_name(name)
        except SpecError as error:
            raise self.source.locate(error, at, key=at[-1] == name) from None
        if name in self.names:
            other = self.names[name]
            what = "the graph's adjacency" if len(other) == 2 else "a matrix of the graph"
            if other[0] == "matrices":
                what = f"a matrix of `{other[-1]}`"
            raise self.source.error(f"`{name}` is also the name of {what}.", at, key=True)
        self.names[name] = at

    def computed(self, steps: tuple[SourceStep, ...]) -> list[str]:
        """Names that steps compute, checked against one another and the given ones."""
        result: dict[str, SourceStep] = {}
        for step in steps:
            name = target_of(step.text) if step.kind == "do" else None
            if name is None:
                continue
            try:
                check_name(name)
            except SpecError as error:
                raise self.source.fault(step.told(error.message), step.line, step.column) from None
            if name in self.names:
                problem = f"`{name}` is given on line {self.source.position(self.names[name], True)[0]}"
            elif name in result:
                problem = f"`{name}` is already computed above"
            else:
                result[name] = step
                continue
            problem += "; a matrix has one meaning, so use another name."
            of = step if step.note else result.get(name, step)
            raise self.source.fault(of.told(problem), step.line, step.column)
        return list(result)

    def check_shown(self, name: str, step: SourceStep, computed: list[str]) -> None:
        if name in self.names:
            return
        if name in computed:
            problem = f"show: `{name}` is computed, so it appears with its own step; `show` is for given matrices."
        else:
            problem = f"show: there is no given matrix `{name}`.{did_you_mean(name, self.names)}"
        raise self.source.fault(step.told(problem), step.line, step.column)

    def losses(self, computed: list[str]) -> tuple[Loss, ...]:
        """The losses, each with the parameters that `backward` gives it."""
        file = self.file
        given = file.backward if isinstance(file.backward, dict) else {}
        named = [file.loss] if isinstance(file.loss, str) else file.loss or list(given)
        for key in ("backward", "update", "train"):
            if getattr(file, key) and not named:
                problem = f"`{key}` needs a `loss:`, the name of the 1×1 matrix to descend."
                raise self.source.error(problem, (key,), True)
        for place, name in enumerate(named):
            at: tuple[Key, ...] = ("backward",) if file.loss is None else ("loss",)
            at = at if isinstance(file.loss, str) else (*at, name if file.loss is None else place)
            if name not in computed:
                hint = did_you_mean(name, computed)
                if not name.isidentifier():
                    hint = f" It is the name of a matrix: write the step `L = {name}`, and `loss: L`."
                problem = f"loss: there is no step that computes `{name}`.{hint}"
                if name in self.tensors:
                    problem = f"loss: `{name}` has channels; a loss is a single number, such as `sum({name})`."
                raise self.source.error(problem, at, at[0] == "backward")
            if name in named[:place]:
                raise self.source.error(f"loss: `{name}` is named twice.", at)
        for key in ("update", "train"):
            if getattr(file, key) is not None and file.backward is False and "backward" in self.source.root.value:
                raise self.source.error(f"`{key}` needs the backward pass: leave out `backward: false`.", (key,), True)
        self.check_owners(given, named)
        return tuple(Loss(name, tuple(self.spread(given.get(name, ())))) for name in named)

    def check_owners(self, given: dict[str, list[str]], named: list[str]) -> None:
        """Each loss of `backward` is a loss, and what is given to it a parameter, given to no other."""
        owner: dict[str, str] = {}
        for loss, names in given.items():
            if loss not in named:
                known = " or ".join(f"`{name}`" for name in named)
                raise self.source.error(f"backward: `{loss}` isn't {known}, the loss.", ("backward", loss), True)
            for place, name in enumerate(names):
                at = ("backward", loss, place)
                if not set(self.spread([name])) <= set(self.parameters):
                    what = "isn't a parameter" if name in self.names else "isn't there"
                    hint = did_you_mean(name, self.parameters)
                    raise self.source.error(f"backward: `{name}` {what}; a loss has parameters.{hint}", at)
                if owner.setdefault(name, loss) != loss:
                    problem = f"backward: `{name}` descends `{owner[name]}` already; a parameter descends one loss."
                    raise self.source.error(problem, at)

    def check_known(self, name: str, known: list[str], at: tuple[Key, ...]) -> None:
        if name not in known:
            raise self.source.error(f"There is no matrix `{name}`.{did_you_mean(name, known)}", at)
