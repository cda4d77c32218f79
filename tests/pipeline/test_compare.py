"""Runs are compared task by task, by id; the judge's order does not matter, and its silence counts nowhere."""

from contextlib import asynccontextmanager

import pytest
from speaking import Speaker, kind_of, said
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from toolbench.errors import RunError, WorkError
from toolbench.judging.asking import Judge
from toolbench.pipeline import compare as comparing
from toolbench.pipeline.compare import compare
from toolbench.pipeline.evaluate import evaluate
from toolbench.pipeline.judges import JudgeChoice

CHOICE = JudgeChoice("speaker", votes=2, concurrency=3)


def make(path, right, count=6, order=None, judged=True):
    """Return the folder of a run that solves the first `right` tasks, and says nonsense to the others."""
    tasks = [make_task(seed) for seed in range(count)]
    traces = []
    for place, task in enumerate(tasks):
        if place < right:
            tree, leaf = solve(task)
        else:
            tree = Tree(task)
            leaf = tree.say(0, f"No idea, says {path.name}.")
        traces.append(tree.trace(leaf))
    run = make_run(path, [traces[place] for place in order or range(count)], tasks)
    if judged:
        evaluate(run, TinyReplayer())
    return path


def spoken(monkeypatch, function):
    speaker = Speaker(function)

    @asynccontextmanager
    async def opened(choice, journal):
        yield Judge(speaker)

    monkeypatch.setattr(comparing, "open_judge", opened)
    return speaker


def test_by_execution(tmp_path):
    good, middling, bad = (make(tmp_path / name, right) for name, right in (("good", 6), ("middling", 4), ("bad", 1)))
    found = compare([bad, good, middling])
    assert (found.judge, found.tasks, found.different) == ("execution", 6, 0)
    counts = {(one.one, one.other): (one.wins, one.ties, one.losses) for one in found.pairings}
    assert counts == {("bad", "good"): (0, 1, 5), ("bad", "middling"): (0, 3, 3), ("good", "middling"): (2, 4, 0)}
    assert [one.name for one in found.ratings] == ["good", "middling", "bad"]
    assert found.passed == {"good": (6, 6), "middling": (4, 6), "bad": (1, 6)}
    assert [row["run"] for row in found.as_json()["leaderboard"]] == ["good", "middling", "bad"]


def test_the_order_of_the_traces_does_not_matter(tmp_path):
    one, other = make(tmp_path / "one", 4), make(tmp_path / "other", 2, order=[5, 0, 3, 1, 4, 2])
    (pair,) = compare([one, other]).pairings
    assert (pair.wins, pair.ties, pair.losses) == (2, 4, 0)


@pytest.mark.parametrize("normalised", [True, False])
def test_a_judge_that_knows(tmp_path, monkeypatch, normalised):
    one, other = make(tmp_path / "one", 4), make(tmp_path / "other", 2, order=[5, 0, 3, 1, 4, 2])

    def speak(prompt):
        if kind_of(prompt) == "better":
            first, second = prompt.split("The second:")
            return said("First" if "The sum is" in first and "No idea" in second else "Second")
        return said("Solved" if "The sum is" in prompt else "Unsolved")

    speaker = spoken(monkeypatch, speak)
    (pair,) = compare([one, other], CHOICE, normalised=normalised).pairings
    assert (pair.wins, pair.losses, pair.unscored) == (2, 0, 0)
    assert ("better" in map(kind_of, speaker.prompts)) is True
    # Tasks 4 and 5 have nonsense on both sides: it goes by the order, which is a tie.
    assert pair.ties == 4
    assert pair.as_json()["swap_consistency"] == (0.0 if normalised else 0.5)


def test_one_that_always_says_the_same_place(tmp_path, monkeypatch):
    spoken(monkeypatch, lambda prompt: said("First" if kind_of(prompt) == "better" else "Solved"))
    (pair,) = compare([make(tmp_path / "one", 6), make(tmp_path / "other", 0)], CHOICE, normalised=False).pairings
    assert (pair.ties, pair.asked, pair.consistent) == (6, 12, 0)


def test_silence_counts_nowhere(tmp_path, monkeypatch):
    one, other = make(tmp_path / "one", 6), make(tmp_path / "other", 0)
    text = make_task(0).turns[0].text
    spoken(monkeypatch, lambda p: said("First" if p.index("The sum is") < p.index("No idea") else "Second")
           if text in p else "?")  # fmt: skip
    (pair,) = compare([one, other], CHOICE, normalised=False).pairings
    assert (pair.wins, pair.games, pair.unscored, pair.silent) == (1, 1, 5, {"unparseable": 10})
    assert pair.as_json()["win_rate"] == 1.0


def test_where_nothing_can_be_judged_it_says_so(tmp_path, monkeypatch):
    spoken(monkeypatch, lambda _: "?")
    with pytest.raises(WorkError, match="speaker judged none of 6 pairs of answers: 12 unparseable"):
        compare([make(tmp_path / "one", 6), make(tmp_path / "other", 0)], CHOICE)


def test_no_answer_loses(tmp_path, monkeypatch):
    lost = Tree(make_task(0))
    lost.say(0, "I give up.", kind="give_up")
    other = make_run(tmp_path / "other", [lost.trace(None, "gave_up")], [make_task(0)]).path
    spoken(monkeypatch, lambda _: "?")
    (pair,) = compare([make(tmp_path / "one", 1), other], CHOICE).pairings
    assert (pair.wins, pair.losses) == (1, 0)


def test_tasks_that_share_only_their_id_are_left_out(tmp_path):
    one, other = make(tmp_path / "one", 6), make(tmp_path / "other", 6)
    tasks = (other / "tasks.jsonl").read_text().splitlines(keepends=True)
    (other / "tasks.jsonl").write_text("".join(tasks).replace("Add up", "Sum up", 2))
    assert (compare([one, other]).tasks, compare([one, other]).different) == (4, 2)


@pytest.mark.parametrize("what", ["alone", "twice", "unjudged", "nothing shared", "no run", "no traces"])
def test_bad_input(tmp_path, what):
    one = make(tmp_path / "one", 6)
    others = {
        "alone": [],
        "twice": [tmp_path / "one"],
        "unjudged": [make(tmp_path / "other", 6, judged=False)],
        "no run": [tmp_path / "nowhere"],
        "no traces": [make_run(tmp_path / "empty", [], []).path],
    }
    if what == "nothing shared":
        tree, leaf = solve(make_task(9))
        others[what] = [make_run(tmp_path / "strange", [tree.trace(leaf)], [make_task(9)]).path]
    messages = {
        "alone": "cannot be compared with itself",
        "twice": "named twice",
        "unjudged": "have not been judged",
        "nothing shared": "share no task",
        "no run": "no run is here",
        "no traces": "has no traces",
    }
    with pytest.raises(RunError, match=messages[what]):
        compare([one, *others[what]])


def test_runs_of_the_same_name_are_told_apart(tmp_path):
    found = compare([make(tmp_path / "a" / "run", 6), make(tmp_path / "b" / "run", 3)])
    assert {one.name for one in found.ratings} == {str(tmp_path / "a" / "run"), str(tmp_path / "b" / "run")}
