"""Texts that say the same again."""

from hypothesis import given
from hypothesis import strategies as st

from toolbench.curation.duplicates import SameTexts

WORDS = st.lists(st.sampled_from("red blue green house river stone".split()), min_size=1, max_size=14)


def jaccard(one: list[str], other: list[str]) -> float:
    def grams(words: list[str]) -> set[tuple[str, ...]]:
        return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}

    return len(grams(one) & grams(other)) / len(grams(one) | grams(other))


@given(WORDS, WORDS, st.sampled_from([0.3, 0.6, 0.8, 1.0]))
def test_the_later_of_two_goes_where_they_are_as_alike_as_that(one: list[str], other: list[str], least: float):
    same = SameTexts(least)
    assert same.add("first", " ".join(one)) is None
    found = same.add("second", ", ".join(other).upper() + "?")
    if one == other:
        assert found is not None
        assert (found.kind, found.of, found.similarity) == ("duplicate", "first", 1.0)
    elif jaccard(one, other) >= least:
        assert found is not None
        assert (found.kind, found.of) == ("near_duplicate", "first")
    else:
        assert found is None
