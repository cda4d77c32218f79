from draw import GRAPHS, PAGE, drawn


def test_the_pictures_are_as_the_code_has_them():
    page = PAGE.read_text("utf-8")
    assert page.count("```mermaid") == len(GRAPHS)
    assert drawn(page) == page, "run `make docs`"


def test_a_picture_that_differs_is_found():
    page = PAGE.read_text("utf-8")
    assert "\tpropose -.-> review;" in page
    assert drawn(page.replace("\tpropose -.-> review;", "\tpropose -.-> act;")) == page
