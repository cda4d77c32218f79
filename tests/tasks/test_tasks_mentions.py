"""What the user says of a thing is true of no other thing in the list it is found in."""

import pytest
from tasks.samples import APIS, at, heard, landscape, replayed, tasks

from toolbench.model import Call
from toolbench.model.wording import as_moment, mentions


def whole_list(task, gold, item):
    """Return what a list shows without filters on what it shows: where it is and what it must be asked stays."""
    (api,) = task.apis
    tool = landscape(api).tool(gold.call.tool)
    inside = {argument.name for argument in tool.binding.arguments if argument.location == "path"}
    kept = {name: value for name, value in gold.call.arguments.items() if name in inside}
    needed = set(tool.parameters.get("required", ()))
    kept |= {name: value for name, value in gold.call.arguments.items() if name in needed or name not in item}
    seen = replayed(task, [Call(id="all", tool=gold.call.tool, arguments=kept)]).observations[0]
    return seen.body if seen.status == "ok" else None


def values(item):
    """Yield what an item shows, one level deep: place and value, of moments the day too."""
    for name, value in item.items():
        held = {f"{name}/{inner}": deep for inner, deep in value.items()} if isinstance(value, dict) else {name: value}
        for place, one in held.items():
            if isinstance(one, str | int | float) and not isinstance(one, bool) and one != "":
                yield place, one[:10] if isinstance(one, str) and as_moment(one) else one


def is_ambiguous(text, item, others):
    said = [(place, value) for place, value in values(item) if mentions(text, value)]
    return any(all((place, value) in set(values(other)) for place, value in said) for other in others)


@pytest.mark.parametrize("api", APIS)
def test_what_is_said_fits_one_thing_only(api):
    checked = 0
    for task in tasks(api, 30):
        by_id = {gold.call.id: gold for gold in task.gold}
        bodies = {seen.call: seen.body for seen in replayed(task).observations}
        for gold in task.gold:
            for origin in gold.origins:
                parts = origin.source.split("/")
                index = next((place for place, part in enumerate(parts) if part.isdigit()), None)
                if origin.kind != "observed" or index is None:
                    continue
                outer, inner = "/".join(parts[:index]), "".join(f"/{part}" for part in parts[index + 1 :])
                item = at(bodies[origin.call], f"{outer}/{parts[index]}")
                body = whole_list(task, by_id[origin.call], item)
                items = at(body, outer) if body is not None else at(bodies[origin.call], outer)
                others = [one for one in items if at(one, inner) != at(item, inner)]
                assert not is_ambiguous(heard(task), item, others), task.turns[0].text
                checked += 1
    assert checked > 10
