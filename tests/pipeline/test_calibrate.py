"""Judges of known quality are found to be of that quality."""

import random
import re
import zlib
from contextlib import asynccontextmanager
from itertools import product
from typing import get_args

import pytest
from speaking import Speaker, kind_of, said
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from toolbench.errors import ConfigError, RunError, WorkError
from toolbench.judging.asking import Judge
from toolbench.judging.defects import planted
from toolbench.model.calibration import Defect
from toolbench.pipeline import calibrate as calibrating
from toolbench.pipeline import opinions
from toolbench.pipeline.calibrate import calibrate
from toolbench.pipeline.evaluate import evaluate
from toolbench.pipeline.judges import JudgeChoice
from toolbench.pipeline.opinions import Answers, judge_run

CHOICE = JudgeChoice("speaker", votes=2, concurrency=1)


@pytest.fixture
def run(tmp_path):
    """Return a run of which six traces pass and two do not."""
    tasks = [make_task(seed) for seed in range(8)]
    traces = [tree.trace(leaf) for tree, leaf in map(solve, tasks[:6])]
    for task in tasks[6:]:
        tree = Tree(task)
        traces.append(tree.trace(tree.say(0, "No idea.")))
    made = make_run(tmp_path / "run", traces, tasks)
    evaluate(made, TinyReplayer())
    return made


def spoken(monkeypatch, function):
    @asynccontextmanager
    async def opened(choice, journal):
        yield Judge(Speaker(function))

    monkeypatch.setattr(calibrating, "open_judge", opened)
    monkeypatch.setattr(opinions, "open_judge", opened)


def records(prompt):
    """Return the records that a prompt shows."""
    return re.findall(r"<(?:record|first[^>]*|second[^>]*)>\n(.*?)\n</", prompt, re.DOTALL)


def sound_answers(run):
    answers = Answers(run)
    return [answers.of(trace, trace.best) for trace in run.traces][:6]


def perfect(run):
    """Return a judge that knows the sound records by heart."""
    heart = set()

    def speak(prompt):
        match kind_of(prompt):
            case "status":
                return said("Unsure")
            case "task":
                return said("Solvable")
            case "detail":
                return said("Solved" if records(prompt)[0] in heart else "Unsolved")
            case _:
                return said("First" if records(prompt)[0] in heart else "Second")

    collector = []

    def learn(prompt):
        collector.extend(records(prompt))
        return said("Unsure" if kind_of(prompt) != "task" else "Solvable")

    return heart, speak, learn, collector


def test_a_perfect_judge(run, monkeypatch):
    heart, speak, learn, collector = perfect(run)
    spoken(monkeypatch, learn)
    judge_run(run, CHOICE)
    heart.update(record for record in collector if "No idea." not in record)
    run.verdicts.path.unlink()
    evaluate(run, TinyReplayer())
    spoken(monkeypatch, speak)
    judge_run(run, CHOICE)
    found = calibrate(run, CHOICE, 6)
    assert (found.paths, found.auc, found.kappa, found.compared) == (6, 1.0, 1.0, 8)
    assert (found.swap_consistency, found.vote_agreement, found.silent) == (1.0, 1.0, {})
    assert {one.defect: (one.planted, one.scored, one.auc, one.preferred) for one in found.defects} == dict.fromkeys(
        get_args(Defect), (6, 6, 1.0, 1.0)
    )
    assert found.asked == 6 * 6 * 2
    assert run.read_calibration().of("tooleval:speaker") == found


def test_one_that_always_says_yes(run, monkeypatch):
    spoken(monkeypatch, lambda prompt: said("First" if kind_of(prompt) == "better" else "Solved"))
    judge_run(run, CHOICE)
    found = calibrate(run, CHOICE, 6)
    assert (found.auc, found.swap_consistency, found.vote_agreement) == (0.5, 0.0, 1.0)
    assert found.kappa == 0.0
    assert {(one.auc, one.preferred) for one in found.defects} == {(0.5, 0.5)}


def test_one_that_contradicts_itself(run, monkeypatch):
    turn = []

    def speak(prompt):
        turn.append(prompt)
        return said("Solvable" if kind_of(prompt) == "task" else "First" if kind_of(prompt) == "better" else
                    ("Solved", "Unsolved")[turn.count(prompt) % 2])  # fmt: skip

    spoken(monkeypatch, speak)
    found = calibrate(run, JudgeChoice("speaker", votes=4, concurrency=1), 6)
    assert (found.auc, found.vote_agreement) == (0.5, pytest.approx(2 / 6))
    assert (found.kappa, found.compared) == (None, 0)


def by_chance(text):
    return zlib.crc32(text.encode()) % 2 == 0


def test_one_that_guesses(run, monkeypatch):
    """Its figures are reckoned here from the defects and its guesses, apart from the way it is asked."""

    def speak(prompt):
        if kind_of(prompt) in ("task", "better"):
            return said("Solvable" if kind_of(prompt) == "task" else "First")
        return said(
            "Solved" if by_chance(re.search(r"<answer>\n(.*)\n</answer>", prompt, re.DOTALL)[1]) else "Unsolved"
        )

    spoken(monkeypatch, speak)
    judge_run(run, CHOICE)
    found = calibrate(run, CHOICE, 6, seed=5)
    sound = [float(by_chance(answer.final)) for answer in sound_answers(run)]
    tasks = {task.id: task for task in run.tasks}
    traces = {trace.task: trace for trace in run.traces}
    for one in found.defects:
        copies = [
            planted(one.defect, tasks[a.task], a, calibrating.rng(5, "defect", one.defect, traces[a.task].id))
            for a in sound_answers(run)
        ]
        low = [float(by_chance(copy.final)) for copy in copies]
        wins = [1.0 if high > other else 0.5 if high == other else 0.0 for high, other in product(sound, low)]
        assert one.auc == pytest.approx(sum(wins) / len(wins))


def test_one_that_talks_nonsense(run, monkeypatch):
    spoken(monkeypatch, lambda _: "Purple.")
    with pytest.raises(WorkError, match="speaker cannot be calibrated: 72 unparseable"):
        calibrate(run, CHOICE, 6)
    assert run.read_calibration() is None


def test_silence_is_counted_and_left_out(run, monkeypatch):
    texts = [make_task(seed).turns[0].text for seed in range(3)]
    spoken(monkeypatch, lambda p: "?" if any(text in p for text in texts) else said("First" if kind_of(p) == "better"
           else "Solved"))  # fmt: skip
    found = calibrate(run, CHOICE, 6)
    assert found.silent == {"unparseable": 3 * 6 * 2}
    assert {(one.planted, one.scored) for one in found.defects} == {(6, 3)}


def test_judges_stand_side_by_side_and_the_latest_figures_count(run, monkeypatch):
    spoken(monkeypatch, lambda prompt: said("First" if kind_of(prompt) == "better" else "Solved"))
    for choice, count in ((CHOICE, 2), (JudgeChoice("another", votes=1), 2), (CHOICE, 4)):
        calibrate(run, choice, count)
    assert [(one.evaluator, one.paths) for one in run.read_calibration().judges] == [
        ("tooleval:another", 2),
        ("tooleval:speaker", 4),
    ]


def test_bad_input(run, tmp_path):
    with pytest.raises(ConfigError, match="`--calibrate` is 0"):
        calibrate(run, CHOICE, 0)
    with pytest.raises(WorkError, match="no verified path"):
        calibrate(make_run(tmp_path / "empty", [], []), CHOICE, 3)
    (run.path / "calibration.json").write_text('{"judges": 3}')
    with pytest.raises(RunError, match="not a calibration"):
        run.read_calibration()


@pytest.mark.parametrize("defect", get_args(Defect))
def test_a_defect_changes_what_it_should_and_nothing_tells_of_it(run, defect):
    tasks = {task.id: task for task in run.tasks}
    for answer in sound_answers(run):
        copy = planted(defect, tasks[answer.task], answer, random.Random(1))
        assert copy != answer
        assert (copy.task, copy.query, copy.tools, copy.finished) == (answer.task, answer.query, answer.tools, True)
        assert copy.lines[-1].text == copy.final
        steps = {"missing_step": -1, "needless_step": 1}.get(defect, 0)
        assert len(copy.lines) == len(answer.lines) + steps
        assert (copy.final == answer.final) == (steps != 0)
