"""Rows as they are written: checked by code that shares nothing with what makes them."""

import json
from collections import Counter
from pathlib import Path

import gorilla_rows as checker
import pytest
from doc_sets_shown import MANUAL, written_rows

from evaluators.apibench import calls_in
from toolbench.errors import WorkError
from toolbench.gorilla.mix import DEFAULT, counts
from toolbench.gorilla.templates import INSTRUCTION, OUTPUT, question_of, read_question, read_response, system
from toolbench.pipeline.create_apis import ApiWishes, create_apis
from toolbench.pipeline.evaluate_apis import read_data_set

COUNT = 120
SHARES = {name: int(share) for name, share in DEFAULT.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("rows")
    create_apis(ApiWishes(apis=("library", "crm", "orders"), count=COUNT, raft=40), folder)
    return folder


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_an_independent_checker_finds_nothing_wrong_and_all_that_is_planted(made: Path) -> None:
    found = checker.examine(made, SHARES)
    assert found["faults"] == {}
    assert found["rows"] == COUNT
    assert all(total > 10 and some == total for some, total in found["caught"].values()), found["caught"]


def test_the_mix_is_exact(made: Path) -> None:
    assert Counter(row["condition"] for row in lines(made / "rows.jsonl")) == counts(DEFAULT, COUNT)


def test_no_two_rows_ask_the_same(made: Path) -> None:
    rows = lines(made / "rows.jsonl")
    assert len({row["instruction"] for row in rows}) == len({row["id"] for row in rows}) == COUNT


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(made: Path, tmp_path) -> None:
    wishes = {"apis": ("library", "crm", "orders"), "count": COUNT, "raft": 40}
    create_apis(ApiWishes(**wishes), tmp_path / "again")
    for path in sorted(one for one in made.rglob("*.jsonl")):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(made)).read_bytes(), path
    create_apis(ApiWishes(**{**wishes, "count": 20, "seed": 1}), tmp_path / "other")
    ours, theirs = (lines(folder / "rows.jsonl") for folder in (made, tmp_path / "other"))
    assert not {row["instruction"] for row in ours} & {row["instruction"] for row in theirs}


def test_training_and_test_share_one_form_and_no_api(made: Path) -> None:
    data = read_data_set(made)
    chats = lines(made / "openai.jsonl")
    for row, chat in zip(data.rows, chats, strict=True):
        said, asked, answered = chat["messages"]
        assert said["content"] == system(row.policy, row.style)
        assert asked["content"] == question_of(row)
        assert read_question(asked["content"]) == (row.instruction, [one.content for one in row.documents])
        assert read_response(answered["content"])["api_call"] == (row.answer.call or "none")
        assert "weight" not in asked
        assert answered["weight"] == 1
    train, test = ({row.api for row in data.rows if row.split == split} for split in ("train", "test"))
    assert train
    assert test
    assert not train & test


def test_gorillas_form(made: Path) -> None:
    data = read_data_set(made)
    for row, line in zip(data.rows, lines(made / "gorilla.jsonl"), strict=True):
        assert set(line) == {"code", "api_call", "provider", "api_data"}
        head, tail = line["code"].split(f"\n{OUTPUT}")
        assert head == f"{INSTRUCTION}{question_of(row)}"
        assert head.count("Use this API documentation for reference: {") == len(row.documents)
        assert tail.startswith("<<<domain>>>: ")
        if row.answer.covered:
            assert f"<<<api_call>>>: {line['api_call']}" in tail


def test_where_no_document_covers_it_the_policy_decides_what_is_right(tmp_path) -> None:
    mix = {"distractors": 3, "missing": 1, "none": 1}
    create_apis(ApiWishes(apis=("library",), count=20, mix=mix, missing="answer"), tmp_path)
    for row in read_data_set(tmp_path).rows:
        assert row.answer.covered == (row.condition != "missing")
        if row.condition == "distractors":
            assert row.answer.call == row.closed_book.call
            assert "documentation says" not in row.answer.explanation


def test_calls_as_json(tmp_path) -> None:
    create_apis(ApiWishes(apis=("hotels",), count=12, mix={"oracle": 1}, style="json"), tmp_path)
    for row in read_data_set(tmp_path).rows:
        call = json.loads(row.answer.call)
        assert call == {"name": row.answer.name, "arguments": row.answer.arguments}
        assert row.documents[0].content["api_call"].startswith(f"{call['name']}(")


def test_rows_over_apibench_and_a_manual_are_sound_too(tmp_path) -> None:
    written_rows(tmp_path / "api.jsonl")
    (tmp_path / "shapes.md").write_text(MANUAL, "utf-8")
    mix = {"oracle": 2, "changed": 3, "topk": 2, "deprecated": 1, "none": 1}
    create_apis(
        ApiWishes(sources=(tmp_path / "api.jsonl", tmp_path / "shapes.md"), count=18, mix=mix), tmp_path / "out"
    )
    found = checker.examine(tmp_path / "out", mix)
    assert found["faults"] == {}
    assert {row.api for row in read_data_set(tmp_path / "out").rows} >= {
        "PyTorch/RESNETX",
        "Hugging Face Transformers/acme/base-mask",
        "shapes.volume",
    }


def test_prompts_fit_the_context(tmp_path) -> None:
    context = 1500
    create_apis(ApiWishes(apis=("library",), count=30, context=context), tmp_path)
    assert max(len(question_of(row)) for row in read_data_set(tmp_path).rows) < 3 * context
    assert lines(tmp_path / "problems.jsonl"), "some documents had to be shortened"


def test_what_is_missing_is_told(tmp_path) -> None:
    (tmp_path / "one.md").write_text("# shapes.revolve(solid)\n\nTurns a solid round.\n", "utf-8")
    wishes = ApiWishes(sources=(tmp_path / "one.md",), count=8, mix={"oracle": 1, "distractors": 1})
    summary = create_apis(wishes, tmp_path / "out")
    assert summary.short["distractors"] == 4
    assert summary.rows == len(lines(tmp_path / "out" / "rows.jsonl")) < 8


def test_where_nothing_can_be_made_it_says_why(tmp_path) -> None:
    (tmp_path / "one.md").write_text("# shapes.turn(solid)\n\nThis is what it is.\n", "utf-8")
    with pytest.raises(WorkError, match="nothing that can be asked for"):
        create_apis(ApiWishes(sources=(tmp_path / "one.md",), count=3), tmp_path / "out")


def test_data_for_retrievers_refers_to_what_is_there(made: Path) -> None:
    corpus = {one["_id"]: one for one in lines(made / "retrieval" / "corpus.jsonl")}
    queries = {one["_id"]: one["text"] for one in lines(made / "retrieval" / "queries.jsonl")}
    right: dict[str, str] = {}
    for split in ("train", "test"):
        head, *rows = (made / "retrieval" / "qrels" / f"{split}.tsv").read_text("utf-8").splitlines()
        assert head == "query-id\tcorpus-id\tscore"
        right |= {query: doc for query, doc, score in (row.split("\t") for row in rows) if score == "1"}
        for triple in lines(made / "retrieval" / "triples" / f"{split}.jsonl"):
            assert triple["positive"] != triple["negative"]
            assert triple["anchor"] in queries.values()
        pairs = [
            row.split("\t")
            for row in (made / "retrieval/toolbench" / f"{split}.query.txt").read_text("utf-8").splitlines()
        ]
        assert all(queries[identity] == text for identity, text in pairs)
    assert right.keys() == queries.keys()
    assert set(right.values()) <= corpus.keys()
    head, *rows = (made / "retrieval/toolbench/corpus.tsv").read_text("utf-8").splitlines()
    assert head == "docid\tdocument_content"
    assert {row.split("\t")[0] for row in rows} == corpus.keys()
    assert all("api_name" in json.loads(row.split("\t")[1]) for row in rows)


def test_calls_are_found_by_the_evaluator_of_apibench(made: Path) -> None:
    for row in read_data_set(made).rows:
        if row.answer.covered:
            (call,) = calls_in(row.answer.call)
            assert call.name == row.answer.name
