"""The phrases that instructions and answers are made of."""

import random

import pytest

from toolbench.model.wording import mentions
from toolbench.tasks.english import article, is_adjective, is_participle, is_plural, listed, participle, plural
from toolbench.tasks.fields import aimed, asked, be, described, label_of, quoted, reference_label, wished
from toolbench.tasks.instructions import answer, instruction, verb_phrases
from toolbench.tasks.naming import Trait, telling, thing, traits
from toolbench.tasks.phrases import Detail, Intent, Mention

DAY, MOMENT = "2026-03-04", "2026-03-04T14:30:00Z"


@pytest.mark.parametrize(
    ("verb", "done"),
    [
        ("freeze", "frozen"), ("unfreeze", "unfrozen"), ("cancel", "cancelled"), ("ship", "shipped"),
        ("renew", "renewed"), ("pay", "paid"), ("reply", "replied"), ("open", "opened"), ("deliver", "delivered"),
        ("archive", "archived"), ("resubmit", "resubmitted"), ("unpin", "unpinned"), ("lock", "locked"),
        ("reset", "reset"), ("play", "played"), ("fix", "fixed"), ("visit", "visited"), ("plan", "planned"),
    ],
)  # fmt: skip
def test_participles(verb, done):
    assert participle(verb) == done
    assert is_participle(done) or done == "reset"


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("order", "orders"), ("company", "companies"), ("status", "statuses"), ("analysis", "analyses"),
        ("code of conduct", "codes of conduct"), ("line item", "line items"), ("person", "people"),
        ("metadata", "metadata records"), ("branch", "branches"), ("day", "days"),
    ],
)  # fmt: skip
def test_plurals(one, many):
    assert plural(one) == many


def test_small_words():
    assert [article(word) for word in ("order", "booking", "user", "SKU")] == [
        "an order",
        "a booking",
        "a user",
        "a SKU",
    ]
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert [is_plural(word) for word in ("guests", "status", "address", "people", "alias")] == [
        True, False, False, True, False,
    ]  # fmt: skip
    assert [is_adjective(text) for text in ("frozen", "checked out", "pending", "new", "Gentle river")] == [
        True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "value", "ask", "describe", "wish"),
    [
        (["opened_on"], DAY, "opening date", "opened on March 4, 2026", "opened on March 4, 2026"),
        (["createdAt"], MOMENT, "creation time", None, None),
        (["starts_at"], MOMENT, "start time", None, "starting on March 4, 2026 at 14:30"),
        (["due_date"], DAY, "due date", "due on March 4, 2026", "due on March 4, 2026"),
        (["birth_date"], DAY, "birth date", "born on March 4, 2026", "birth date March 4, 2026"),
        (["first_payment_on"], DAY, "first payment date", "with the first payment date March 4, 2026", None),
        (["expected_close_date"], DAY, "expected close date", "with the expected close date March 4, 2026", None),
        (["last_four"], "7735", "last four digits", "ending in 7735", None),
        (["capacity"], 20, "capacity", "with a capacity of 20", "capacity 20"),
        (["track_count"], 22, "number of tracks", "with 22 tracks", "22 tracks"),
        (["story_points"], 3, "number of story points", "with 3 story points", "3 story points"),
        (["copies_total"], 3, "total number of copies", "with 3 copies in total", "3 copies in total"),
        (["copies_available"], 4, "number of copies available", "with 4 copies available", None),
        (["max_guests"], 2, "maximum number of guests", "with at most 2 guests", "at most 2 guests"),
        (["duration_minutes"], 50, "duration in minutes", "with a duration of 50 minutes", "a duration of 50 minutes"),
        (["logged_minutes"], 5, "number of logged minutes", "with 5 logged minutes", None),
        (["total_private_repos"], 5, "total number of private repos", None, None),
        (["days_until_due"], 22, "days until due", "with 22 days until due", None),
        (["limits", "daily"], 5, "daily limit", "with a daily limit of 5", "daily limit 5"),
        (["metadata", "name"], "web", "name", None, 'name "web"'),
        (["owner_email"], "a.b@example.com", "owner email", "owned by a.b@example.com", "owner email a.b@example.com"),
        (["requester_name"], "Leila Amari", "requester name", "from Leila Amari", 'requester name "Leila Amari"'),
        (["type"], "follow_up", "type", 'of type "follow up"', 'type "follow up"'),
        (["city"], "Porto", "city", "in Porto", "city Porto"),
        (["optional"], True, "optional", None, "optional set to yes"),
        (["notify_customer"], False, "notify customer", None, '"notify customer" set to no'),
        (["customer_id"], "c_1", "customer ID", None, "customer ID c_1"),
        (["address", "street2"], "3rd floor", "address street 2", None, None),
        (["tags"], ["login", "vat code"], "tags", None, 'tags login and "vat code"'),
    ],
)  # fmt: skip
def test_fields(names, value, ask, describe, wish):
    label = label_of(names)
    assert asked(label, value) == ask
    assert describe is None or described(label, value) == describe
    assert wish is None or wished(label, value) == wish
    for said in (describe, wish):
        assert said is None or isinstance(value, list) or mentions(said, value)


def test_fields_to_change():
    assert aimed("price", 5) == "the price"
    assert aimed("is active", True) == "active"
    assert aimed("guests", 2) == "the number of guests"
    assert [be(name) for name in ("notes", "number of notes", "status", "last four digits")] == [
        "are",
        "is",
        "is",
        "are",
    ]
    assert [quoted(value) for value in ("in_transit", "ups", "+1 202", "Rua das Flores", 5)] == [
        '"in transit"', "ups", "+1 202", '"Rua das Flores"', "5",
    ]  # fmt: skip
    assert [reference_label(name) for name in ("assignee_id", "from_account_id", "project_key", "customer")] == [
        "assignee", "source account", "project", "customer",
    ]  # fmt: skip


def test_what_is_done_with_things():
    said = {verb: verb_phrases(verb, "the task")[1] for verb in ("check_in", "lose", "comments", "assignee", "contact")}
    assert said == {
        "check_in": "checked in the task",
        "lose": "marked the task as lost",
        "comments": "added a comment to the task",
        "assignee": "set the assignee of the task",
        "contact": "contacted the task",
    }


def test_things_are_called_by_words():
    nouns = ("line item", "repo", "pull", "codes of conduct", "environment name", "statuse")
    assert [thing(noun) for noun in nouns] == [
        "line item", "repository", "pull request", "code of conduct", "environment", "status",
    ]  # fmt: skip
    assert [thing(noun) for noun in ("v1", "starred", "latest", "k8s io", "")] == ["", "", "", "", ""]


def test_what_nobody_says_is_no_trait():
    entity = {
        "id": "o1", "url": "https://x.example", "sha": "00ff", "created": 1_735_689_600, "starred_at": "Bold kite",
        "name": "Anna", "token": "abc", "note": "x" * 80,
    }  # fmt: skip
    assert [trait.label for trait in traits(entity)] == ["name"]


BOOKS = [
    {"title": "Dune", "genre": "fantasy", "year": 1965},
    {"title": "Dune", "genre": "history", "year": 1965},
    {"title": "Emma", "genre": "fantasy", "year": 1815},
]


def test_few_traits_tell_a_thing_and_its_name_is_among_them():
    def told(book):
        found = telling(traits(book), [other for other in BOOKS if other is not book])
        return [trait.value for trait in found or ()]

    assert told(BOOKS[0]) == ["Dune", "fantasy"]
    assert told(BOOKS[2]) == ["Emma"]
    assert telling(traits(BOOKS[0]), [dict(BOOKS[0])]) is None
    # The same words in another field may be what is meant.
    assert telling(traits({"city": "Porto", "title": "A"}), [{"home": "Porto", "title": "A"}]) is None


def trait(label, value):
    return Trait(f"/{label.replace(' ', '_')}", label, value)


ACCOUNT = Mention("account", (trait("nickname", "Travel fund"),))
CARD = Mention("card", (trait("status", "frozen"), trait("holder name", "Arjun Patel")), ACCOUNT)


def test_mentions_of_things():
    assert CARD.text() == 'the frozen card held by Arjun Patel of the account "Travel fund"'
    assert (
        Mention("customer", (trait("last name", "Nowak"), trait("first name", "Ada"))).text()
        == "the customer Ada Nowak"
    )
    placed = (trait("status", "placed"), trait("placed at", MOMENT))
    assert Mention("order", placed).text() == "the order placed on March 4, 2026"
    assert Mention("track", (), Mention("playlist")).text() == "the track in the playlist"
    assert Mention("me").text() == "my profile"
    assert Mention("order", (trait("status", "paid"),)).many() == "paid orders"


def instructions(*intents):
    return {instruction(intents, random.Random(seed)) for seed in range(200)}


def test_instructions_vary_and_keep_what_is_asked():
    said = instructions(Intent("update", CARD, (Detail("daily limit", 20), Detail("label", "Trips"))))
    assert len(said) > 40
    assert all(mentions(text, 20) and mentions(text, "Trips") and "Arjun Patel" in text for text in said)
    assert any(text.startswith("Please") for text in said)
    assert any(text[0].islower() for text in said)


def test_what_was_spoken_of_is_called_that_thing():
    freeze = Intent("action", CARD, verb="freeze")
    said = instructions(freeze, Intent("delete", CARD))
    assert all(text.count("Arjun Patel") == 1 and "that card" in text for text in said)
    said = instructions(freeze, Intent("count", Mention("card", (), ACCOUNT)))
    assert all(text.count("Travel fund") == 1 and "that account" in text for text in said)


@pytest.mark.parametrize(
    ("verb", "wanted", "done"),
    [
        ("check-in", "check in the order", "checked in the order"),
        ("ship", "ship the order", "shipped the order"),
        ("win", "mark the order as won", "marked the order as won"),
        ("respond", "respond to the order", "responded to the order"),
        ("notes", "add a note to the order", "added a note to the order"),
        ("eviction", "add an eviction to the order", "added an eviction to the order"),
    ],
)
def test_verbs(verb, wanted, done):
    intent = Intent("action", Mention("order"), verb=verb)
    assert all(wanted in text.lower() for text in instructions(intent))
    assert done in answer([intent], [()], random.Random(0))


def test_answers_say_again_what_was_wanted():
    r = random.Random(0)
    created = Intent("create", Mention("note", (), ACCOUNT), (Detail("text", "Call back."),))
    assert 'note for the account "Travel fund": text "Call back."' in answer([created], [()], r)
    one = Intent("get", CARD, (), ("number of limits",))
    assert {answer([one], [(5,)], random.Random(seed)) for seed in range(9)} == {
        f"The number of limits of {CARD.text()} is 5.",
        f"For {CARD.text()}, the number of limits is 5.",
    }
    count = Intent("count", Mention("card", (trait("status", "frozen"),), ACCOUNT), (), ("number of frozen cards",))
    assert "1 frozen card for the account" in answer([count], [(1,)], r)
    removed = Intent("remove", Mention("track", (trait("title", "Rain"),), Mention("playlist")))
    assert answer([created, removed], [(), ()], r).endswith('I have removed the track "Rain" from the playlist.')
    assert answer([Intent("get", Mention("me"), (), ("email",))], [("a@example.com",)], r) in (
        "The email of your profile is a@example.com.",
        "For your profile, the email is a@example.com.",
    )
