"""Tasks in a model's words: checked like all tasks, or left as they were."""

from itertools import islice

import pytest
from tasks.samples import APIS, landscape
from user.wording_model import OPENINGS, Rephraser

from toolbench.errors import EndpointError, UnreachableError
from toolbench.model.wording import mentions
from toolbench.tasks.checks import check
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.sampling import TaskSampler
from toolbench.user.rewording import ATTEMPTS, Rewording
from toolbench.user.writer import Writer
from toolbench.world.replay import WorldReplayer

WORLD = landscape(*APIS)
REPLAYER = WorldReplayer(WORLD)


@pytest.fixture(scope="module")
def tasks():
    stream = TaskSampler(WORLD, 5, tuple(APIS), mix=dict.fromkeys(KINDS, 1)).stream()
    return [one.task for one in islice(stream, 2 * len(KINDS))]


def writer(model):
    return Writer(Rewording(model), REPLAYER, 5)


async def test_every_task_is_written_anew_and_stays_what_it_is(tasks):
    for task in tasks:
        written = await writer(Rephraser()).write(task)
        assert not written.problem, (written.problem, task.turns)
        new = written.task
        check(new, REPLAYER)
        assert new.writer == "rephraser"
        assert new.persona
        assert new.turns[0].text.startswith(OPENINGS)
        same = {"turns", "writer", "persona"}
        assert new.model_dump(exclude=same) == task.model_dump(exclude=same)
        assert [one.model_dump(exclude={"text"}) for one in new.turns] == [
            one.model_dump(exclude={"text"}) for one in task.turns
        ]


async def test_the_model_is_told_nothing_that_is_to_be_found(tasks):
    for task in tasks:
        model = Rephraser()
        await writer(model).write(task)
        told = " ".join(str(request.messages) for request in model.requests)
        said = " ".join(turn.text + turn.reply for turn in task.turns)
        assert not any(gold.call.tool in told for gold in task.gold)
        for gold in task.gold:
            for value in gold.values("observed"):
                assert mentions(said, value) or not mentions(told, value)


async def test_it_is_told_what_was_wrong_and_may_try_again(tasks):
    model = Rephraser(spoil=lambda words: words + " Take 7391 of them.", times=1)
    written = await writer(model).write(tasks[0])
    assert written.task.writer == "rephraser"
    assert "figures, dates or times" in str(model.requests[1].messages)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda words: "Do what is needed.",
        lambda words: words + " Exactly 7391 times.",
        lambda words: "",
        lambda words: f"user: {words}",
    ],
    ids=["all left out", "a figure more", "nothing", "not prose"],
)
async def test_without_right_words_it_keeps_its_own(tasks, spoil):
    named = [task for task in tasks if '"' in task.turns[0].text]
    model = Rephraser(spoil=spoil)
    written = await writer(model).write(named[0])
    assert written.task is named[0]
    assert written.problem
    assert len(model.requests) == ATTEMPTS


async def test_words_that_the_model_itself_finds_to_differ_are_not_taken(tasks):
    written = await writer(Rephraser(same=False)).write(tasks[0])
    assert written.task is tasks[0]
    assert "same" in written.problem


class Failing(Rephraser):
    def __init__(self, error):
        super().__init__()
        self.error = error

    async def chat(self, request):
        raise self.error


async def test_an_endpoint_without_answer_costs_nothing_but_the_words(tasks):
    assert (await writer(Failing(EndpointError("no"))).write(tasks[0])).task is tasks[0]
    with pytest.raises(UnreachableError):
        await writer(Failing(UnreachableError("gone"))).write(tasks[0])
