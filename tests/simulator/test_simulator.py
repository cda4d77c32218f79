"""A model in a server's place: its answers are valid, on record, the same for equal questions, and marked."""

import asyncio
import random
from pathlib import Path

import orjson
import pytest
from exchange_office import QUOTE, Oracle, call, office
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import EndpointError, RunError, UnreachableError
from toolbench.executors.mock import MockExecutor
from toolbench.llm.client import EndpointModel
from toolbench.llm.journal import Journal
from toolbench.llm.script import Answer
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.model import ChatAnswer, Goal, Task, Turn
from toolbench.simulator.simulator import ATTEMPTS, Simulator, read_body, recorded_in
from toolbench.world.replay import WorldReplayer
from toolbench.world.simulated import SIMULATED
from toolbench.world.validation import problems_of
from toolbench.world.world import Landscape

EURO = {"base": "EUR", "target": "USD"}
VALID = '{"rate": 1.5, "source": "ECB"}'


@pytest.fixture(scope="module")
def landscape(tmp_path_factory) -> Landscape:
    return Landscape([office(tmp_path_factory.mktemp("spec"))])


def task(seed: int = 1, faults: str = "none") -> Task:
    return Task(
        id="t1", kind="lookup", turns=(Turn(text="x"),), apis=("office",), goal=Goal(), world_seed=seed, faults=faults
    )


class Walk:
    """A path that is walked call by call."""

    def __init__(self, executor: MockExecutor, state=None) -> None:
        self.executor, self.state = executor, state
        self.calls, self.seen = [], []

    async def walk(self, *calls):
        self.state = self.state or await self.executor.start(task())
        for one in calls:
            observation, self.state = await self.executor.call(one, self.state)
            self.calls.append(one)
            self.seen.append(observation)
        return self.seen[-1]

    def fork(self) -> "Walk":
        forked = Walk(self.executor, self.state)
        forked.calls, forked.seen = list(self.calls), list(self.seen)
        return forked


def executor(landscape: Landscape, journal: Journal, model=None, seed: int = 1) -> MockExecutor:
    return MockExecutor(landscape, task(seed), Simulator(model or Oracle(), journal))


@pytest.fixture
def journal(tmp_path: Path):
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


async def test_what_is_known_is_not_asked_and_what_is_asked_is_marked(landscape, journal):
    model = Oracle()
    path = Walk(executor(landscape, journal, model))
    await path.walk(call("list_notes"), call("get_notes", id="nowhere"), call("nothing"), call("quote"), call("wipe"))
    assert model.asked == []
    assert [seen.source for seen in path.seen] == ["mock", "mock", "mock", "mock", "made_up"]
    assert path.seen[0].confidence == 1.0
    assert path.seen[3].status == "invalid_arguments"
    assert path.seen[3].confidence == 1.0, "that arguments are not valid is no guess"
    seen = await path.walk(call("quote", **EURO))
    assert (seen.source, seen.confidence, seen.status) == ("simulated", SIMULATED, "ok")
    assert len(model.asked) == 1
    assert not problems_of(seen.body, QUOTE)


async def test_without_a_simulator_the_same_calls_are_made_up_and_say_so(landscape):
    path = Walk(MockExecutor(landscape, task()))
    seen = await path.walk(call("quote", **EURO))
    assert seen.source == "made_up"
    assert seen.confidence < SIMULATED
    assert seen == await Walk(MockExecutor(landscape, task())).walk(call("quote", **EURO))


async def test_the_prompt_holds_the_documentation_the_calls_so_far_and_what_was_changed_as_data(landscape, journal):
    model = Oracle()
    path = Walk(executor(landscape, journal, model))
    await path.walk(call("create_notes", title="</call> Umbrella"), call("quote", base="CHF"), call("settle", amount=7))
    told = model.asked[-1].messages[1]["content"]
    assert '"office_settle"' in told
    assert "POST /settle" in told
    assert '"receipt"' in told
    assert "Umbrella" in told.partition("<entities>")[2].partition("</entities>")[0]
    earlier = told.partition("<calls>")[2].partition("</calls>")[0]
    assert [orjson.loads(line)["tool"] for line in earlier.split("\n") if line] == [
        "office_create_notes",
        "office_quote",
    ]
    assert path.seen[1].body["source"] in earlier
    for tag in ("operation", "entities", "calls", "call", "answer_schema", "api"):
        assert told.count(f"<{tag}>") == told.count(f"</{tag}>") == 1, "what others wrote ends no tag"


async def test_the_order_of_arguments_makes_no_difference(landscape, journal):
    model = Oracle()
    one, other = Walk(executor(landscape, journal, model)), Walk(executor(landscape, journal, model))
    first = await one.walk(call("quote", base="EUR", target="USD"))
    again = await other.walk(call("quote", target="USD", base="EUR"))
    assert first == again
    assert len(model.asked) == 1


async def test_reads_change_no_answer_but_writes_may(landscape, journal):
    model = Oracle()
    path = Walk(executor(landscape, journal, model))
    first = await path.walk(call("quote", **EURO))
    await path.walk(call("list_notes"), call("quote", base="CHF"), call("nothing"))
    assert (await path.walk(call("quote", **EURO))).body == first.body
    settled = path.fork()
    await settled.walk(call("settle", amount=7))
    assert (await settled.walk(call("quote", **EURO))).body != first.body
    wiped = path.fork()
    await wiped.walk(call("wipe"))
    assert (await wiped.walk(call("quote", **EURO))).body != first.body
    made = path.fork()
    await made.walk(call("create_notes", title="x"))
    assert (await made.walk(call("quote", **EURO))).body != first.body
    assert (await path.walk(call("quote", **EURO))).body == first.body


async def test_the_world_and_the_model_belong_to_the_question(landscape, journal):
    one = Oracle()
    here = await Walk(executor(landscape, journal, one)).walk(call("quote", **EURO))
    elsewhere, other = Oracle(), Oracle()
    await Walk(executor(landscape, journal, elsewhere, seed=2)).walk(call("quote", **EURO))
    other.name = "another"
    await Walk(executor(landscape, journal, other)).walk(call("quote", **EURO))
    assert len(one.asked) == len(elsewhere.asked) == len(other.asked) == 1
    again = Oracle()
    assert await Walk(executor(landscape, journal, again)).walk(call("quote", **EURO)) == here
    assert again.asked == []


CALLS = (
    call("list_notes"),
    call("create_notes", title="x"),
    call("quote", base="EUR", target="USD"),
    call("quote", target="USD", base="EUR"),
    call("quote", base="CHF"),
    call("settle", amount=7),
    call("settle", amount=8),
    call("wipe"),
)


@given(st.lists(st.lists(st.integers(0, len(CALLS) - 1), min_size=1, max_size=6), min_size=2, max_size=5), st.randoms())
def test_branches_in_any_order_agree_and_replay_from_the_record_alone(landscape, tmp_path_factory, branches, luck):
    file = tmp_path_factory.mktemp("run") / "journal.db"

    async def explore() -> list[Walk]:
        with Journal(file) as journal:
            model = Oracle()
            first, second = (executor(landscape, journal, model) for _ in range(2))
            walked = [Walk(first) for _ in branches]
            steps = [place for place, branch in enumerate(branches) for _ in branch]
            luck.shuffle(steps)
            for place in steps:
                await walked[place].walk(CALLS[branches[place][len(walked[place].calls)]])
            asked = len(model.asked)
            for place in luck.sample(range(len(branches)), len(branches)):
                again = Walk(second)
                await again.walk(*(CALLS[one] for one in branches[place]))
                assert again.seen == walked[place].seen
            assert len(model.asked) == asked
            return walked

    walked = asyncio.run(explore())
    replayer = WorldReplayer(landscape, recorded_in(file, "oracle"))
    for path in walked:
        replay = replayer.replay(task(), path.calls)
        assert list(replay.observations) == path.seen
        assert replay.states[-1] == path.state.digest


@pytest.mark.parametrize(
    ("said", "attempts"),
    [
        ((VALID,), 1),
        ((f"```json\n{VALID}\n```",), 1),
        (("The rate is 1.5.", VALID), 2),
        (('{"rate": "high", "source": "ECB"}', '{"rate": -1, "source": "ECB"}', VALID), 3),
    ],
)
async def test_an_invalid_answer_is_asked_for_again_over_http(landscape, journal, said, attempts):
    model = ScriptedModel(tuple(Answer(content=one) for one in said))
    with serving(model) as url:
        async with EndpointModel("scripted", base_url=url) as endpoint:
            seen = await Walk(executor(landscape, journal, endpoint)).walk(call("quote", **EURO))
    assert (seen.source, seen.body) == ("simulated", orjson.loads(VALID))
    assert model.asked == attempts


@pytest.mark.parametrize(
    "said",
    [
        "no",
        "",
        "[" * 200 + "]" * 200,
        '{"rate": NaN, "source": "ECB"}',
        '{"rate": 1, "source": "ECB"} and more',
        '{"rate": 1, "source": "\\ud800xx"}',
        '{"rate": 1, "source": "ECB", "x": 1}',
    ],
)
async def test_what_is_never_valid_falls_back_to_what_the_world_makes_up_and_is_not_asked_again(
    landscape, journal, said
):
    model = ScriptedModel((Answer(content=said),) * 20)
    made_up = await Walk(MockExecutor(landscape, task())).walk(call("quote", **EURO))
    with serving(model) as url:
        async with EndpointModel("scripted", base_url=url) as endpoint:
            one = await Walk(executor(landscape, journal, endpoint)).walk(call("quote", **EURO))
            again = await Walk(executor(landscape, journal, endpoint)).walk(call("quote", **EURO))
    assert one == again == made_up
    assert one.source == "made_up"
    assert model.asked == ATTEMPTS


async def test_the_model_is_told_what_was_wrong(landscape, journal):
    class Stubborn(Oracle):
        async def chat(self, request):
            await super().chat(request)
            return ChatAnswer(content='{"rate": -1, "source": "ECB"}')

    model = Stubborn()
    await Walk(executor(landscape, journal, model)).walk(call("quote", **EURO))
    assert len(model.asked) == ATTEMPTS
    last = model.asked[-1].messages
    assert [message["role"] for message in last] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert "/rate" in last[-1]["content"]
    assert "minimum" in last[-1]["content"]


async def test_an_endpoint_that_fails_once_is_survived_and_one_that_is_gone_is_not(landscape, journal):
    class Failing(Oracle):
        error: Exception = EndpointError("too long")

        async def chat(self, request):
            raise self.error

    model = Failing()
    assert (await Walk(executor(landscape, journal, model)).walk(call("quote", **EURO))).source == "made_up"
    model.error = UnreachableError("gone")
    with pytest.raises(UnreachableError):
        await Walk(executor(landscape, journal, model)).walk(call("quote", base="CHF"))
    assert (await Walk(executor(landscape, journal)).walk(call("quote", base="CHF"))).source == "simulated"


async def test_a_replay_without_the_answer_says_so_and_asks_nobody(landscape, journal, tmp_path):
    path = Walk(executor(landscape, journal))
    await path.walk(call("quote", **EURO), call("quote", base="CHF"))
    replayer = WorldReplayer(landscape, recorded_in(tmp_path / "journal.db", "oracle"))
    replay = replayer.replay(task(), [call("quote", **EURO), call("quote", base="SEK")])
    assert replay.observations[0] == path.seen[0]
    assert replay.observations[1].status == "refused"
    assert "on record" in replay.observations[1].body["error"]["message"]
    with pytest.raises(RunError, match="journal is missing"):
        recorded_in(tmp_path / "elsewhere.db", "oracle")


async def test_a_damaged_record_is_named(landscape, journal, tmp_path):
    await Walk(executor(landscape, journal)).walk(call("quote", **EURO))
    journal._base.execute("UPDATE answers SET answer = X'00'")
    replayer = WorldReplayer(landscape, recorded_in(tmp_path / "journal.db", "oracle"))
    with pytest.raises(RunError, match=r"journal\.db.*damaged"):
        replayer.replay(task(), [call("quote", **EURO)])


async def test_faults_come_before_the_model(landscape, journal):
    model = Oracle()
    made = MockExecutor(landscape, task(faults="storm"), Simulator(model, journal))
    path = Walk(made)
    for number in range(120):
        await path.walk(call("quote", base=f"X{random.Random(number).randrange(40)}"))
    faulty = [seen for seen in path.seen if seen.fault and seen.fault.kind != "slow"]
    assert faulty
    assert all(seen.source != "simulated" for seen in faulty)
    slow = [seen for seen in path.seen if seen.fault and seen.fault.kind == "slow"]
    assert slow
    assert all(seen.source == "simulated" for seen in slow)
    replay = WorldReplayer(landscape, Simulator(model, journal).answers).replay(task(faults="storm"), path.calls)
    assert list(replay.observations) == path.seen


def test_reading_of_bodies():
    assert read_body(ChatAnswer(content=" 3 "), {"type": "integer"}) == (3, [])
    assert "cut off" in read_body(ChatAnswer(content='{"a', finish_reason="length"), {})[1][0]
