"""What holds of every task, whatever the seed and the API."""

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st
from tasks.samples import APIS, at, heard, landscape, replayed, solved

from toolbench.model import Task
from toolbench.model.wording import mentions
from toolbench.tasks.checks import replay_digest
from toolbench.tasks.sampling import TaskSampler


def sampler(api, seed):
    return TaskSampler(landscape(api), seed, (api,))


@settings(max_examples=25)
@given(st.sampled_from(APIS), st.integers(0, 2**31), st.integers(1, 12))
def test_a_task_is_solvable_and_says_what_it_takes(api, seed, count):
    for one in islice(sampler(api, seed).stream(), count - 1, count):
        task = one.task
        replay = replayed(task)
        assert replay_digest(replay) == task.replay_digest
        assert {seen.status for seen in replay.observations} == {"ok"}
        assert solved(task, [gold.call for gold in task.gold])
        assert Task.model_validate_json(task.model_dump_json()) == task
        assert 0.5 <= task.confidence <= 1
        for gold in task.gold:
            for origin in gold.origins:
                value = at(gold.call.arguments, origin.pointer)
                assert mentions(heard(task), value) or origin.kind != "user"
                assert not mentions(heard(task), value) or origin.kind != "observed"


@settings(max_examples=8)
@given(st.sampled_from(APIS), st.integers(0, 2**31), st.integers(1, 8), st.integers(0, 8))
def test_a_longer_stream_begins_with_the_shorter(api, seed, count, more):
    long = list(islice(sampler(api, seed).stream(), count + more))
    assert list(islice(sampler(api, seed).stream(), count)) == long[:count]
