import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.server.paths import Paths


def tree(*templates: str) -> Paths[str]:
    paths: Paths[str] = Paths()
    for template in templates:
        paths.put(template, template)
    return paths


TREE = tree(
    "/books",
    "/books/{id}",
    "/books/new",
    "/books/{id}/copies",
    "/books/{id}.json",
    "/books/{id}:lend",
    "/{kind}/{id}/notes",
    "/django/{id}/",
    "/tiles/{z}/{x},{y}.{format}",
    "/a b",
    "/",
)


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/books", "/books", ()),
        ("/books/new", "/books/new", ()),
        ("/books/newer", "/books/{id}", ("newer",)),
        ("/books/5.json", "/books/{id}.json", ("5",)),
        ("/books/a.json.json", "/books/{id}.json", ("a.json",)),
        ("/books/5:lend", "/books/{id}:lend", ("5",)),
        ("/books/5:give", "/books/{id}", ("5:give",)),
        ("/books/5/copies", "/books/{id}/copies", ("5",)),
        # The static segment leads nowhere here, so the parameter is tried after all.
        ("/books/new/copies", "/books/{id}/copies", ("new",)),
        ("/books/5/notes", "/{kind}/{id}/notes", ("books", "5")),
        ("/books/a%2Fb", "/books/{id}", ("a%2Fb",)),
        ("/tiles/1/2,3.png", "/tiles/{z}/{x},{y}.{format}", ("1", "2", "3", "png")),
        ("/books/", "/books", ()),
        ("/django/5/", "/django/{id}/", ("5",)),
        ("/django/5", "/django/{id}/", ("5",)),
        ("/a%20b", "/a b", ()),
        ("/%62ooks", "/books", ()),
        ("/", "/", ()),
        ("", "/", ()),
    ],
)
def test_finds_the_most_literal_template(path: str, template: str, values: tuple[str, ...]) -> None:
    found = TREE.find(path)
    assert found
    assert (found.things, found.values) == ([template], values)


@pytest.mark.parametrize(
    "path", ["/book", "/books//copies", "/books/5/copies/6", "/books//", "/django/", "/tiles/1/2.png"]
)
def test_finds_nothing_elsewhere(path: str) -> None:
    assert TREE.find(path) is None


def test_names_of_parameters_do_not_matter() -> None:
    found = tree("/a/{x}", "/a/{y}", "/a/{x}.json", "/a/{y}.json").find("/a/1.json")
    assert found
    assert found.things == ["/a/{x}.json", "/a/{y}.json"]


SEGMENTS = st.lists(st.sampled_from(["a", "b", "{x}", "{x}.json", "c:{x}"]), min_size=1, max_size=4)


@given(st.lists(SEGMENTS, min_size=1, max_size=6), st.lists(st.text("abc.:json", min_size=1), min_size=1, max_size=4))
def test_agrees_with_trying_each_template(templates: list[list[str]], path: list[str]) -> None:
    paths = tree(*("/" + "/".join(template) for template in templates))
    found = paths.find("/" + "/".join(path))
    fitting = ["/" + "/".join(each) for each in templates if _fits(each, path)]
    assert (found is None) == (not fitting)
    if found:
        assert set(found.things) <= set(fitting)
        assert _literal(found.things[0]) >= max(map(_literal, fitting))


def _literal(template: str) -> tuple[bool, ...]:
    """Return which segments are static: the first ones weigh most."""
    return tuple("{" not in segment for segment in template.split("/"))


def _fits(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(map(_segment_fits, template, path))


def _segment_fits(template: str, segment: str) -> bool:
    head, brace, tail = template.partition("{x}")
    if not brace:
        return template == segment
    return segment.startswith(head) and segment.endswith(tail) and len(segment) > len(head) + len(tail)
