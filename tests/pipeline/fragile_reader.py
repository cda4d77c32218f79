"""A reader that dies of some files, importable by the processes that it runs in."""

import os

from toolbench.documents.loading import Source
from toolbench.pipeline.ingest import attempt


def fragile(source: Source, allow_hosts: tuple[str, ...]):
    if source.place.endswith("deadly.txt"):
        os._exit(9)
    return attempt(source, allow_hosts)
