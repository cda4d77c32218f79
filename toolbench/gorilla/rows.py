"""The rows of doc-in-context data: an instruction, the documents shown beside it, and the answer that goes by them."""

from typing import Literal, get_args

from pydantic import Field

from toolbench.model import Json, JsonObject
from toolbench.model.base import Part, Record

Condition = Literal[
    "none", "oracle", "top1", "topk", "distractors", "changed", "near_identical", "missing", "deprecated"
]
"""What is shown beside an instruction. `none`: nothing. `oracle`: the right document. `top1`: the one that a retriever
finds first, right or wrong. `topk`: those that it finds first, the right one among them. `distractors`: wrong ones that
are near. `changed`: the right one, changed. The negatives: `near_identical`: the right one among such as it could be
confused with; `missing`: the instruction asks for what no document of the whole set that is shown covers, and the
answer says so whatever the policy; `deprecated`: an API that is not to be used any more, beside its successor."""

CONDITIONS: tuple[Condition, ...] = get_args(Condition)
DOCUMENT_CONDITIONS: tuple[Condition, ...] = CONDITIONS[:6]
"""The six of them that are no negatives."""

ChangeKind = Literal["renamed", "added", "default", "deprecated", "version"]
"""`renamed`: a parameter has another name; `added`: there is a new parameter that calls must give; `default`: a default
has moved; `deprecated`: another API takes its place; `version`: another version, called otherwise."""

CHANGES: tuple[ChangeKind, ...] = get_args(ChangeKind)

Missing = Literal["not_covered", "answer"]
"""What is right to answer where documents are shown and none covers what is asked: to say so, or to give the call from
the instruction alone."""


class Answer(Part):
    """What is right to answer."""

    covered: bool = True
    """Whether there is a call; else the answer says that no document covers what is asked."""
    call: str = ""
    """The call as it is written; empty where there is none."""
    name: str = ""
    """Dotted name of what is called."""
    placed: tuple[Json, ...] = ()
    """Values given by place."""
    arguments: JsonObject = Field(default_factory=dict[str, Json])
    """Values given by name."""
    explanation: str = ""
    """Why, in a few sentences."""
    domain: str = ""
    """Domain of the API called."""
    provider: str = ""
    """Its framework."""


class Shown(Part):
    """A document as it is shown."""

    id: str
    """Id of the document in the doc set; of a changed one, that of the document it was made from."""
    role: Literal["oracle", "distractor", "changed", "successor"]
    """What it is to the instruction."""
    content: JsonObject
    """The document."""


class Change(Part):
    """How a shown document differs from the one in the doc set."""

    kind: ChangeKind
    """What has changed."""
    old: Json = None
    """The old name, default or version."""
    new: Json = None
    """The new one."""
    parameter: str = ""
    """The parameter concerned, as the changed document calls it; empty where it is the API itself."""


class DocRow(Record):
    """One row: its prompt, its answer, and what each is made of."""

    id: str
    """Made from the rest."""
    condition: Condition
    """What is shown."""
    api: str
    """Id of the document that the instruction was written for."""
    instruction: str
    """What somebody asks for."""
    documents: tuple[Shown, ...] = ()
    """The documents shown, in order."""
    answer: Answer
    """What is right to answer."""
    closed_book: Answer
    """The call by the document as it is in the doc set: what is right where nothing is shown. For changed documents
    this is the old call, which is wrong."""
    wanted: JsonObject = Field(default_factory=dict[str, Json])
    """The values that the instruction names, by the parameters of the document that the answer goes by."""
    change: Change | None = None
    """How the right document was changed; None where it was not."""
    policy: Missing = "not_covered"
    """What is right where no document covers what is asked."""
    style: Literal["python", "json"] = "python"
    """How calls are written."""
    writer: str = "grammar"
    """Who wrote the instruction: `grammar`, or a model's name."""
    split: Literal["train", "test"] = "train"
    """By API, so that no API of the test is trained on."""

    @property
    def has_oracle(self) -> bool:
        """Whether what is shown covers what is asked."""
        return any(shown.role != "distractor" for shown in self.documents)
