"""Retrievers by name, and how well they find the right documents of a doc-in-context data set."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.engine.local import run_loop
from toolbench.errors import ConfigError, WorkError
from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.retrieval import Bm25, Fused, Retriever
from toolbench.gorilla.retrieval.dense import Dense, passage, telling
from toolbench.gorilla.retrieval.measures import Measure, measured
from toolbench.llm.static_embeddings import StaticEmbedder, TokenTable, Vector
from toolbench.model import JsonObject
from toolbench.pipeline.asked import ModelChoice
from toolbench.pipeline.evaluate_apis import DataSet

NAMES = ("bm25", "dense", "fused")
"""`bm25`; `dense`: the embedded model's token vectors; `fused`: both, by reciprocal rank."""


def open_retriever(name: str, docs: Sequence[ApiDoc]) -> Retriever:
    """Return a retriever over documents.

    Raises:
        ConfigError: there is none of that name.
        InputError: the embedded model is needed, and not installed.
    """
    if name not in NAMES:
        raise ConfigError(f"there is no retriever {name!r}", hint=f"There are: {', '.join(NAMES)}.")
    if name == "bm25":
        return Bm25(docs)
    dense = static(docs)
    return dense if name == "dense" else Fused([Bm25(docs), dense])


def static(docs: Sequence[ApiDoc]) -> Dense:
    """Return the retriever by the embedded model's token vectors.

    Raises:
        InputError: the embedded model is not installed.
    """
    from toolbench.llm.embedded import weights

    embedder = StaticEmbedder(TokenTable(weights().path), [passage(doc) for doc in docs])
    return Dense("dense", embedder.vectors, embedder)


@dataclass(frozen=True, slots=True)
class RetrieverFigures:
    """How well retrievers find the right documents."""

    documents: int
    queries: int
    measures: dict[str, dict[str, Measure]]
    """By retriever and measure."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "documents": self.documents,
            "queries": self.queries,
            "retrievers": {
                name: {measure: value.as_json() for measure, value in found.items()}
                for name, found in self.measures.items()
            },
        }


class _Known:
    """Vectors of queries that were embedded beforehand."""

    def __init__(self, vectors: dict[str, Vector]) -> None:
        self._vectors = vectors

    def embed(self, text: str) -> Vector:
        return self._vectors[text]


def measure_retrievers(data: DataSet, choice: ModelChoice | None = None) -> RetrieverFigures:
    """Return how well retrievers find the document that each instruction was written for, over all of the doc set.

    Identifiers whole and split, dense and fused where the embedded model is installed, and the embeddings of a model
    behind an endpoint, a trained one perhaps.

    Args:
        data: the data set; rows of changed documents are left aside.
        choice: the model that embeds; None for none.

    Raises:
        UnreachableError: the endpoint cannot be reached, or refuses us.
        WorkError: there is no query.
    """
    from toolbench.llm.embedded import installed

    docs = data.docs
    places = {doc.id: place for place, doc in enumerate(docs)}
    asked = [(row.instruction, places[row.api]) for row in data.rows if row.change is None]
    if not asked:
        raise WorkError("there is no query: all rows are of changed documents")
    bm25 = Bm25(docs)
    made: list[Retriever] = [Bm25(docs, split=False), bm25]
    if installed() is not None:
        dense = static(docs)
        made += [dense, Fused([bm25, dense])]
    if choice is not None:
        embedded = run_loop(_embedded(choice, docs, [query for query, _ in asked]))
        made += [embedded, Fused([bm25, embedded])]
    found = {one.name: measured(one, docs, asked) for one in made}
    return RetrieverFigures(len(docs), len(asked), found)


async def _embedded(choice: ModelChoice, docs: Sequence[ApiDoc], queries: Sequence[str]) -> Dense:
    from toolbench.llm.embeddings import embeddings
    from toolbench.pipeline.config import RunConfig
    from toolbench.pipeline.models import endpoint

    told = list(dict.fromkeys(map(telling, queries)))
    config = RunConfig(model=choice.name, concurrency=choice.concurrency)
    async with endpoint(config, choice.name, choice.base_url, probe=False, api_key=choice.api_key) as model:
        vectors = await embeddings(model, [passage(doc) for doc in docs])
        asked = await embeddings(model, told)
    return Dense(choice.name, vectors, _Known(dict(zip(told, asked, strict=True))))
