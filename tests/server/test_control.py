from drafts import openapi
from served import Serve

BOOK = {
    "title": "Dune",
    "author": "Frank Herbert",
    "isbn": "9780441013593",
    "genre": "science_fiction",
    "language": "en",
}


def test_the_state_is_shown(serve: Serve) -> None:
    client = serve("library")
    empty = client.get("/__toolbench/state").json()
    assert (empty["clock"], empty["seed"], empty["changes"]) == (0, 0, [])
    made = client.post("/books", json=BOOK).json()
    state = client.get("/__toolbench/state").json()
    (change,) = state["changes"]
    assert (change["kind"], change["key"], change["after"]["title"]) == ("created", str(made["id"]), "Dune")
    assert state["digest"] != empty["digest"]


def test_a_reset_leads_back_to_the_beginning(serve: Serve) -> None:
    client = serve("library")
    before = client.get("/books").json()
    client.post("/books", json=BOOK)
    assert client.get("/books").json() != before
    assert client.post("/__toolbench/reset").json()["clock"] == 0
    assert client.get("/books").json() == before
    other = client.post("/__toolbench/reset", json={"seed": 7}).json()
    assert other["seed"] == 7
    assert client.get("/books").json() != before
    client.post("/__toolbench/reset", json={"seed": 0})
    assert client.get("/books").json() == before


def test_a_snapshot_can_be_gone_back_to_any_time(serve: Serve) -> None:
    client = serve("library")
    client.post("/books", json=BOOK)
    kept = client.post("/__toolbench/snapshot").json()
    books = client.get("/books").json()
    client.post("/books", json={**BOOK, "isbn": "9780441013594"})
    client.post("/__toolbench/reset", json={"seed": 7})
    for _ in range(2):
        restored = client.post("/__toolbench/restore", json={"id": kept["id"]}).json()
        assert (restored["digest"], restored["seed"]) == (kept["digest"], 0)
        assert client.get("/books").json() == books
        client.post("/books", json={**BOOK, "isbn": "9780441013595"})
    assert client.post("/__toolbench/restore", json={"id": "none"}).status_code == 404


def test_equal_requests_lead_to_equal_states(serve: Serve) -> None:
    client = serve("library")
    digests: list[str] = []
    for _ in range(2):
        client.post("/__toolbench/reset")
        client.post("/books", json=BOOK)
        for _ in range(3):
            client.get("/books", params={"title": "Dune"})
        digests.append(client.get("/__toolbench/state").json()["digest"])
    assert digests[0] == digests[1]


def test_remembered_answers_leave_the_same_state_as_fresh_ones(serve: Serve) -> None:
    client = serve("library")
    client.get("/books")
    client.get("/books")
    remembered = client.get("/__toolbench/state").json()["digest"]
    client.post("/__toolbench/reset")
    client.get("/books")
    once = client.post("/__toolbench/snapshot").json()
    client.post("/__toolbench/restore", json={"id": once["id"]})
    client.get("/books")
    assert client.get("/__toolbench/state").json()["digest"] == remembered


def test_entities_are_shown(serve: Serve) -> None:
    client = serve("library")
    made = client.post("/books", json=BOOK).json()
    found = client.get("/__toolbench/entities", params={"resource": "library:/books"}).json()["entities"]
    assert [each["entity"]["title"] for each in found if each["key"] == [str(made["id"])]] == ["Dune"]
    assert len(found) == client.get("/books").json()["total"]
    unknown = client.get("/__toolbench/entities", params={"resource": "shelves"})
    assert unknown.status_code == 404
    assert "library:/books" in unknown.json()["error"]["message"]


def test_operations_are_shown(serve: Serve) -> None:
    operations = serve("library").get("/__toolbench/operations").json()["operations"]
    (found,) = [each for each in operations if each["tool"] == "library_getBook"]
    assert found == {
        "tool": "library_getBook",
        "method": "GET",
        "path": "/books/{bookId}",
        "role": "get",
        "resource": "library:/books",
        "confidence": found["confidence"],
    }
    assert 0 < found["confidence"] <= 1


def test_what_makes_no_sense_is_refused(serve: Serve) -> None:
    client = serve(openapi({}))
    assert client.get("/__toolbench/nothing").status_code == 404
    assert client.get("/__toolbench/reset").headers["allow"] == "POST, OPTIONS"
    assert client.post("/__toolbench/reset", json={"seed": "x"}).status_code == 422
    assert client.post("/__toolbench/reset", json=[]).status_code == 422
    assert client.post("/__toolbench/reset", content=b"{").status_code == 400
    assert client.get("/").status_code == 404
