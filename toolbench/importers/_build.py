"""Questions as the tasks of a run, and their tools as APIs of the run."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from toolbench.importers.base import Asked, Described, Question
from toolbench.model import AcceptedCall, Api, Imported, Source, Task, Tool, Turn, canonical, digest
from toolbench.specs._names import MAX_API_ID, api_id_of
from toolbench.specs.base import asked
from toolbench.specs.functions import FunctionList
from toolbench.world.rng import seed_of

KIND = "imported"
"""The kind of task that all of these are."""


@dataclass(slots=True)
class _Home:
    """An API that is there."""

    id: str
    names: dict[str, str] = field(default_factory=dict[str, str])
    """The names of its tools, by the SHA-256 of what describes them."""


@dataclass(slots=True)
class _Draft:
    """Tools of one toolset, for a new API: no two of the same name."""

    tools: dict[str, Described] = field(default_factory=dict[str, Described])
    """By SHA-256."""
    names: dict[str, str] = field(default_factory=dict[str, str])
    """The SHA-256 by name."""

    def takes(self, tools: Mapping[str, Described]) -> bool:
        """Tell whether the tools fit in: of those that are there under the same name, none is another one."""
        return all(self.names.get(tool.document["name"], sha) == sha for sha, tool in tools.items())

    def add(self, tools: Mapping[str, Described]) -> None:
        """Take tools in."""
        self.tools.update(tools)
        self.names.update({tool.document["name"]: sha for sha, tool in tools.items()})


class Shelf:
    """The APIs of a run, and those that its new tasks need besides.

    What is there is never changed. Where one API of the run holds all tools that a task has of a toolset, the task uses
    that. Else they go into a new API, together with those of other tasks: into the first that has none of their names
    for another tool, so that the names need no ending that tells them apart.

    Args:
        apis: the APIs that the run holds.
    """

    def __init__(self, apis: Iterable[Api]) -> None:
        self._there: dict[str, list[_Home]] = {}
        self._ids: set[str] = set()
        for api in apis:
            self._ids.add(api.id)
            self._keep(api)

    def _keep(self, api: Api) -> None:
        names = {tool.source.sha256: tool.name for tool in api.tools}
        self._there.setdefault(api.source.name, []).append(_Home(api.id, names))

    def add(self, questions: Iterable[Question], format: str) -> list[Api]:  # noqa: A002
        """Return the APIs that are needed besides those that are there, and take them up."""
        drafts: dict[str, list[_Draft]] = {}
        for question in questions:
            for home, tools in _by_home(question).items():
                if self._of(home, tools) is None:
                    _put(drafts.setdefault(home, []), tools)
        made = [self._made(home, list(one.tools.values()), format) for home, some in drafts.items() for one in some]
        for api in made:
            self._keep(api)
        return made

    def names(self, question: Question) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the names of a question's tools, by their SHA-256, and the ids of their APIs, sorted."""
        homes = [self._of(home, tools) for home, tools in _by_home(question).items()]
        found = [home for home in homes if home is not None]
        return {key: name for home in found for key, name in home.names.items()}, tuple(sorted(h.id for h in found))

    def _of(self, home: str, tools: Mapping[str, Described]) -> _Home | None:
        return next((one for one in self._there.get(home, ()) if tools.keys() <= one.names.keys()), None)

    def _made(self, home: str, tools: list[Described], format: str) -> Api:  # noqa: A002
        api_id = self._unused(api_id_of("", tools[0].toolset))
        documents = [tool.document for tool in tools]
        api = FunctionList().load(asked(api_id, documents), api_id).api
        made = [_as_described(tool, said, format) for tool, said in zip(api.tools, tools, strict=True)]
        sha256 = hashlib.sha256(canonical(documents)).hexdigest()
        source = Source(spec=api_id, kind=format, sha256=sha256, name=home)
        return api.model_copy(update={"title": tools[0].toolset, "tools": tuple(made), "source": source})

    def _unused(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._ids:
            number += 1
            name = f"{wanted[: MAX_API_ID - len(str(number)) - 1]}-{number}"
        self._ids.add(name)
        return name


def _put(drafts: list[_Draft], tools: Mapping[str, Described]) -> None:
    draft = next((draft for draft in drafts if draft.takes(tools)), None)
    if draft is None:
        drafts.append(draft := _Draft())
    draft.add(tools)


def _as_described(tool: Tool, said: Described, format: str) -> Tool:  # noqa: A002
    source = tool.source.model_copy(update={"kind": format, "sha256": said.sha256, "alias": said.alias})
    return tool.model_copy(
        update={
            "category": said.category or tool.category,
            "safety": said.safety or tool.safety,
            "source": source,
        }
    )


def _by_home(question: Question) -> dict[str, dict[str, Described]]:
    found: dict[str, dict[str, Described]] = {}
    for tool in (tool for turn in question.turns for tool in turn.tools):
        found.setdefault(tool.home, {})[tool.sha256] = tool
    return found


def task_id(question: Question, format: str) -> str:  # noqa: A002
    """Return a task's id, which depends on the question's content alone: not on the file, nor on the run."""
    turns = [[turn.text, [tool.sha256 for tool in turn.tools]] for turn in question.turns]
    aside = [tool.sha256 for tool in question.distractors]
    right = [] if question.accepted is None else [[call.model_dump() for call in question.accepted]]
    return f"t{digest([format, question.id, question.system, turns, aside, *right])[:16]}"


def task_of(question: Question, format: str, file: str, shelf: Shelf) -> Task:  # noqa: A002
    """Return a question as a task without gold. Its world's seed, too, depends on its content alone.

    Args:
        question: the question; the shelf holds its tools.
        format: the importer's name.
        file: name of the file it stands in.
        shelf: the run's APIs.
    """
    identity = task_id(question, format)
    names, apis = shelf.names(question)
    return Task(
        id=identity,
        kind=KIND,
        solution="unknown",
        system=question.system,
        turns=tuple(_turns(question.turns, names)),
        distractors=tuple(names[tool.sha256] for tool in question.distractors),
        apis=apis,
        accepted=_accepted(question, names),
        world_seed=seed_of("imported", identity) % (1 << 31),
        origin=Imported(format=format, file=file, id=question.id),
    )


def _accepted(question: Question, names: Mapping[str, str]) -> tuple[AcceptedCall, ...] | None:
    """Return the accepted calls by the names of the tools; what is none of them keeps its name."""
    if question.accepted is None:
        return None
    tools = {tool.document["name"]: names[tool.sha256] for turn in question.turns for tool in turn.tools}
    return tuple(call.model_copy(update={"name": tools.get(call.name, call.name)}) for call in question.accepted)


def _turns(turns: Iterable[Asked], names: Mapping[str, str]) -> Iterator[Turn]:
    before: tuple[str, ...] = ()
    for turn in turns:
        offered = tuple(dict.fromkeys(names[tool.sha256] for tool in turn.tools))
        yield Turn(text=turn.text, tools=() if offered == before else offered)
        before = offered
