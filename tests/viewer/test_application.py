"""The viewer's answers: what is shown, what is refused, and what is on every one of them."""

import html
import re

import orjson
import pytest
from evil_run import EVIL, evil_run
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tiny_world import TinyReplayer, make_run, make_task, solve

from toolbench.pipeline.evaluate import evaluate
from toolbench.viewer.application import application
from toolbench.viewer.filters import PAGE

HERE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    evaluate(evil_run(folder / "evil"), TinyReplayer())
    tasks = [make_task(seed) for seed in range(5)]
    traces = [solve(task)[0].trace(5, sample=sample) for task in tasks for sample in range(25)]
    evaluate(make_run(folder / "nested" / "many", traces, tasks), TinyReplayer())
    (folder / "secret.txt").write_text("secret")
    (folder / "broken").mkdir()
    (folder / "broken" / "run.yaml").write_text("model: planner")
    (folder / "broken" / "traces.jsonl").write_text("{}\n")
    return folder


@pytest.fixture(scope="module")
def client(folder):
    return TestClient(application(folder), base_url=HERE)


def ids(page):
    return re.findall(r'href="/trace\?[^"]*id=(\w+)', page)


def test_the_list_of_runs(client, folder):
    client.get("/traces", params={"run": "nested/many"})
    page = client.get("/").text
    for name in ("evil", "nested/many", "broken"):
        assert f'value="{name}"' in page
    assert "125 traces" in page
    assert "secret" not in page


def test_pages_hold_all_traces_once(client):
    found = []
    for number in (1, 2, 3):
        page = client.get("/traces", params={"run": "nested/many", "page": number}).text
        found += ids(page)
        assert f"Page {number} of 3" in page
    assert len(found) == len(set(found)) == 125
    assert len(ids(client.get("/traces", params={"run": "nested/many", "page": 99}).text)) == 125 - 2 * PAGE


def test_a_trace_and_its_neighbours(client):
    first, second, *_ = ids(client.get("/traces", params={"run": "nested/many"}).text)
    page = client.get("/trace", params={"run": "nested/many", "id": first}).text
    assert "1 of 125" in page
    assert f"id={second}" in page
    assert "The sum is" in page
    record = client.get("/trace.json", params={"run": "nested/many", "id": first})
    assert record.headers["content-type"] == "application/json"
    assert orjson.loads(record.content)["id"] == first


def test_a_dead_branch_can_be_read(client):
    trace = ids(client.get("/traces", params={"run": "evil", "fate": "failed"}).text or "")
    trace = trace or ids(client.get("/traces", params={"run": "evil"}).text)
    best = client.get("/trace", params={"run": "evil", "id": trace[0]}).text
    leaf = re.search(r"leaf=(\d+)(?![^>]*aria-current)[^>]*>✕", best)[1]
    dead = client.get("/trace", params={"run": "evil", "id": trace[0], "leaf": leaf}).text
    assert dead.partition("Search tree</h4>")[0] != best.partition("Search tree</h4>")[0]


@pytest.mark.parametrize("at", ["/", "/traces?run=evil", "/report?run=evil", "/compare?run=evil&run=nested/many"])
def test_a_script_stays_text(client, at):
    page = client.get(at).text
    assert page.count("<script") == 1
    assert "evil.example" not in page or html.escape(EVIL, quote=False) in page.replace("&#34;", '"')


def test_every_answer_lets_nothing_else_in(client):
    for at in ("/", "/nowhere", "/traces?run=evil", "/trace.json?run=evil&id=x"):
        headers = client.get(at).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:4020", ""])
def test_other_names_for_this_machine_are_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(client, method):
    assert client.request(method, "/traces?run=evil").status_code == 405


@pytest.mark.parametrize("name", ["", "../evil", "evil/../evil", "/etc", "..", "secret.txt", "nested", "evil\x00"])
def test_only_runs_of_the_folder_are_known(client, name):
    for at in ("/traces", "/trace", "/trace.json", "/report"):
        answer = client.get(at, params={"run": name, "id": "x"})
        assert answer.status_code == 404
        assert "secret" not in answer.text


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_parameters_are_answered(client, text, other):
    parameters = {"run": "evil", "q": text, "kind": other, "page": other, "order": text, "leaf": other}
    assert client.get("/traces", params=parameters).status_code == 200


def test_a_run_that_cannot_be_read_says_why(client):
    answer = client.get("/traces", params={"run": "broken"})
    assert answer.status_code == 500
    assert "not a trace record" in answer.text
    assert "Traceback" not in answer.text


def test_a_comparison_needs_two(client):
    assert client.get("/compare", params={"run": "evil"}).status_code == 400
    assert "Comparison of runs" in client.get("/compare?run=evil&run=nested/many").text


def test_links_out_of_the_folder_are_not_followed(tmp_path, folder):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(folder / "evil")
    page = TestClient(application(tmp_path / "inside"), base_url=HERE).get("/").text
    assert "No run is in this folder yet" in page


def test_new_traces_are_seen(tmp_path):
    tasks = [make_task(seed) for seed in range(2)]
    run = make_run(tmp_path / "run", [solve(tasks[0])[0].trace(5)], tasks)
    client = TestClient(application(tmp_path), base_url=HERE)
    assert len(ids(client.get("/traces", params={"run": "run"}).text)) == 1
    with run.traces.writer() as writer:
        writer.add(solve(tasks[1])[0].trace(5))
    assert len(ids(client.get("/traces", params={"run": "run"}).text)) == 2
