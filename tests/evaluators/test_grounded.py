"""What an answer may say after a path has shown it, and what it may not."""

import pytest
from tiny_world import TOOLS

from evaluators.grounded import GroundedEvaluator
from toolbench.model import Call, Case, Node, Observation, Replay, Step, Task, Turn

USER = "Please list the open orders of Ada Lovelace due after 4 March 2026, at most 25, for the client 'Acme Tools'."
BODY = {
    "customer": {"first_name": "Grace", "last_name": "Hopper", "email": "grace@navy.example"},
    "orders": [
        {"id": "ord_8f3a", "status": "in_transit", "total": 12.5, "placed_at": "2026-03-09T14:30:00Z", "items": 3},
        {"id": "ord_9c1b", "status": "in_transit", "total": 1230, "placed_at": "2026-04-10T08:05:00Z", "items": 4},
        {"id": "ord_1d2e", "status": "placed", "total": 7.125, "placed_at": "2026-04-11T08:05:00Z", "items": 4},
    ],
    "remark": "Paid on 3 May.",
    "fee_cents": 1999,
    "rate": 0.25,
    "token": "01234567-aaaa-bbbb-cccc-ykzawrsxtnee",
    "contact": {"name": "Jean-Luc Picard", "phone": "555-1234", "site": "https://navy.example/orders/1"},
    "reviewer": {"name": "Katherine Johnson"},
}
ARGUMENTS = {"status": "open", "limit": 25, "page": 77}


def verdict(answer):
    call = Call(id="c1", tool="kv_list", arguments=ARGUMENTS)
    seen = Observation(call="c1", status="ok", http_status=200, body=BODY)
    path = (
        Node(id=0, parent=None, step=None, status="open", state="a"),
        Node(id=1, parent=0, step=Step(kind="call", calls=(call,), observations=(seen,)), status="open", state="b"),
        Node(id=2, parent=1, step=Step(kind="finish", text=answer), status="answered", state="b"),
    )
    task = Task(id="t1", kind="lookup", turns=(Turn(text=USER),), apis=("kv",), world_seed=0)
    return GroundedEvaluator().evaluate(Case(task, "r1", 2, path, TOOLS, Replay((), (), ())))


@pytest.mark.parametrize(
    "answer",
    [
        "Done.",
        "Order ord_8f3a costs $12.50 and is in transit.",
        "The status is \"in transit\" (`in_transit`), that of **ORD_9C1B** is 'placed'.",
        "There are 3 orders, 2 of them in transit; the largest is $1,230.00.",
        "Together they come to 1,242.50 for the first two, 1249.625 for all, with 11 items.",
        "The difference is 1217.5.",
        "That is 7.13 after rounding, or 7.1.",
        "The fee is $19.99, at a rate of 25%.",
        "It was placed on March 9, 2026 at 14:30, the last one on 11 April 2026 (April 11).",
        "It was placed at 2:30 PM on 2026-03-09.",
        "As you asked: after March 4, 2026, at most 25, in 2026.",
        "Ada Lovelace has none; ask Grace Hopper (grace@navy.example, 555-1234) or Jean-Luc Picard.",
        "Customer Grace Hopper is the one. Acme Tools is the client.",
        "See https://navy.example/orders/1.",
        "1. ord_8f3a\n2. ord_9c1b\n3) ord_1d2e\n- 12.5",
        "I took two steps on Tuesday.",
        "The remark is: Paid on 3 May.",
        "The 1st order is the cheapest.",
        "There are 4 items in the last one.",
        "There are 1999 fee cents to pay.",
        "I found 1999 as the fee in cents.",
        "The token is 01234567-aaaa-bbbb-cccc-ykzawrsxtnee.",
    ],
)
def test_traceable(answer):
    found = verdict(answer)
    assert found.label == "pass", found.reason


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ("It costs $13.40.", "number 13.4"),
        ("There are 5555 orders.", "number 5555"),
        ("There are 1999 orders.", "number 1999"),
        ("I found 1999 of them.", "number 1999"),
        ("That makes 12.75.", "number 12.75"),
        ("The page is 77.", "number 77"),
        ("It was placed on March 10, 2026.", "date march 10, 2026"),
        ("It was placed on May 9.", "date may 9"),
        ("It was placed at 15:30.", "time 15:30"),
        ("The order is ord_8f3b.", "'ord_8f3b'"),
        ('The status is "delivered".', "'delivered'"),
        ("You may ask Alan Turing.", "name Alan Turing"),
        ("Alan Turing knows.", "name Alan Turing"),
        ("Alan Mathison Turing knows.", "name Alan Mathison Turing"),
        ("You may ask Grace Johnson.", "name Grace Johnson"),
        ("Write to alan@navy.example.", "'alan@navy.example'"),
        ("See https://navy.example/orders/2.", "'https://navy.example/orders/2'"),
        ("Call 555-9999.", "'555-9999'"),
    ],
)
def test_untraceable(answer, named):
    found = verdict(answer)
    assert (found.label, found.kind) == ("fail", "ungrounded")
    assert named in found.reason


def test_the_reason_lists_the_first_few():
    reason = verdict("ord_a1 ord_a2 ord_a3 ord_a4 ord_a5 ord_a6 ord_a7").reason
    assert reason.endswith("'ord_a5' and 2 more")
