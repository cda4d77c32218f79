"""Transcripts of videos on YouTube."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from toolbench.documents.readers.base import DOCS, Draft, installed, known
from toolbench.errors import DocumentError
from toolbench.model import Block

MINUTE = 60.0
"""Seconds that are told in one paragraph."""

_HOSTS = {"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"}
_PATHS = {"shorts", "embed", "live", "v"}


def video_id(url: str) -> str:
    """Return the id of the video that an address leads to; empty where it leads to none."""
    parts = urlsplit(url)
    first, _, second = parts.path.strip("/").partition("/")
    if parts.hostname == "youtu.be":
        return first
    if parts.hostname not in _HOSTS:
        return ""
    return second if first in _PATHS else "".join(parse_qs(parts.query).get("v", [])[:1])


def transcript(video: str, where: str) -> Draft:
    """Return what is said in a video.

    Raises:
        DocumentError: there is no transcript, or no network.
        InputError: what asks for it is not installed.
    """
    with installed(DOCS):
        from youtube_transcript_api import YouTubeTranscriptApi
        from youtube_transcript_api._errors import YouTubeTranscriptApiException

    try:
        said = YouTubeTranscriptApi().fetch(video)
    except (YouTubeTranscriptApiException, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        hint = "Has it subtitles, and is there a network?"
        raise DocumentError(f"no transcript: {reason}", where=where, hint=hint) from error
    blocks = _paragraphs((snippet.start, snippet.text) for snippet in said)
    return Draft(tuple(blocks), metadata=known(language=said.language_code), media="youtube")


def _paragraphs(snippets: Iterator[tuple[float, str]]) -> Iterator[Block]:
    words: list[str] = []
    until = MINUTE
    for start, text in snippets:
        if start >= until and words:
            yield Block(text=" ".join(words))
            words.clear()
            until = (start // MINUTE + 1) * MINUTE
        words += text.split()
    if words:
        yield Block(text=" ".join(words))
