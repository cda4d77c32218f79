"""Choosing among created data."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_reader import Reader, items, rating

from toolbench.errors import ConfigError, WorkError
from toolbench.llm.embedded import EMBEDDED
from toolbench.llm.scripted import serving
from toolbench.pipeline.asked import ModelChoice
from toolbench.pipeline.curate_records import CuratedSummary, Demands, curate_records

WORDS = "red blue green wide narrow old new hot cold dark light wet dry".split()
PAIRS = [
    {"question": f"What is {word}?", "answer": f"It is {word}.", "location": {"page": at}}
    for at, word in enumerate(WORDS)
]


class Served:
    def __init__(self, model: Reader, url: str, home: Path) -> None:
        self.model, self.url, self.home = model, url, home

    def curate(self, records: object, *raters: str, **more: object) -> CuratedSummary:
        path = self.home / "made_qa_pairs.json"
        path.write_text(json.dumps(records))
        choices = [ModelChoice(name, self.url, delay=0.01) for name in raters or ("scripted",)]
        return curate_records([path], Demands(**more), choices, self.home / "out")  # type: ignore[arg-type]

    def content(self) -> dict:
        return json.loads((self.home / "out/made_cleaned.json").read_text())

    def ledger(self) -> list[dict]:
        return [json.loads(line) for line in (self.home / "out/made_cleaned_ledger.jsonl").read_text().splitlines()]


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    model = Reader(**getattr(request, "param", {}))
    with serving(model) as url:
        yield Served(model, url, tmp_path)


def test_what_is_rated_well_is_kept_as_it_was(served: Served):
    served.curate({"summary": "s", "qa_pairs": PAIRS}, threshold=8)
    content = served.content()
    wanted = [pair for pair in PAIRS if rating(pair) >= 8]
    assert [{name: row[name] for name in PAIRS[0]} for row in content["qa_pairs"]] == wanted
    assert [row["rating"] for row in content["qa_pairs"]] == [rating(pair) for pair in wanted]
    metrics = content["metrics"]
    assert (metrics["total"], metrics["filtered"], metrics["unscored"]) == (len(PAIRS), len(wanted), 0)
    assert metrics["retention_rate"] == pytest.approx(len(wanted) / len(PAIRS), abs=1e-4)
    assert metrics["avg_score"] == pytest.approx(sum(map(rating, PAIRS)) / len(PAIRS), abs=0.01)
    assert content["summary"] == "s"
    assert content["conversations"][0][0] == {"role": "user", "content": wanted[0]["question"]}
    assert [line["kept"] for line in served.ledger()] == [rating(pair) >= 8 for pair in PAIRS]


def test_the_same_again_asks_nothing(served: Served):
    served.curate(PAIRS)
    asked, content = served.model.asked, served.content()
    served.curate(PAIRS)
    assert (served.model.asked, served.content()) == (asked, content)


def meddling(number: int, prompt: str) -> str | None:
    if "Rate " not in prompt:
        return None
    hacked = {"question": "Hacked?", "answer": "Hacked.", "rating": 9}
    return json.dumps([{"id": one["id"]} | hacked for one in items(prompt)])


@pytest.mark.parametrize("served", [{"spoil": meddling}], indirect=True)
def test_a_rater_that_rewrites_changes_nothing(served: Served):
    served.curate(PAIRS)
    assert [row["question"] for row in served.content()["records"]] == [pair["question"] for pair in PAIRS]


def forgetful(number: int, prompt: str) -> str | None:
    if "Rate " not in prompt:
        return None
    rated = [{"id": one["id"], "rating": 9} for one in items(prompt) if "wide" not in one["question"]]
    return json.dumps(rated)


@pytest.mark.parametrize("served", [{"spoil": forgetful}], indirect=True)
def test_what_nobody_rates_is_unscored_and_never_zero(served: Served):
    summary = served.curate({"qa_pairs": PAIRS})
    metrics = served.content()["metrics"]
    assert (metrics["unscored"], metrics["filtered"], metrics["avg_score"]) == (1, len(PAIRS) - 1, 9)
    (left,) = [line for line in served.ledger() if not line["kept"]]
    assert (left["reason"], left["rating"], left["ratings"]) == ("unscored", None, {})
    assert summary.silent["unparseable"] >= 1


def test_of_questions_that_say_the_same_the_best_rated_stays(served: Served):
    same = [{"question": "What is red?", "answer": "A"}, {"question": "WHAT is red", "answer": "B"}]
    served.curate({"qa_pairs": same}, threshold=1)
    best = max(range(2), key=lambda at: rating(same[at]))
    (kept,) = served.content()["qa_pairs"]
    assert kept["answer"] == same[best]["answer"]
    assert served.ledger()[1 - best]["reason"] == "duplicate"


def test_several_raters_are_averaged_and_their_spread_kept(served: Served, tmp_path: Path):
    other = Reader(name="other", spoil=lambda number, prompt: _all(prompt, 10) if "Rate " in prompt else None)
    path = tmp_path / "made_qa_pairs.json"
    path.write_text(json.dumps({"qa_pairs": PAIRS}))
    with serving(other) as url:
        choices = [ModelChoice("scripted", served.url), ModelChoice("other", url)]
        curate_records([path], Demands(threshold=8.5), choices, tmp_path / "out")
    for row in served.content()["qa_pairs"]:
        own = rating(row)
        assert (row["rating"], row["spread"]) == ((own + 10) / 2, 10 - own)
        assert row["ratings"] == {"scripted": own, "other": 10}
    assert len(served.content()["qa_pairs"]) == sum((rating(pair) + 10) / 2 >= 8.5 for pair in PAIRS)


def _all(prompt: str, value: int) -> str:
    return json.dumps([{"id": one["id"], "rating": value} for one in items(prompt)])


def test_conversations_are_rated_too_and_what_cannot_be_read_is_counted(served: Served):
    talk = [{"role": "user", "content": "a?"}, {"role": "assistant", "content": "b"}] * 2
    other = Reader(spoil=lambda number, prompt: _all(prompt, 9) if "Rate " in prompt else None)
    with serving(other) as url:
        served.url = url
        served.curate([{"messages": talk}, {"nonsense": 1}])
    assert served.content()["records"][0]["messages"] == talk
    assert [line["reason"] for line in served.ledger()] == ["", "unreadable"]


def harsh(number: int, prompt: str) -> str | None:
    return _all(prompt, 6) if "Rate " in prompt else None


@pytest.mark.parametrize("served", [{"spoil": harsh}], indirect=True)
def test_nothing_kept_is_an_error(served: Served):
    with pytest.raises(WorkError, match=r"none of 13 records was kept: 13 below threshold; see .*ledger"):
        served.curate({"qa_pairs": PAIRS})
    assert len(served.ledger()) == 13


def test_what_makes_no_sense_is_said(served: Served):
    for more, message in (({"threshold": 11}, "threshold"), ({"similarity": 0}, "similarity"), ({"batch": 0}, "batch")):
        with pytest.raises(ConfigError, match=message):
            served.curate(PAIRS, **more)
    with pytest.raises(ConfigError, match="named once"):
        served.curate(PAIRS, "scripted", "scripted")


@pytest.mark.embedded
@pytest.mark.slow
def test_the_embedded_model_tells_answers_that_belong_from_others(tmp_path: Path):
    right = [
        {"question": "What is the capital of France?", "answer": "The capital of France is Paris."},
        {"question": "How do you make tea?", "answer": "Boil water and pour it over the tea leaves."},
    ]
    answers = [one["answer"] for one in right]
    wrong = [{"question": f"{one['question']} Say it.", "answer": answers[at - 1]} for at, one in enumerate(right)]
    path = tmp_path / "made.json"
    path.write_text(json.dumps({"qa_pairs": right + wrong}))
    curate_records([path], Demands(), [ModelChoice(EMBEDDED)], tmp_path / "out")
    ledger = [json.loads(line) for line in (tmp_path / "out/made_cleaned_ledger.jsonl").read_text().splitlines()]
    assert min(line["rating"] for line in ledger[:2]) > max(line["rating"] for line in ledger[2:])
    assert [line["kept"] for line in ledger[:2]] == [True] * 2
    assert all(0 < line["likelihood"]["ifd"] < 1 for line in ledger[:2])
