"""The vocabulary: inflected forms belong to it, others do not; readability goes by known figures."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.create._readability import measure, syllables
from toolbench.create._vocabulary import parsed, simple

WORDS = sorted(word for words in simple().kinds.values() for word in words)


def test_the_built_in_vocabulary_is_as_large_as_it_says():
    assert 1300 <= simple().size <= 1600


@pytest.mark.parametrize(
    "form",
    "puppies boxes potatoes stopped running begging dancing tried carried happily biggest happier mice's geese went "
    "children didn't won\u2019t can't they'll Lily's I'm lying bluer sadly gently named tea-time played shoes".split(),
)
def test_forms_of_its_words_belong_to_it(form):
    assert simple().holds(form)


@pytest.mark.parametrize("form", "philosophical runned-quantum catly goed xs algorithm tablet metaphysics".split())
def test_others_do_not(form):
    assert not simple().holds(form)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.integers(0, 11))
def test_a_text_of_its_words_is_within_it_and_one_other_word_is_found(words, at):
    text = " ".join(words)
    assert simple().strangers(text) == []
    assert simple().missing(text, words) == []
    place = at % len(words)
    changed = " ".join([*words[:place], "zyzzyva", *words[place:]])
    assert simple().strangers(changed) == ["zyzzyva"]


def test_ones_own_words_may_be_bare_or_of_a_kind():
    own = parsed("# mine\n[verbs]\nglorp fly\n[nouns]\nblick\n[irregular]\nfly flew\n")
    assert own.size == 3
    assert own.strangers("Blicks glorped and flew; he is glorping blicked") == ["and", "he", "is", "blicked"]
    assert parsed("blick glorp").strangers("blicks blicked glorpest") == []


def test_syllables_and_the_grade_are_as_one_counts_them():
    counts = {"cat": 1, "table": 2, "jumped": 1, "wanted": 2, "beautiful": 3, "make": 1, "houses": 2, "the": 1}
    assert {word: syllables(word) for word in counts} == counts
    simple_text = measure("The cat sat. The dog ran.")
    assert (simple_text.words, simple_text.per_sentence, simple_text.per_word) == (6, 3, 1)
    assert simple_text.grade == pytest.approx(0.39 * 3 + 11.8 - 15.59)
    assert 1 <= simple_text.difficulty < measure("Extraordinarily complicated deliberations " * 20).difficulty <= 5
    assert measure("").difficulty == 1
