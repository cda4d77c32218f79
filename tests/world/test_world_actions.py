"""Verbs on entities: the states they lead to, what they leave behind, and choices of others' entities."""

from pathlib import Path
from typing import Any

import pytest
from world_calls import world as bundled
from world_shop import answer, body, collection, keys, ref, shop

from toolbench.world.answers import ApiError
from toolbench.world.conditions import check_transition
from toolbench.world.resources import Resource
from toolbench.world.world import World

STATES = ["placed", "paid", "shipped", "delivered", "cancelled"]
ORDER = {
    "type": "object",
    "required": ["id", "status", "currency", "total"],
    "properties": {
        "id": {"type": "string"},
        "status": {"type": "string", "enum": STATES},
        "currency": {"type": "string"},
        "total": {"type": "integer"},
        "locked": {"type": "boolean"},
        "paid_at": {"type": ["string", "null"], "format": "date-time"},
        "reminders_count": {"type": "integer"},
        "note": {"type": "string"},
    },
}
SHIPMENT = {
    "type": "object",
    "required": ["id", "order_id", "carrier"],
    "properties": {"id": {"type": "string"}, "order_id": {"type": "string"}, "carrier": {"type": "string"}},
}
REFUND = {
    "type": "object",
    "required": ["id", "order_id", "currency", "amount"],
    "properties": {
        "id": {"type": "string", "pattern": "^rfd_[0-9]{4}$"},
        "order_id": {"type": "string"},
        "currency": {"type": "string"},
        "amount": {"type": "integer"},
    },
}


def verb(name: str, shown: Any = None, sent: Any = None) -> Any:
    extra = {} if sent is None else body(sent)
    return {f"/orders/{{id}}/{name}": {"post": {"operationId": name, **extra, **answer(shown or ref("Order"))}}}


@pytest.fixture
def orders(tmp_path: Path) -> World:
    paths = {
        **collection("/orders", ref("Order")),
        **collection("/orders/{id}/shipments", ref("Shipment"), key="shipment_id"),
        **verb("pay"),
        **verb("cancel", sent={"type": "object", "properties": {"note": {"type": "string"}}}),
        **verb("lock"),
        **verb("unlock"),
        **verb("ship", ref("Shipment"), {"type": "object", "properties": {"carrier": {"type": "string"}}}),
        **verb("refund", ref("Refund"), {"type": "object", "properties": {"amount": {"type": "integer"}}}),
        **verb("ponder"),
    }
    return shop(tmp_path, paths, Order=ORDER, Shipment=SHIPMENT, Refund=REFUND)


def placed(world: World) -> tuple[str, Any]:
    sent = {"id": "o1", "status": "placed", "currency": "EUR", "total": 5}
    made = world.call("shop_create_orders", sent, world.initial)
    assert made.status == 201, made.body
    return "o1", made.state


def test_a_verb_leads_to_its_state_and_sets_its_time(orders: World) -> None:
    key, state = placed(orders)
    paid = orders.call("shop_pay", {"id": key}, state)
    assert (paid.body["status"], paid.body["paid_at"]) == ("paid", "2026-01-08T09:00:02Z")
    assert orders.call("shop_pay", {"id": key}, paid.state).status == 409
    assert orders.call("shop_get_orders", {"id": key}, paid.state).body == paid.body


def test_a_verb_takes_what_it_is_told(orders: World) -> None:
    key, state = placed(orders)
    assert orders.call("shop_cancel", {"id": key, "note": "Too late"}, state).body["note"] == "Too late"


def test_a_last_state_is_not_left(orders: World) -> None:
    key, state = placed(orders)
    gone = orders.call("shop_cancel", {"id": key}, state)
    late = orders.call("shop_pay", {"id": key}, gone.state)
    assert (late.status, orders.changes(late.state)) == (409, orders.changes(gone.state))
    assert "cancelled" in str(late.body)


def test_a_switch_is_switched_back(orders: World) -> None:
    key, state = placed(orders)
    locked = orders.call("shop_lock", {"id": key}, state)
    assert locked.body["locked"] is True
    assert orders.call("shop_unlock", {"id": key}, locked.state).body["locked"] is False


def test_an_action_leaves_a_thing_behind(orders: World) -> None:
    key, state = placed(orders)
    shipped = orders.call("shop_ship", {"id": key, "carrier": "DHL"}, state)
    assert (shipped.body["order_id"], shipped.body["carrier"]) == (key, "DHL")
    assert orders.call("shop_get_orders", {"id": key}, shipped.state).body["status"] == "shipped"
    assert orders.call("shop_list_orders_id_shipments", {"id": key}, shipped.state).body == [shipped.body]


def test_what_no_list_shows_is_kept_all_the_same(orders: World) -> None:
    key, state = placed(orders)
    refund = orders.call("shop_refund", {"id": key, "amount": 2}, state)
    assert (refund.body["order_id"], refund.body["amount"], refund.body["currency"]) == (key, 2, "EUR")
    made = [change for change in orders.changes(refund.state) if change.resource == "shop:/orders/{}/refund"]
    assert [change.after["amount"] for change in made] == [2]


def test_a_verb_nobody_understands_changes_nothing_and_is_not_trusted(orders: World) -> None:
    key, state = placed(orders)
    done = orders.call("shop_ponder", {"id": key}, state)
    assert (done.status, orders.changes(done.state)) == (200, orders.changes(state))
    assert done.confidence < 0.5


def test_nothing_is_done_to_what_is_not_there(orders: World) -> None:
    assert orders.call("shop_pay", {"id": "nothing"}, orders.initial).status == 404


@pytest.mark.parametrize(
    ("doing", "now", "then", "options", "allowed"),
    [
        ("pay", "placed", "paid", STATES, True),
        ("pay", "paid", "paid", STATES, False),
        ("pay", "shipped", "paid", STATES, False),
        ("pay", "delivered", "paid", STATES, False),
        ("reopen", "closed", "open", ["open", "closed"], True),
        ("unlock", "locked", "active", ["active", "locked"], True),
        ("activate", "suspended", "active", ["active", "suspended"], True),
        ("publish", "draft", "published", ["archived", "draft", "published"], True),
        ("pause", "running", "paused", ["paused", "running"], True),
        ("archive", "completed", "archived", ["open", "completed", "archived"], True),
        ("pay", None, "paid", STATES, True),
    ],
)
def test_transitions(doing: str, now: Any, then: str, options: list[str], allowed: bool) -> None:
    order = Resource("shop:/orders", "shop", "order", ("id",))
    if allowed:
        check_transition(order, doing, now, then, options)
    else:
        with pytest.raises(ApiError) as caught:
            check_transition(order, doing, now, then, options)
        assert caught.value.status == 409


def test_a_choice_of_others_entities(tmp_path: Path) -> None:
    album = {
        "type": "object",
        "required": ["id", "title"],
        "properties": {"id": {"type": "string"}, "title": {"type": "string"}},
    }
    spot = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    many = answer({"type": "array", "items": ref("Album")})
    paths = {
        "/albums": {"get": {"operationId": "albums", **many}},
        "/me/albums": {"get": {"operationId": "saved", **many}},
        "/me/albums/{id}": {
            "parameters": spot,
            "put": {"operationId": "save", **answer(None, "204")},
            "delete": {"operationId": "forget", **answer(None, "204")},
        },
    }
    world = shop(tmp_path, paths, Album=album)
    everything, saved = (world.call(f"shop_{name}", {}, world.initial).body for name in ("albums", "saved"))
    assert 0 < len(saved) < len(everything)
    assert all(each in everything for each in saved)
    other = next(each for each in everything if each not in saved)
    done = world.call("shop_save", {"id": other["id"]}, world.initial)
    assert other in world.call("shop_saved", {}, done.state).body
    undone = world.call("shop_forget", {"id": other["id"]}, done.state).state
    assert world.call("shop_albums", {}, undone).body == everything
    assert world.changes(undone) == ()
    assert world.call("shop_save", {"id": "nothing"}, world.initial).status == 404


def test_an_entity_is_named_without_what_it_is_in() -> None:
    world = bundled("banking")
    card = world.landscape.resources["banking:/accounts/{}/cards"]
    key = next(
        key
        for prefix in world.population.prefixes(card)
        for key in world.behaviour.keys(card, prefix, world.initial)
        if (world.entity(card, key, world.initial) or {})["status"] == "active"
    )
    frozen = world.call("banking_freeze_card", {"card_id": key[-1]}, world.initial)
    assert frozen.status == 200
    assert (world.entity(card, key, frozen.state) or {})["status"] == "frozen"
    assert keys(world, card.id, *key[:-1])


def test_a_path_of_one_field_sets_it_whatever_case_its_name_is_sent_in(tmp_path: Path) -> None:
    classes = ["STANDARD", "SINGLE"]
    channel = {
        "type": "object",
        "required": ["id", "ChannelClass"],
        "properties": {
            "id": {"type": "string"},
            "ChannelClass": {"type": "string", "enum": classes},
            "Note": {"type": "string"},
        },
    }
    sent = {"type": "object", "required": ["channelClass"], "properties": {"channelClass": {"enum": classes}}}
    put = {"operationId": "set_class", **body(sent), **answer(ref("Channel"))}
    spot = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {
        **collection("/channels", ref("Channel")),
        "/channels/{id}/channelClass": {"parameters": [spot], "put": put},
    }
    world = shop(tmp_path, paths, Channel=channel)
    key = next(iter(keys(world, "shop:/channels")))
    for wanted in (*classes, *classes):
        seen = world.call("shop_set_class", {"id": key, "channelClass": wanted}, world.initial)
        assert seen.status == 200
        shown = world.call("shop_get_channels", {"id": key}, seen.state).body
        assert shown["ChannelClass"] == wanted
