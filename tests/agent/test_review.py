import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenery import CREATE, PROVENANCE, TALK, TOOLS, Backend, Scripted, attempt, call, spread

from searchers.beam import Beam
from searchers.best_first import BestFirst
from searchers.bfs import Bfs
from searchers.dfs import Dfs
from searchers.dfsdt import Dfsdt
from searchers.mcts import Mcts
from searchers.react import React
from searchers.react_n import ReactN
from toolbench.agent.checkpoints import Checkpoints
from toolbench.agent.explore import explore
from toolbench.agent.heuristic_valuer import HeuristicValuer
from toolbench.agent.planner import Planner
from toolbench.agent.policy import action
from toolbench.agent.review import Approved, Question, Quit, Refused, Review, ReviewEndedError
from toolbench.errors import RunError
from toolbench.model import Step

SEARCHERS = (Beam, BestFirst, Bfs, Dfs, Dfsdt, Mcts, React, ReactN)
DELETE = ("delete_box", {"id": "box-0101"})


@dataclass
class Person:
    """Decides by a rule, and remembers what it was asked."""

    rule: object = lambda question: Approved()
    asked: list[Question] = field(default_factory=list)

    async def decide(self, question: Question):
        self.asked.append(question)
        return self.rule(question)


def moody(question: Question):
    """Refuse every third step, whenever it is asked about."""
    return Refused("not this one") if int(question.key, 16) % 3 == 0 else Approved()


def reviewed(person, path: Path, policy, kind=Checkpoints, **others):
    """Explore with a person looking on; return the trace."""
    with kind(path) as checkpoints:
        made = attempt(policy, valuer=HeuristicValuer(), review=Review(person, checkpoints), **others)
        return asyncio.run(explore(made))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(SEARCHERS))
def test_where_all_is_approved_the_tree_is_as_without_a_review(seed, kind):
    searcher = kind(max_depth=5, max_queries=20)
    plain = asyncio.run(explore(attempt(spread(seed), searcher=searcher, valuer=HeuristicValuer())))
    person, backend = Person(), Backend()
    with TemporaryDirectory() as folder:
        made = reviewed(person, Path(folder, "j.db"), spread(seed), searcher=searcher, executor=backend)
    assert made.model_dump_json() == plain.model_dump_json()
    known = {action(one.tool, one.arguments) for question in person.asked for one in question.step.calls}
    run = {action(one.tool, one.arguments) for one in backend.ran if one.tool == "delete_box"}
    assert run <= known, "nothing destructive was done that nobody was asked about"
    assert all(("destructive",) in question.dangers for question in person.asked)


def test_nothing_is_done_before_the_answer(journal: Path):
    backend, before = Backend(), []

    def look(question):
        before.append(list(backend.ran))
        return Approved()

    steps = iter([call(("list_boxes", {})), call(DELETE, ("list_rooms", {})), Step(kind="finish", text="Gone.")])
    reviewed(Person(look), journal, Scripted(lambda view: next(steps)), executor=backend, searcher=React())
    assert [[one.tool for one in ran] for ran in before] == [["list_boxes"]]
    assert [one.tool for one in backend.ran] == ["list_boxes", "delete_box", "list_rooms"]


def test_a_refused_step_is_not_taken_and_the_model_is_told(journal: Path):
    backend = Backend()
    policy = Scripted(
        lambda view: Step(kind="finish", text="Kept.") if len(view.path) > 1 else call(DELETE, ("list_rooms", {}))
    )
    person = Person(lambda question: Refused("it holds my coats"))
    made = reviewed(person, journal, policy, executor=backend, searcher=React())
    (node, _) = made.nodes[1:]
    assert backend.ran == []
    assert [seen.call for seen in node.step.observations] == [one.id for one in node.step.calls]
    assert {(seen.status, seen.source) for seen in node.step.observations} == {("refused", "person")}
    assert node.state == made.nodes[0].state
    assert node.usage.calls == 0
    shown = policy.views[-1].path[-1].step.observations[0].body
    assert "it holds my coats" in shown["error"]["message"]
    assert made.outcome == "answered"


def test_an_identical_sibling_is_not_asked_about_again(journal: Path):
    """Its calls are not run again, whoever answers."""
    policy = Scripted(lambda view: Step(kind="give_up") if len(view.path) > 1 else call(DELETE))
    person = Person(moody)
    made = reviewed(person, journal, policy, searcher=Dfsdt(width=2, max_depth=3))
    assert len(person.asked) == 1
    assert [node.status for node in made.nodes].count("pruned") == 1


def test_live_steps_are_reviewed_whatever_they_do(journal: Path):
    person = Person()
    steps = iter([call(("list_boxes", {})), call(DELETE), Step(kind="finish", text="Gone.")])
    live = PROVENANCE.model_copy(update={"executor": "live"})
    reviewed(person, journal, Scripted(lambda view: next(steps)), searcher=React(), provenance=live)
    assert [question.dangers for question in person.asked] == [(("live",),), (("live", "destructive"),)]
    assert [question.node for question in person.asked] == [1, 2]


def test_what_was_decided_before_quitting_is_not_asked_again(journal: Path):
    searcher = Dfsdt(width=3, max_depth=5, max_queries=40)
    whole = Person(moody)
    wanted = reviewed(whole, journal.with_name("whole.db"), spread(2, ends=0.1), searcher=searcher)
    keys = [question.key for question in whole.asked]
    assert len(keys) == 5
    asked = []
    for _ in keys:
        person = Person()
        person.rule = lambda question, person=person: moody(question) if len(person.asked) == 1 else Quit()
        try:
            made = reviewed(person, journal, spread(2, ends=0.1), searcher=searcher)
        except ReviewEndedError:
            asked.append(person.asked[0].key)
            continue
        asked.append(person.asked[0].key)
    assert asked == keys
    assert made == wanted


class Fragile(Checkpoints):
    """Ends the process, so to speak, at its n-th write: before or after it is made."""

    left = 0
    before = True

    def _count(self, write):
        type(self).left -= 1
        if self.left == 0 and self.before:
            raise KilledError
        done = write()
        if self.left == 0:
            raise KilledError
        return done

    def put(self, *arguments):
        return self._count(lambda: super(Fragile, self).put(*arguments))

    def put_writes(self, *arguments):
        return self._count(lambda: super(Fragile, self).put_writes(*arguments))


class KilledError(Exception):
    pass


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(("task", "seed"), [(CREATE, 48), (TALK, 42)])
def test_cut_off_at_any_write_it_resumes_to_the_same_tree(tmp_path: Path, task, seed, before):
    searcher = Dfsdt(width=2, max_depth=4, max_queries=7)
    others = {"task": task, "searcher": searcher}
    whole = Person(moody)
    wanted = reviewed(whole, tmp_path / "whole.db", spread(seed, ends=0.2), **others)
    assert whole.asked
    Fragile.before = before
    cut = 0
    for at in range(1, 400):
        Fragile.left = at
        path, person = tmp_path / f"{at}.db", Person(moody)
        try:
            reviewed(person, path, spread(seed, ends=0.2), Fragile, **others)
        except KilledError:
            cut += 1
        else:
            break
        given = [question.key for question in person.asked]
        again = Person(moody)
        made = reviewed(again, path, spread(seed, ends=0.2), **others)
        assert made == wanted
        repeated = set(given) & {question.key for question in again.asked}
        # Only the answer that was being written when the end came may be asked for again.
        assert repeated <= set(given[-1:])
    assert cut > 20


def test_the_planner_gives_up_on_what_is_refused(journal: Path):
    person = Person(lambda question: Refused())
    made = reviewed(person, journal, Planner(TALK), task=TALK, searcher=React())
    assert made == reviewed(person, journal.with_name("2"), Planner(TALK), task=TALK, searcher=React())
    assert any(seen.source == "person" for node in made.nodes if node.step for seen in node.step.observations)


def test_checkpoints_hold_no_part_of_the_tree(journal: Path):
    with Checkpoints(journal) as checkpoints:
        made = attempt(spread(2, ends=0.1), review=Review(Person(moody), checkpoints))
        trace = asyncio.run(explore(made))
        assert checkpoints.threads() == [trace.id]
        found = checkpoints.get_tuple({"configurable": {"thread_id": trace.id}})
        checkpoints.delete_thread(trace.id)
        assert checkpoints.threads() == []
    values = {name: value for name, value in found.checkpoint["channel_values"].items() if ":" not in name}
    assert values.keys() <= {"task", "cursor", "owed", "apart", "moves", "queries", "done", "decisions"}
    assert "box" not in str(values)


def test_a_file_that_is_no_journal_is_told_in_a_line(journal: Path):
    journal.write_bytes(b"no database" * 100)
    with pytest.raises(RunError, match="the review cannot be recorded"):
        reviewed(Person(), journal, spread(1))


def test_tools_nobody_knows_are_harmless_in_the_simulation(journal: Path):
    assert "no_such_tool" not in TOOLS
    person = Person()
    policy = Scripted(
        lambda view: Step(kind="finish", text="So.") if len(view.path) > 1 else call(("no_such_tool", {}))
    )
    reviewed(person, journal, policy, searcher=React())
    assert person.asked == []
