"""Pages: fetched from public addresses, or from local servers that are allowed by name; within limits."""

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from toolbench.documents import _web
from toolbench.documents._youtube import video_id
from toolbench.documents.loading import Source, load
from toolbench.errors import DocumentError
from toolbench.serving import Server, in_thread


async def page(request):
    return HTMLResponse(f"<title>T</title><h1>Hello</h1><p>{request.headers['host']}</p>")


APP = Starlette(
    routes=[
        Route("/page", page),
        Route("/moved", lambda request: RedirectResponse("/page")),
        Route("/abroad", lambda request: RedirectResponse("http://169.254.169.254/latest/")),
        Route("/file", lambda request: RedirectResponse("file:///etc/passwd")),
        Route("/round", lambda request: RedirectResponse("/round")),
        Route("/notes.md", lambda request: PlainTextResponse("# Head", media_type="application/octet-stream")),
        Route("/binary", lambda request: Response(b"\0\1", media_type="application/octet-stream")),
        Route("/long", lambda request: PlainTextResponse("x" * 5000)),
    ]
)


@pytest.fixture(scope="module")
def host():
    with in_thread(Server(APP)) as url:
        yield url.removeprefix("http://").rstrip("/")


def test_a_page_is_read_by_what_the_server_calls_it_or_else_by_its_name(host):
    (document,) = load(Source(f"http://{host}/moved"), (host,))
    assert (document.title, document.media, document.name) == ("T", "html", "page")
    assert document.text == f"Hello\n\n{host}"
    (document,) = load(Source(f"http://{host}/notes.md"), (host,))
    assert (document.title, document.media) == ("Head", "markdown")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/abroad", "not a public address"),
        ("/file", "is not fetched"),
        ("/round", "more than 5 redirects"),
        ("/nowhere", "HTTP 404"),
        ("/binary", "no reader knows"),
        ("/long", "larger than"),
    ],
)
def test_what_is_not_to_be_had_is_one_clear_error(host, path, reason, monkeypatch):
    monkeypatch.setattr(_web, "LARGEST", 4000)
    with pytest.raises(DocumentError, match=reason):
        load(Source(f"http://{host}{path}"), (host,))


def test_local_servers_are_asked_only_by_their_exact_name(host):
    for allowed in ((), ("127.0.0.1",), ("127.0.0.1:1",)):
        with pytest.raises(DocumentError, match="not a public address"):
            load(Source(f"http://{host}/page"), allowed)
    with pytest.raises(DocumentError, match="is not fetched"):
        load(Source(f"http://user:word@{host}/page"), (host,))


@pytest.mark.parametrize(
    ("url", "video"),
    [
        ("https://www.youtube.com/watch?v=abc&t=3", "abc"),
        ("https://youtu.be/abc?t=3", "abc"),
        ("https://youtube.com/shorts/abc", "abc"),
        ("https://youtube.com/@someone", ""),
        ("https://example.com/watch?v=abc", ""),
    ],
)
def test_videos_are_known_by_their_address(url, video):
    assert video_id(url) == video


def test_a_transcript_is_told_a_paragraph_a_minute_and_its_absence_is_clear(monkeypatch):
    from types import SimpleNamespace

    import youtube_transcript_api

    class Said(list):
        language_code = "en"

    def fetch(self, video):
        if video == "none":
            raise OSError("no network")
        return Said(SimpleNamespace(start=start, text=f"at {start}") for start in (0, 59, 61, 200))

    monkeypatch.setattr(youtube_transcript_api.YouTubeTranscriptApi, "fetch", fetch)
    (document,) = load(Source("https://youtu.be/abc"))
    assert [block.text for block in document.blocks] == ["at 0 at 59", "at 61", "at 200"]
    assert (document.name, document.media, document.metadata) == ("abc", "youtube", {"language": "en"})
    with pytest.raises(DocumentError, match="no network"):
        load(Source("https://youtu.be/none"))
