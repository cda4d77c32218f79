"""A judge's opinions of a run: each belongs to its answer, silence is counted, nobody learns who the teacher is."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from speaking import Speaker, kind_of, said
from tiny_world import Tree, make_run, make_task, solve

from toolbench.errors import EndpointError, WorkError
from toolbench.judging.asking import Judge
from toolbench.llm.script import Answer, parse_script
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.pipeline import opinions
from toolbench.pipeline.judges import JudgeChoice
from toolbench.pipeline.opinions import judge_run

CHOICE = JudgeChoice("speaker", votes=3, concurrency=4)


def spoken(monkeypatch, speaker):
    """Have a speaker be the judge."""

    @asynccontextmanager
    async def opened(choice, journal):
        yield Judge(speaker, patience=choice.patience)

    monkeypatch.setattr(opinions, "open_judge", opened)
    return speaker


def make(path, count=6, teacher="planner", order=None):
    """Return a run of good traces, whose last one gave up."""
    tasks = [make_task(seed) for seed in range(count)]
    traces = [tree.trace(leaf, teacher=teacher) for tree, leaf in map(solve, tasks[:-1])]
    lost = Tree(tasks[-1])
    lost.say(0, "I give up.", kind="give_up")
    traces.append(lost.trace(None, "gave_up", teacher=teacher))
    return make_run(path, traces if order is None else [traces[place] for place in order], tasks)


def test_verdicts_votes_and_counts(tmp_path, monkeypatch):
    run = make(tmp_path / "run")
    speaker = spoken(monkeypatch, Speaker(lambda _: said("Solved")))
    summary = judge_run(run, CHOICE)
    assert (summary.traces, summary.judged, summary.labels) == (6, 6, {"pass": 5, "fail": 1})
    assert summary.kinds == {"gave_up": 1}
    assert summary.pass_rate.value == pytest.approx(5 / 6)
    verdicts = list(run.verdicts)
    assert {verdict.evaluator for verdict in verdicts} == {"tooleval:speaker"}
    assert {len(verdict.votes) for verdict in verdicts} == {3}
    assert len(speaker.prompts) == 15
    assert judge_run(run, CHOICE).judged == 0
    assert len(list(run.verdicts)) == 6
    assert judge_run(run, JudgeChoice("speaker", votes=4)).judged == 6


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 3, 1, 0, 2, 4]])
def test_opinions_belong_to_their_answers_in_whatever_order_they_come(tmp_path, monkeypatch, order):
    tasks = [make_task(seed) for seed in range(6)]
    good = {task.turns[0].text for task in tasks[::2]}

    class Jumbled(Speaker):
        async def chat(self, request):
            # The later it is asked, the sooner it answers.
            await asyncio.sleep(0.02 / (len(self.prompts) + 1))
            return await super().chat(request)

    def speak(prompt):
        if kind_of(prompt) == "task":
            return said("Solvable")
        return said("Solved" if any(text in prompt for text in good) else "Unsolved")

    spoken(monkeypatch, Jumbled(speak))
    run = make(tmp_path / "run", order=order)
    judge_run(run, CHOICE)
    task_of = {trace.id: trace.task for trace in run.traces}
    labels = {task_of[verdict.trace]: verdict.label for verdict in run.verdicts}
    assert labels == {task.id: "pass" if place % 2 == 0 else "fail" for place, task in enumerate(tasks)}


def test_the_judge_is_not_told_who_the_teacher_is(tmp_path, monkeypatch):
    asked = []
    for teacher in ("planner", "a-famous-model"):
        speaker = spoken(monkeypatch, Speaker(lambda p: said("Unsolvable" if kind_of(p) == "task" else "Unsure")))
        judge_run(make(tmp_path / teacher, teacher=teacher), CHOICE)
        asked.append(sorted(speaker.prompts))
    assert asked[0] == asked[1]
    assert not any("famous" in prompt or "planner" in prompt for prompt in asked[1])


def test_votes_that_the_endpoint_failed_to_give_are_asked_for_again(tmp_path, monkeypatch):
    run, broken = make(tmp_path / "run"), [True]
    first = run.traces.ids()[0]
    text = make_task(0).turns[0].text

    def speak(prompt):
        return EndpointError("HTTP 500") if broken[0] and text in prompt else said("Solved")

    spoken(monkeypatch, Speaker(speak))
    summary = judge_run(run, CHOICE)
    assert (summary.labels["unscored"], summary.silent) == (1, {"no_answer": 3})
    assert summary.pass_rate.answers == 5
    broken[0] = False
    again = judge_run(run, CHOICE)
    assert (again.judged, again.labels["unscored"], again.silent) == (1, 0, {})
    assert [verdict.label for verdict in run.verdicts if verdict.trace == first] == ["unscored", "pass"]


def test_where_nothing_could_be_judged_it_says_so(tmp_path, monkeypatch):
    spoken(monkeypatch, Speaker(lambda _: "Lovely weather."))
    run = make(tmp_path / "run", count=1 + 2)
    with pytest.raises(WorkError, match="speaker judged none of 3 traces: 6 unparseable"):
        judge_run(run, CHOICE)
    assert [verdict.score for verdict in run.verdicts] == [None, None, 0.0]


def test_answers_are_journalled(tmp_path):
    run = make(tmp_path / "run", count=3)
    model = ScriptedModel(parse_script([{"when": {}, "answer": {"content": said("Solved")}}]))
    with serving(model) as url:
        summary = judge_run(run, JudgeChoice("scripted", url, votes=2))
        # One question finds out whether answers can be held to a schema.
        assert (summary.labels["pass"], model.asked) == (2, 5)
        run.verdicts.path.unlink()
        assert judge_run(run, JudgeChoice("scripted", url, votes=2)).labels["pass"] == 2
        assert model.asked == 5


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(content="Purple."), "unparseable"),
        (Answer(content=json.dumps({"verdict": "Solved"})), "unparseable"),
        (Answer(content=said("Solved") + said("Unsolved")), "unparseable"),
        (Answer(content=said("Solved"), finish_reason="content_filter"), "refused"),
        (Answer(status=400), "no_answer"),
        (Answer(content=said("Solved"), delay=30), "timed_out"),
    ],
)
def test_endpoints_that_misbehave_leave_answers_unscored(tmp_path, answer, kind):
    run = make(tmp_path / "run", count=3)
    good = {"when": {"contains": make_task(0).turns[0].text}, "answer": {"content": said("Solved")}}
    script = parse_script([good, {"when": {}, "answer": answer.model_dump()}])
    with serving(ScriptedModel(script)) as url:
        summary = judge_run(run, JudgeChoice("scripted", url, votes=2, patience=1 if answer.delay else None))
    assert summary.labels == {"pass": 1, "unscored": 1, "fail": 1}
    assert summary.silent == {kind: 2}
    assert summary.pass_rate.value == 0.5
