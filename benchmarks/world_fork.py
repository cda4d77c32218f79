"""The cost of a call on a fork of a world, by how many entities were created in it.

    python benchmarks/world_fork.py [MANY] [FEW]

A world of many customers and one of few are made by calls to the same operation. Then each operation is called on
forks of both in turn: keep the state, call, take the digest of the state after it. Times are medians in microseconds
of processor time. Customers have a unique field; `refer` makes a deal that refers to one of them. A list is looked
through whole, so it is told apart: it may take as long as it is.
"""

import statistics
import sys
import time
from pathlib import Path

from toolbench.model import JsonObject
from toolbench.specs import read_api
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

SPEC = Path(__file__).parent.parent / "api_specs" / "crm.yaml"
TIMES = 200


def customer(number: int) -> JsonObject:
    return {"first_name": "Ada", "last_name": "Lovelace", "email": f"u{number}@example.com"}


def filled(world: World, count: int) -> WorldState:
    state = world.initial
    for number in range(count):
        response = world.call("crm_createCustomer", customer(number), state)
        if response.status >= 300:
            sys.exit(f"a customer answers {response.status}: {response.body}")
        state = response.state
    return state


def calls(world: World, state: WorldState) -> dict[str, tuple[str, JsonObject]]:
    """Return the calls that are measured; the customer in question is the last one made."""
    last = world.behaviour.keys(world.landscape.resources["crm:/customers"], (), state)[-1][-1]
    named: JsonObject = {"customer_id": last}
    return {
        "get": ("crm_getCustomer", named),
        "create": ("crm_createCustomer", customer(state.serial + 1)),
        "update": ("crm_updateCustomer", {"email": "another@example.com", **named}),
        "delete": ("crm_deleteCustomer", named),
        "refer": ("crm_createDeal", {"title": "Renewal", "amount": {"amount": 1200, "currency": "EUR"}, **named}),
        "list": ("crm_listCustomers", {}),
    }


def once(world: World, call: tuple[str, JsonObject], state: WorldState) -> float:
    """Return the microseconds of a fork, a call and a digest."""
    started = time.process_time()
    fork = state
    response = world.call(*call, fork)
    made = response.state.digest
    spent = time.process_time() - started
    if response.status >= 300 or made == state.digest:
        sys.exit(f"{call[0]} answers {response.status}: {response.body}")
    return spent * 1e6


def main() -> None:
    many, few = (int(sys.argv[place]) if len(sys.argv) > place else usual for place, usual in ((1, 10_000), (2, 100)))
    world = World(Landscape([read_api(SPEC)]), 0)
    states = {count: filled(world, count) for count in (few, many)}
    asked = {count: calls(world, state) for count, state in states.items()}
    print(f"fork + call + digest, microseconds in a world of {few:,} and of {many:,} created customers")
    for name in asked[few]:
        spent = {count: [] for count in states}
        for _ in range(TIMES if name != "list" else 10):
            for count, state in states.items():
                spent[count].append(once(world, asked[count][name], state))
        small, large = (statistics.median(spent[count]) for count in (few, many))
        print(f"{name:8} {small:10,.0f} {large:10,.0f} {large / small:8.2f} times")


if __name__ == "__main__":
    main()
