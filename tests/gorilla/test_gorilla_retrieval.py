"""Retrievers and their measures."""

import math
import struct
from pathlib import Path

import pytest
from doc_sets_shown import bundled, small_doc
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.errors import InputError
from toolbench.gorilla.neighbours import Neighbourhood, serves_as_well
from toolbench.gorilla.retrieval import Bm25, Fused, Oracle
from toolbench.gorilla.retrieval.dense import Dense, passage, telling
from toolbench.gorilla.retrieval.measures import mean, measured
from toolbench.llm.static_embeddings import StaticEmbedder, TokenTable, dot, unit

DOCS = bundled("library", "crm", "orders")
PLACES = {doc.id: place for place, doc in enumerate(DOCS)}


def test_identifiers_are_found_by_their_words_only_where_they_are_split() -> None:
    docs = [small_doc("a.zipArchive", description="x"), small_doc("a.other_thing", description="y")]
    assert Bm25(docs).rank("archive", 5) == [0]
    assert Bm25(docs, split=False).rank("archive", 5) == []
    assert Bm25(docs, split=False).rank("a.zipArchive", 5) == [0]


def test_the_right_document_is_mostly_near_the_top() -> None:
    asked = [(doc.purpose, place) for place, doc in enumerate(DOCS)]
    assert measured(Bm25(DOCS), DOCS, asked)["recall@5"].value > 0.95


@given(st.text(max_size=60))
def test_any_query_is_answered(query: str) -> None:
    found = Bm25(DOCS[:10]).rank(query, 5)
    assert len(found) <= 5
    assert len(set(found)) == len(found)


class Fixed:
    """Ranks as it was told."""

    name = "fixed"

    def __init__(self, order: list[int]) -> None:
        self.order = order

    def rank(self, query: str, k: int) -> list[int]:
        return self.order[:k]


@settings(max_examples=15)
@given(st.permutations(range(8)), st.integers(0, 7))
def test_measures_are_those_of_their_definitions(order: list[int], right: int) -> None:
    found = measured(Fixed(order), DOCS[:8], [("q", right)])
    rank = order.index(right) + 1
    for k in (1, 3, 5):
        assert found[f"ndcg@{k}"].value == pytest.approx(1 / math.log2(rank + 1) if rank <= k else 0)
    assert found["recall@5"].value == (rank <= 5)
    assert found["domain@1"].value == (DOCS[order[0]].domain == DOCS[right].domain)


def test_the_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    few, many = mean([0.0, 1.0] * 10, 0), mean([0.0, 1.0] * 200, 0)
    assert few.low < few.value == 0.5 < few.high
    assert many.high - many.low < few.high - few.low


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_what_both_put_first_stays_first_when_fused(one: list[int], other: list[int]) -> None:
    fused = Fused([Fixed(one), Fixed(other)]).rank("q", 6)
    assert sorted(fused) == list(range(6))
    scores = {place: 1 / (61 + one.index(place)) + 1 / (61 + other.index(place)) for place in range(6)}
    assert [scores[place] for place in fused] == sorted(scores.values(), reverse=True)


def test_the_oracle_was_told() -> None:
    assert Oracle({"q": 3}).rank("q", 5) == [3]
    assert Oracle({"q": 3}).rank("p", 5) == []


@pytest.mark.parametrize("doc", DOCS[::7], ids=lambda doc: doc.id)
def test_distractors_are_near_and_none_serves_as_well(doc) -> None:
    found = Neighbourhood(DOCS, Bm25(DOCS)).distractors(doc, doc.purpose, 4)
    assert len(found) == 4
    assert doc not in found
    assert not any(serves_as_well(one, other) for one in (doc, *found) for other in found if one is not other)


def test_the_same_described_in_the_same_words_serves_as_well() -> None:
    twin = small_doc("shop.find_twin", description="Looks for articles by words of their label.")
    other = small_doc("shop.drop", description="Removes an article for good.")
    assert serves_as_well(small_doc(), twin)
    assert not serves_as_well(small_doc(), other)


WORDS = ("red", "green", "kite", "boat")


def written_table(path: Path, *, kind: int = 8) -> Path:
    """Write a file of weights with a vector for each of some words: 32 numbers, a single one of them not zero."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def texts(name: str, values: list[str]) -> bytes:
        return text(name) + struct.pack("<IIQ", 9, 8, len(values)) + b"".join(map(text, values))

    letters = sorted({letter for word in WORDS for letter in word} | {"Ġ"})
    merges, tokens = [], list(letters)
    for word in WORDS:
        whole = "Ġ"
        for letter in word:
            merges.append(f"{whole} {letter}")
            whole += letter
            tokens.append(whole)
    rows = [
        struct.pack("<e32b", 0.5, *(100 if at == place % 32 else 0 for at in range(32))) for place in range(len(tokens))
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 3) + text("general.alignment") + struct.pack("<II", 4, 32)
    head += texts("tokenizer.ggml.tokens", tokens) + texts("tokenizer.ggml.merges", merges)
    head += text("token_embd.weight") + struct.pack("<I2QIQ", 2, 32, len(tokens), kind, 0)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + b"".join(rows))
    return path


def test_vectors_are_read_from_a_file_of_weights(tmp_path) -> None:
    table = TokenTable(written_table(tmp_path / "w.gguf"))
    (token,) = table.tokens("red")
    vector = table.vector(token)
    assert len(vector) == table.width == 32
    assert vector[token % 32] == 50
    assert sum(map(abs, vector)) == 50
    assert len(table.tokens("dre")) == 4, "a word that is no token falls into letters"


@pytest.mark.parametrize("data", [b"", b"GGUF", b"GGUF" + b"\xff" * 40, b"something else"])
def test_what_is_no_file_of_weights_is_refused(data: bytes, tmp_path) -> None:
    (tmp_path / "w.gguf").write_bytes(data)
    with pytest.raises(InputError, match="GGUF"):
        TokenTable(tmp_path / "w.gguf")


def test_other_quantisations_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="Q8_0"):
        TokenTable(written_table(tmp_path / "w.gguf", kind=3))


def test_texts_of_the_same_words_are_near_whatever_their_order(tmp_path) -> None:
    texts = ["red kite", "green boat", "kite boat", "red green kite", "boat"]
    embedder = StaticEmbedder(TokenTable(written_table(tmp_path / "w.gguf")), texts)
    for text, vector in zip(texts, embedder.vectors, strict=True):
        assert dot(vector, vector) == pytest.approx(1)
        assert embedder.embed(" ".join(reversed(text.split()))) == pytest.approx(vector)
    dense = Dense("toy", embedder.vectors, embedder)
    assert dense.rank("kite red", 1) == [0]


def test_a_collection_of_nothing_embeds_too(tmp_path) -> None:
    table = TokenTable(written_table(tmp_path / "w.gguf"))
    assert StaticEmbedder(table, []).embed("red") == unit(StaticEmbedder(table, []).embed("red"))


@pytest.mark.embedded
def test_the_embedded_models_vectors_find_what_words_do_not() -> None:
    from toolbench.llm.embedded import installed

    path = installed()
    if path is None:
        pytest.skip("the embedded model is not installed: `make embedded`")
    docs = DOCS[:40]
    embedder = StaticEmbedder(TokenTable(path), [passage(doc) for doc in docs])
    dense = Dense("static", embedder.vectors, embedder)
    wanted = next(doc for doc in docs if doc.id == "library_getBook")
    places = dense.rank(telling("look up a novel"), 8)
    assert wanted.id in [docs[place].id for place in places]
    assert Bm25(docs).rank("a novel", 8) == []
