"""Retrievers over API documents: NDCG, recall, recall of the domain, with 95% bootstrap intervals over queries.

`python -m benchmarks.retrieval_table [QUERIES] [SPEC…]`: queries are instructions that the grammar writes, without the
API's name, over the bundled APIs or over the API descriptions given. They are written from the documents, and share
their words. `python -m benchmarks.retrieval_table QUERIES --bfcl DATA` takes questions that others wrote instead: those
of BFCL (`bfcl_eval/data` of the package `bfcl-eval`) that want one call, over all functions that its questions offer.
"""

import json
import sys
import time
from pathlib import Path

from toolbench.gorilla.docset import ApiDoc, Parameter
from toolbench.gorilla.instructions import Wish, grammar_wish
from toolbench.gorilla.retrieval import Bm25, Fused, Retriever
from toolbench.gorilla.retrieval.base import Oracle
from toolbench.gorilla.retrieval.dense import Dense, passage
from toolbench.gorilla.retrieval.measures import measured
from toolbench.llm.embedded import installed
from toolbench.llm.static_embeddings import StaticEmbedder, TokenTable
from toolbench.pipeline.doc_sets import read_doc_set
from toolbench.specs import open_catalogue

SHOWN = ("ndcg@1", "ndcg@3", "ndcg@5", "recall@1", "recall@5", "recall@10", "domain@1", "domain@5")


def queries(docs: list[ApiDoc], count: int) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for ordinal in range(10 * count // max(1, len(docs)) + 2):
        for place, doc in enumerate(docs):
            wish = grammar_wish(doc, 1, ordinal)
            if isinstance(wish, Wish):
                found.append((wish.text, place))
            if len(found) == count:
                return found
    return found


CATEGORIES = ("simple_python", "multiple", "live_simple", "live_multiple")
"""Questions of BFCL that want one call."""


def bfcl(data: Path, count: int) -> tuple[list[ApiDoc], list[tuple[str, int]]]:
    """Return the functions that BFCL's questions offer, each name once, and questions spread evenly over all."""
    places: dict[str, int] = {}
    docs: list[ApiDoc] = []
    asked: list[tuple[str, int]] = []
    for category in CATEGORIES:
        name = f"BFCL_v4_{category}.json"
        gold = {one["id"]: next(iter(one["ground_truth"][0])) for one in rows(data / "possible_answer" / name)}
        for one in rows(data / name):
            mine: dict[str, int] = {}
            for function in one["function"]:
                key = function["name"]
                if key not in places:
                    places[key] = len(docs)
                    docs.append(of_function(function, len(docs)))
                mine[function["name"]] = places[key]
            asked.append((one["question"][0][-1]["content"], mine[gold[one["id"]]]))
    return docs, asked[:: max(1, len(asked) // count)][:count]


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def of_function(function: dict, place: int) -> ApiDoc:
    properties = function["parameters"].get("properties", {})
    return ApiDoc(
        id=str(place),
        name=function["name"],
        framework=function["name"].partition(".")[0],
        domain=function["name"].partition(".")[0],
        description=function["description"],
        parameters=tuple(
            Parameter(name=name, content={"description": str(about.get("description", ""))})
            for name, about in properties.items()
        ),
    )


def retrievers(docs: list[ApiDoc]) -> list[Retriever]:
    made: list[Retriever] = [Bm25(docs, split=False), Bm25(docs)]
    path = installed()
    if path is not None:
        embedder = StaticEmbedder(TokenTable(path), [passage(doc) for doc in docs])
        dense = Dense("static embeddings", embedder.vectors, embedder)
        made += [dense, Fused([made[1], dense])]
    return made


def main() -> None:
    count, given = int(sys.argv[1]) if len(sys.argv) > 1 else 300, sys.argv[2:]
    if given[:1] == ["--bfcl"]:
        docs, asked = bfcl(Path(given[1]), count)
    else:
        shelf, specs = open_catalogue(), [Path(name) for name in given]
        docs = read_doc_set(() if specs else shelf.ids(), specs, shelf, longest=5000).docs
        asked = queries(docs, count)
    print(f"{len(docs)} documents, {len(asked)} queries")
    print(f"{'':<34}" + "".join(f"{name:>20}" for name in SHOWN) + f"{'ms a query':>12}")
    for retriever in [*retrievers(docs), Oracle(dict(asked))]:
        started = time.process_time()
        found = measured(retriever, docs, asked)
        spent = (time.process_time() - started) / len(asked) * 1000
        cells = [f"{found[name].value:.3f} ({found[name].low:.3f}-{found[name].high:.3f})" for name in SHOWN]
        print(f"{retriever.name:<34}" + "".join(f"{cell:>20}" for cell in cells) + f"{spent:>12.1f}")


if __name__ == "__main__":
    main()
