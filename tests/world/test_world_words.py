"""Words in identifiers: splitting, singular and plural, and the states verbs lead to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.world.lexicon import ascii_letters, by_name, email_of
from toolbench.world.nouns import noun, one, plural, resulting_states, same_name, singular, snake, undone, words

NOUNS = (
    "address box branch bus calendar category city class company copy country dish entry event glass hero invoice "
    "journey key library match member order policy price process query reply response status switch tax track watch"
).split()


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("orderItemId", "order item id"),
        ("order-item_id", "order item id"),
        ("XMLHttpRequest", "xml http request"),
        ("userID", "user id"),
        ("line1", "line1"),
        ("__meta__", "meta"),
        ("", ""),
    ],
)
def test_identifiers_are_split_into_words(identifier: str, parts: str) -> None:
    assert words(identifier) == tuple(parts.split())


@given(st.lists(st.text("abcdefghij", min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_case_of_an_identifier_says_nothing(parts: list[str]) -> None:
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    assert words("_".join(parts)) == words("-".join(parts)) == tuple(parts)
    assert same_name("_".join(parts), "-".join(parts))
    assert snake("-".join(parts)) == "_".join(parts)
    if all(len(part) > 1 for part in parts):
        assert same_name(camel, "_".join(parts))


@pytest.mark.parametrize("word", NOUNS)
def test_singular_and_plural_lead_back(word: str) -> None:
    assert singular(word) == word
    assert singular(plural(word)) == word


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("people", "person"),
        ("children", "child"),
        ("addresses", "address"),
        ("policies", "policy"),
        ("analyses", "analysis"),
        ("movies", "movie"),
        ("news", "news"),
        ("gas", "gas"),
        ("sizes", "size"),
        ("quizzes", "quiz"),
        ("warehouses", "warehouse"),
        ("statuses", "status"),
    ],
)
def test_irregular_nouns(many: str, one: str) -> None:
    assert singular(many) == one


def test_the_last_word_of_a_phrase_counts() -> None:
    assert noun("lineItems") == "line item"
    assert noun("access-policies") == "access policy"
    assert noun("") == ""
    assert plural("line item") == "line items"


def test_articles() -> None:
    assert [one(phrase) for phrase in ("order", "invoice", "user", "line item")] == [
        "An order",
        "An invoice",
        "A user",
        "A line item",
    ]


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("cancel", "cancelled"),
        ("cancel", "canceled"),
        ("pay", "paid"),
        ("ship", "shipped"),
        ("check-in", "checked_in"),
        ("checkOut", "checked_out"),
        ("archive", "archived"),
        ("copy", "copied"),
        ("start", "in_progress"),
        ("finish", "done"),
    ],
)
def test_a_verb_leads_to_a_state(verb: str, state: str) -> None:
    assert state in resulting_states(verb)


def test_some_verbs_undo_others() -> None:
    assert (undone("unlock"), undone("disable"), undone("lock")) == ("lock", "enable", "")


def test_names_agree_with_e_mail_addresses() -> None:
    assert email_of("Björn Álvarez") == "bjorn.alvarez@example.com"
    assert ascii_letters("Kraków") == "krakow"
    assert by_name("zzz", "") is None
