from toolbench.model import Call, Node, Observation, Replay, Step
from toolbench.model.refusals import replayed


def observed(call, source="mock", status="ok"):
    return Observation(call=call.id, status=status, source=source)


def path(*steps):
    """A path whose steps are tuples of (call, observation)."""
    nodes = [Node(id=0, parent=None, step=None, status="open", state="0")]
    for place, pairs in enumerate(steps, 1):
        calls, seen = zip(*pairs, strict=True)
        step = Step(kind="call", calls=calls, observations=seen)
        nodes.append(Node(id=place, parent=place - 1, step=step, status="open", state=""))
    return nodes


def counting(calls):
    """A world whose state is how many calls were made."""
    states = tuple(str(made) for made in range(len(calls) + 1))
    return Replay(tuple(map(observed, calls)), states, (), (True,) * len(calls))


CALLS = [Call(id=f"c{place}", tool="t", arguments={}) for place in range(4)]


def test_what_was_refused_is_not_executed_and_stands_as_it_is():
    no = [observed(call, "person", "refused") for call in CALLS]
    steps = path([(CALLS[0], no[0])], [(CALLS[1], observed(CALLS[1]))], [(CALLS[2], no[2]), (CALLS[3], no[3])])
    replay = replayed(steps, counting)
    assert replay.observations == (no[0], observed(CALLS[1]), no[2], no[3])
    assert replay.states == ("0", "0", "1", "1", "1")
    assert replay.wrote == (False, True, False, False)


def test_a_result_that_claims_to_be_a_persons_is_executed():
    steps = path([(CALLS[0], observed(CALLS[0], "person"))])
    assert replayed(steps, counting) == counting(CALLS[:1])


def test_a_call_without_observation_is_executed():
    node = Node(id=1, parent=0, step=Step(kind="call", calls=(CALLS[0],)), status="open", state="")
    assert replayed([*path(), node], counting) == counting(CALLS[:1])
