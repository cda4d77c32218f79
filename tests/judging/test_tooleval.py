"""Votes follow the published way; preferences are asked in both orders."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from speaking import Speaker, answer, kind_of, said, scripted, tooleval

from toolbench.judging.rates import UNKNOWN, pass_rate, solvable_pass_rate
from toolbench.judging.rules import PASSES, SHARE, written
from toolbench.judging.tooleval import outlook, version
from toolbench.model import Vote


async def test_what_is_solved_passes_without_a_look_at_the_task():
    speaker = scripted(status="Solved")
    vote = await tooleval(speaker).vote(answer(), 0)
    assert (vote.label, vote.ruling) == ("pass", "Solved/Solvable")
    assert [kind_of(prompt) for prompt in speaker.prompts] == ["status"]


@pytest.mark.parametrize("detail", ["Solved", "Unsure", "Unsolved"])
@pytest.mark.parametrize("task", ["Solvable", "Unsure", "Unsolvable"])
async def test_what_is_unsure_is_looked_at_in_detail(detail, task):
    speaker = scripted(status="Unsure", detail=detail, task=task)
    vote = await tooleval(speaker).vote(answer(), 0)
    ruling = (detail, "Solvable" if detail == "Solved" else task)
    assert vote.ruling == written(ruling)
    assert vote.label == {"pass": "pass", "fail": "fail", "unsure": "unscored"}[PASSES[ruling]]
    assert [kind_of(prompt) for prompt in speaker.prompts][:2] == ["status", "detail"]


async def test_an_empty_answer_is_unsolved_unasked():
    speaker = scripted(task="Unsolvable")
    assert (await tooleval(speaker).vote(answer(final=""), 0)).ruling == "Unsolved/Unsolvable"
    assert len(speaker.prompts) == 1


async def test_without_an_answer_it_fails_unasked():
    speaker = scripted()
    vote = await tooleval(speaker).vote(answer(finished=False), 0)
    assert (vote.label, speaker.prompts) == ("fail", [])


@pytest.mark.parametrize("silent", ["status", "detail", "task"])
async def test_a_vote_without_an_opinion_is_unscored(silent):
    words = {"status": "Unsure", "detail": "Unsolved", "task": "Solvable"}
    speaker = Speaker(lambda prompt: "?" if kind_of(prompt) == silent else said(words[kind_of(prompt)]))
    vote = await tooleval(speaker).vote(answer(), 0)
    assert (vote.label, vote.ruling) == ("unscored", "")
    assert vote.reason.startswith("unparseable:")


async def test_the_judge_sees_the_record_and_the_tools():
    speaker = scripted(status="Unsure", detail="Unsure", task="Unsure")
    await tooleval(speaker).vote(answer(), 0)
    status, detail, task = speaker.prompts
    assert "[call] add" not in status
    assert '[call] add {"a":3,"b":4}' in detail
    assert '"description":"Adds."' in task
    assert all(prompt.index('"reason"') < prompt.index('"verdict"') for prompt in speaker.prompts)


def votes(*rulings):
    return [Vote(label="unscored", ruling=ruling, reason="" if ruling else "unparseable: ?") for ruling in rulings]


@pytest.mark.parametrize(
    ("rulings", "label", "kind"),
    [
        (["Solved/Solvable"], "pass", ""),
        (["Unsolved/Solvable"], "fail", "judged_failed"),
        (["Solved/Solvable", "Unsolved/Solvable"], "unscored", "undecided"),
        (["Solved/Solvable", "Unsolved/Solvable", ""], "unscored", "undecided"),
        (["Solved/Solvable", ""], "pass", ""),
        (["Unsure/Solvable"], "unscored", "undecided"),
        (["Unsure/Solvable", "Solved/Solvable"], "pass", ""),
        (["", ""], "unscored", "unparseable"),
    ],
)
def test_what_votes_come_to(rulings, label, kind):
    found = outlook(votes(*rulings))
    assert (found.label, found.kind) == (label, kind)
    assert (found.score is None) == (label == "unscored")


@given(st.lists(st.lists(st.sampled_from(list(PASSES)), min_size=3, max_size=3), min_size=1, max_size=6))
def test_rates_are_means_over_votes(table):
    found = pass_rate([votes(*map(written, row)) for row in table])
    columns = [statistics.mean(SHARE[PASSES[row[place]]] for row in table) for place in range(3)]
    assert found.value == pytest.approx(statistics.mean(columns))
    assert found.error == pytest.approx((statistics.variance(columns) / 3) ** 0.5)


def test_the_solvable_pass_rate_counts_no_task_that_cannot_be_done():
    table = [
        votes("Solved/Solvable", "Unsure/Solvable"),
        votes("Unsolved/Unsolvable", "Unsolved/Unsolvable"),
        votes("Unsolved/Solvable", "Unsolved/Solvable"),
    ]
    assert (solvable_pass_rate(table).value, solvable_pass_rate(table).answers) == (0.375, 2)
    assert pass_rate(table).value == pytest.approx((2 / 3 + 1.5 / 3) / 2)


def test_what_could_not_be_read_is_no_zero():
    assert pass_rate([votes("Solved/Solvable"), votes("")]).value == 1.0
    assert pass_rate([votes("")]) == UNKNOWN


@pytest.mark.parametrize(
    ("words", "better", "consistent"),
    [
        (("First", "Second"), "first", True),
        (("Second", "First"), "second", True),
        (("First", "First"), "tie", False),
        (("Second", "Second"), "tie", False),
    ],
)
async def test_both_orders_are_asked(words, better, consistent):
    left = iter(words)
    speaker = Speaker(lambda _: said(next(left)))
    found = await tooleval(speaker).prefer(answer("uno"), answer("due"), 0)
    assert (found.better, found.consistent) == (better, consistent)
    ahead, back = speaker.prompts
    assert ahead.index("uno") < ahead.index("due")
    assert back.index("due") < back.index("uno")


@pytest.mark.parametrize("silent", [0, 1])
async def test_a_preference_that_cannot_be_read_is_none(silent):
    left = iter(["?", said("First")] if silent == 0 else [said("First"), "?"])
    found = await tooleval(Speaker(lambda _: next(left))).prefer(answer("uno"), answer("due"), 0)
    assert (found.better, found.consistent) == (None, None)


async def test_the_same_answers_tie_unasked():
    speaker = scripted()
    assert (await tooleval(speaker).prefer(answer(), answer(), 0)).better == "tie"
    assert speaker.prompts == []


async def test_answers_to_different_tasks_cannot_be_compared():
    with pytest.raises(ValueError, match="t1 and t2"):
        await tooleval(scripted()).prefer(answer(), answer(task="t2"), 0)


@pytest.mark.parametrize("one", ["Solved", "Unsure", "Unsolved"])
@pytest.mark.parametrize("other", ["Solved", "Unsure", "Unsolved"])
async def test_the_normalised_evaluator_asks_among_equals_only(one, other):
    def speak(prompt):
        if kind_of(prompt) == "better":
            return said("First" if prompt.index("uno") < prompt.index("due") else "Second")
        return said(one if "uno" in prompt else other)

    speaker = Speaker(speak)
    found = await tooleval(speaker).compare(answer("uno"), answer("due"), 0)
    order = ["Unsolved", "Unsure", "Solved"]
    assert found.better == ("first" if order.index(one) >= order.index(other) else "second")
    assert ("better" in map(kind_of, speaker.prompts)) == (one == other)


def test_verdicts_are_of_another_version_with_other_votes():
    assert version(4) != version(5)
