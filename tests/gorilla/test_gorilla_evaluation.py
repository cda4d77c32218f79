"""Evaluation: the table tells a copier, a closed-book model and an ideal reader apart."""

import gorilla_readers as readers
import pytest

from toolbench.gorilla.evaluation import Examiner
from toolbench.gorilla.templates import response
from toolbench.pipeline.create_apis import ApiWishes, create_apis
from toolbench.pipeline.evaluate_apis import DataSet, read_data_set


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> DataSet:
    folder = tmp_path_factory.mktemp("rows")
    create_apis(ApiWishes(apis=("library", "crm", "orders"), count=120), folder)
    return read_data_set(folder)


def rate(found, condition: str, measure: str) -> float:
    some, total = found.conditions[condition].counts[measure]
    return some / total


def test_scripted_models_are_told_apart(data: DataSet) -> None:
    copier, closed_book, ideal = readers.evaluated(data)
    for condition in ideal.conditions:
        assert rate(ideal, condition, "exact") == 1
        assert rate(copier, condition, "exact") < 1 or condition == "oracle"
    assert rate(copier, "oracle", "exact") == 1
    assert rate(copier, "none", "exact") == 0
    for condition in ("distractors", "missing", "top1"):
        assert rate(copier, condition, "copied") == 1
        assert rate(closed_book, condition, "copied") == rate(ideal, condition, "copied") == 0
    for condition in ("none", "oracle", "topk", "near_identical"):
        assert rate(closed_book, condition, "exact") == 1
    for condition in ("distractors", "missing"):
        assert rate(closed_book, condition, "exact") == rate(copier, condition, "exact") == 0
        assert rate(ideal, condition, "abstained") == 1
    for condition in ("changed", "deprecated"):
        assert rate(ideal, condition, "adapted") == 1
        assert rate(closed_book, condition, "adapted") < 0.2
        assert rate(closed_book, condition, "outdated") > 0.8
        assert rate(copier, condition, "adapted") < 0.9
    assert rate(copier, "none", "hallucinated") == 1
    assert rate(copier, "oracle", "domain") == 1


@pytest.fixture(scope="module")
def oracle(data: DataSet):
    row = next(row for row in data.rows if row.condition == "oracle" and len(row.answer.arguments) > 1)
    examiner = Examiner(data.docs)
    return row, lambda text: examiner.judge(row, text)


def test_what_is_wrong_with_an_answer(oracle, data: DataSet) -> None:
    row, judge = oracle
    call, other = row.answer.call, next(doc for doc in data.docs if doc.id != row.api)
    expected = {
        response(row.answer): "right",
        f"Sure!\n```python\n{call}\n```": "right",
        f"<<<api_call>>>: {call[:-1]}, made_up=1)": "wrong_arguments",
        f"<<<api_call>>>: {other.name}()": "wrong_api",
        "<<<api_call>>>: nobody.knows_it(x=1)": "invented_api",
        "<<<api_call>>>: none": "no_call",
        "I cannot tell.": "unparseable",
        "": "unparseable",
    }
    assert {text: judge(text).kind for text in expected} == expected


def test_arguments_that_do_not_exist_are_hallucinated(oracle) -> None:
    row, judge = oracle
    assert judge(f"<<<api_call>>>: {row.answer.call[:-1]}, made_up=1)").hallucinated
    assert not judge(response(row.answer)).hallucinated


def test_a_default_may_be_given_and_arguments_may_stand_in_any_order(data: DataSet) -> None:
    rows = [row for row in data.rows if row.condition == "changed" and row.change.kind == "default"]
    assert rows
    for row in rows:
        explicit = f"{row.answer.call[:-1]}, {row.change.parameter}={row.change.new!r})".replace("(, ", "(")
        assert Examiner(data.docs).judge(row, f"<<<api_call>>>: {explicit}").right
        shuffled = f"{row.answer.name}(**{dict(reversed(row.answer.arguments.items()))!r})"
        assert Examiner(data.docs).judge(row, f"<<<api_call>>>: {shuffled}").right


def test_to_say_that_nothing_covers_it_is_right_only_where_nothing_does(data: DataSet) -> None:
    examiner = Examiner(data.docs)
    for row in data.rows:
        said = examiner.judge(row, "None of the documentation covers that.")
        assert said.abstained
        assert said.right == (not row.answer.covered)
