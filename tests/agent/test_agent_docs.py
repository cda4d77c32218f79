from draw import GRAPHS, PAGE, drawn


def test_the_pictures_are_as_the_code_has_them():
    page = PAGE.read_text("utf-8")
    assert page.count("```mermaid") == len(GRAPHS)
    assert drawn(page) == page, "run `make docs`"


def test_a_picture_that_differs_is_found():
    page = PAGE.read_text("utf-8")
    edited = page.replace("propose", "ponder", 1).replace("\tpropose", "\tponder", 1)
    assert drawn(edited) != edited
