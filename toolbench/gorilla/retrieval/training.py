"""Data to train and test a retriever: BEIR's layout, triples with hard negatives, ToolBench's pairs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from toolbench.gorilla.docset import ApiDoc
from toolbench.model import JsonObject

NEGATIVES = 4
"""Hard negatives of a query."""


@dataclass(frozen=True, slots=True)
class Query:
    """Something asked, and the document that is right for it."""

    id: str
    text: str
    doc: str
    """The document's id."""
    split: str
    """`train` or `test`."""
    negatives: tuple[str, ...] = ()
    """Ids of documents that are near, and wrong."""


def files(docs: Sequence[ApiDoc], queries: Sequence[Query]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a data set for retrievers, each with its name below the folder."""
    by_id = {doc.id: doc for doc in docs}
    yield "corpus.jsonl", _lines(_passage(doc) for doc in docs)
    yield "queries.jsonl", _lines({"_id": query.id, "text": query.text} for query in queries)
    for split in ("train", "test"):
        chosen = [query for query in queries if query.split == split]
        rows = "".join(f"{query.id}\t{query.doc}\t1\n" for query in chosen)
        yield f"qrels/{split}.tsv", f"query-id\tcorpus-id\tscore\n{rows}".encode()
        yield f"triples/{split}.jsonl", _lines(_triples(chosen, by_id))
        yield from _toolbench(chosen, split)
    yield "toolbench/corpus.tsv", _toolbench_corpus(docs)


def _passage(doc: ApiDoc) -> JsonObject:
    return {"_id": doc.id, "title": doc.title or doc.name, "text": doc.text, "metadata": {"domain": doc.domain}}


def _triples(queries: Iterable[Query], docs: Mapping[str, ApiDoc]) -> Iterator[JsonObject]:
    """Yield each query with its document and one that is near and wrong, as sentence-transformers reads them."""
    for query in queries:
        for negative in query.negatives[:NEGATIVES]:
            yield {"anchor": query.text, "positive": docs[query.doc].text, "negative": docs[negative].text}


def _toolbench(queries: Sequence[Query], split: str) -> Iterator[tuple[str, bytes]]:
    """Yield ToolBench's files: `qid, query` and `qid, 0, docid, 1`, apart by tabs."""
    yield f"toolbench/{split}.query.txt", "".join(f"{one.id}\t{_on_a_line(one.text)}\n" for one in queries).encode()
    yield f"toolbench/qrels.{split}.tsv", "".join(f"{one.id}\t0\t{one.doc}\t1\n" for one in queries).encode()


def _toolbench_corpus(docs: Sequence[ApiDoc]) -> bytes:
    rows = [f"{doc.id}\t{orjson.dumps(_toolbench_document(doc)).decode()}\n" for doc in docs]
    return ("docid\tdocument_content\n" + "".join(rows)).encode()


def _toolbench_document(doc: ApiDoc) -> JsonObject:
    def told(*, required: bool) -> list[JsonObject]:
        return [
            {"name": one.name, "type": one.content.get("type", ""), "description": one.content.get("description", "")}
            for one in doc.parameters
            if one.required == required
        ]

    return {
        "category_name": doc.domain,
        "tool_name": doc.framework,
        "api_name": doc.name,
        "api_description": doc.description,
        "required_parameters": told(required=True),
        "optional_parameters": told(required=False),
        "method": str(doc.extra.get("method", "")),
    }


def _on_a_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _lines(rows: Iterable[JsonObject]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)
