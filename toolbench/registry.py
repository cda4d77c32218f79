"""The catalogue: the APIs that were added, in SQLite, beside the bundled ones, with a search over all their tools.

The file is made on the first write; reading makes nothing. An API is added whole or not at all.
"""

import difflib
import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from toolbench.errors import CatalogueError
from toolbench.model import Api, JsonObject, Tool
from toolbench.model.tool import closed
from toolbench.retrieval import INDEX, Shelf, ToolSummary, fill, find, memory_shelf, summary

HOME_VARIABLE = "TOOLBENCH_HOME"
"""Environment variable that names the folder of the catalogue."""

DEFAULT_HOME = Path(".toolbench")
"""Folder of the catalogue, below the working folder."""

FORMAT = 1
"""Version of the file's form (`user_version`)."""

BUSY_SECONDS = 5.0
"""How long another process may hold the file before we give up."""

_TABLES = """
CREATE TABLE apis (id TEXT PRIMARY KEY, title TEXT, kind TEXT, operations INTEGER, record BLOB);
CREATE TABLE definitions (api TEXT, name TEXT, schema BLOB, PRIMARY KEY (api, name)) WITHOUT ROWID;
CREATE TABLE tools (row INTEGER PRIMARY KEY, name TEXT UNIQUE, api TEXT, record BLOB);
CREATE INDEX tools_of_api ON tools (api);
"""
_MARKS = "CREATE TABLE IF NOT EXISTS dead (tool TEXT PRIMARY KEY, api TEXT, reason TEXT)"


@dataclass(frozen=True, slots=True)
class ApiSummary:
    """One line on an API."""

    id: str
    """The API's id."""
    title: str
    """Its title."""
    operations: int
    """How many tools it has."""
    kind: str
    """Loader that read it."""
    bundled: bool
    """Whether it comes with this package."""


class Catalogue:
    """The tools there are.

    An API that was added stands in front of a bundled one of the same id.

    Args:
        home: folder of the catalogue; by default `TOOLBENCH_HOME`, or `.toolbench` in the working folder.
        bundled: APIs that need no adding: what reads each of them, by id.
    """

    def __init__(self, home: Path | None = None, bundled: Mapping[str, Callable[[], Api]] | None = None) -> None:
        folder = os.environ.get(HOME_VARIABLE)
        self.path = (home or (Path(folder) if folder else DEFAULT_HOME)) / "catalogue.db"
        self._bundled = {identity: cache(read) for identity, read in sorted((bundled or {}).items())}

    def add(self, api: Api) -> None:
        """Add an API, in place of one of the same id.

        Raises:
            CatalogueError: another API has a tool of the same name, or the file cannot be written.
        """
        with self._writing() as connection:
            _delete(connection, api.id)
            self._refuse_taken_names(connection, api)
            _insert(connection, api)

    def remove(self, identity: str) -> None:
        """Remove an API that was added.

        Raises:
            CatalogueError: no such API was added, or the file cannot be written.
        """
        if identity not in self._added():
            bundled = identity in self._bundled
            raise CatalogueError(
                f"{identity!r} is bundled and cannot be removed" if bundled else f"no API {identity!r} was added",
                hint=f"Added are: {', '.join(sorted(self._added())) or 'none'}",
            )
        with self._writing() as connection:
            _delete(connection, identity)

    def mark(self, identity: str, dead: Mapping[str, str], alive: Iterable[str]) -> None:
        """Keep what probing an API came to; it holds until the API is added anew, removed or probed again.

        Args:
            identity: the API's id.
            dead: why each dead tool is so, by name.
            alive: names of the tools that are not dead any more, if they were.

        Raises:
            CatalogueError: there is no such API, or the file cannot be written.
        """
        self.api(identity)
        with self._writing() as connection:
            connection.executemany("DELETE FROM dead WHERE tool = ?", [(name,) for name in (*dead, *alive)])
            connection.executemany(
                "INSERT INTO dead VALUES (?, ?, ?)", [(name, identity, reason) for name, reason in dead.items()]
            )

    def dead(self, identity: str) -> dict[str, str]:
        """Return the tools of an API that are marked as dead, by name, each with the reason."""
        if not self._is_made():
            return {}
        with self._reading() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'dead'").fetchone():
                return {}
            return dict(connection.execute("SELECT tool, reason FROM dead WHERE api = ? ORDER BY tool", (identity,)))

    def ids(self) -> list[str]:
        """Return the ids of all APIs, sorted."""
        return sorted({*self._added(), *self._bundled})

    def apis(self) -> list[ApiSummary]:
        """Return a line on each API, by id."""
        added = self._added()
        shown = {identity: read() for identity, read in self._bundled.items() if identity not in added}
        lines = [ApiSummary(api.id, api.title, len(api.tools), api.source.kind, bundled=True) for api in shown.values()]
        return sorted([*added.values(), *lines], key=lambda line: line.id)

    def api(self, identity: str) -> Api:
        """Return an API, its tools open.

        Raises:
            CatalogueError: there is none; the message names near ones.
        """
        if identity in self._added():
            with self._reading() as connection:
                return _read_api(connection, identity)
        if identity in self._bundled:
            return self._bundled[identity]()
        raise _unknown("API", identity, self.ids(), "`toolbench specs add` adds one")

    def tool(self, name: str) -> Tool:
        """Return a closed tool.

        Raises:
            CatalogueError: there is none; the message names near ones.
        """
        if self._is_made():
            with self._reading() as connection:
                found = _read_tool(connection, name)
            if found:
                return found
        for api in self._shown_bundled():
            if name.startswith(f"{api.id}_") and any(tool.name == name for tool in api.tools):
                return api.tool(name)
        raise _unknown("tool", name, self._tool_names(), "`toolbench specs search` finds tools")

    def search(self, query: str, k: int = 5) -> list[tuple[ToolSummary, float]]:
        """Return the tools that fit a query best, with their scores, the best first; ties by name.

        Names, descriptions, categories and the names of arguments are searched, split at underscores and humps, by
        their stems; ranked by BM25, with the frequencies of words counted over added and bundled tools together.
        """
        bundled = memory_shelf([tool for api in self._shown_bundled() for tool in api.tools])
        with ExitStack() as stack:
            shelves = [bundled]
            stack.enter_context(closing(bundled.connection))
            if self._is_made():
                added = stack.enter_context(self._reading())
                shelves.append(Shelf(added, lambda row: summary(_load_tool(added, row))))
            return find(shelves, query, k)

    def _shown_bundled(self) -> Iterator[Api]:
        added = self._added()
        yield from (read() for identity, read in self._bundled.items() if identity not in added)

    def _tool_names(self) -> list[str]:
        names = [tool.name for api in self._shown_bundled() for tool in api.tools]
        if self._is_made():
            with self._reading() as connection:
                names += [name for (name,) in connection.execute("SELECT name FROM tools")]
        return names

    def _added(self) -> dict[str, ApiSummary]:
        if not self._is_made():
            return {}
        with self._reading() as connection:
            rows = connection.execute("SELECT id, title, operations, kind FROM apis").fetchall()
        return {row[0]: ApiSummary(*row, bundled=False) for row in rows}

    def _refuse_taken_names(self, connection: sqlite3.Connection, api: Api) -> None:
        """Names start with an API's id and an underscore, so only ids that hold underscores can clash."""
        own = {tool.name for tool in api.tools}
        others = {identity for identity in self._bundled if _may_clash(identity, api.id)}
        taken = own.intersection(tool.name for identity in others for tool in self._bundled[identity]().tools)
        taken.update(name for (name,) in connection.execute("SELECT name FROM tools") if name in own)
        if taken:
            raise CatalogueError(
                f"another API has a tool {min(taken)!r} already", where=api.id, hint="Give this API another id (`--id`)"
            )

    def _is_made(self) -> bool:
        # A first write that failed may leave an empty file.
        with self._guarded():
            return self.path.is_file() and self.path.stat().st_size > 0

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection, None, None]:
        with self._guarded(), closing(self._connect("ro")) as connection:
            self._check_format(connection)
            yield connection

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection, None, None]:
        """Give a connection whose changes are seen all together, when the block ends well, or not at all."""
        with self._guarded():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect("rwc")) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    self._make_tables(connection)
                    # Catalogues made before there were marks have no table for them.
                    connection.execute(_MARKS)
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()

    def _connect(self, mode: str) -> sqlite3.Connection:
        address = f"{self.path.resolve().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        fresh = not connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        if not fresh:
            self._check_format(connection)
            return
        for statement in (*_TABLES.strip().split("\n"), INDEX, f"PRAGMA user_version = {FORMAT}"):
            connection.execute(statement)

    def _check_format(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found != FORMAT:
            raise CatalogueError(
                f"this catalogue has form {found}, this version reads form {FORMAT}",
                where=str(self.path),
                hint="Delete the file and add the APIs again",
            )

    @contextmanager
    def _guarded(self) -> Generator[None, None, None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
            raise CatalogueError(
                f"the catalogue cannot be used: {reason}",
                where=str(self.path),
                hint=f"Wait for the other process, set {HOME_VARIABLE} to another folder, or delete the file",
            ) from error


def _may_clash(one: str, other: str) -> bool:
    return one.startswith(f"{other}_") or other.startswith(f"{one}_")


def _delete(connection: sqlite3.Connection, identity: str) -> None:
    connection.execute("DELETE FROM search WHERE rowid IN (SELECT row FROM tools WHERE api = ?)", (identity,))
    for table, column in (("tools", "api"), ("definitions", "api"), ("dead", "api"), ("apis", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (identity,))  # noqa: S608 (constants above)


def _insert(connection: sqlite3.Connection, api: Api) -> None:
    record = api.model_dump_json(exclude={"tools", "definitions"}).encode()
    connection.execute(
        "INSERT INTO apis VALUES (?, ?, ?, ?, ?)", (api.id, api.title, api.source.kind, len(api.tools), record)
    )
    connection.executemany(
        "INSERT INTO definitions VALUES (?, ?, ?)",
        ((api.id, name, orjson.dumps(schema)) for name, schema in api.definitions.items()),
    )
    (last,) = connection.execute("SELECT coalesce(max(row), 0) FROM tools").fetchone()
    numbered = list(enumerate(api.tools, last + 1))
    connection.executemany(
        "INSERT INTO tools VALUES (?, ?, ?, ?)",
        ((row, tool.name, api.id, tool.model_dump_json().encode()) for row, tool in numbered),
    )
    fill(connection, numbered)


def _load_tool(connection: sqlite3.Connection, row: int) -> Tool:
    (record,) = connection.execute("SELECT record FROM tools WHERE row = ?", (row,)).fetchone()
    return Tool.model_validate_json(record)


def _read_tool(connection: sqlite3.Connection, name: str) -> Tool | None:
    found = connection.execute("SELECT record FROM tools WHERE name = ?", (name,)).fetchone()
    if not found:
        return None
    tool = Tool.model_validate_json(found[0])
    return closed(tool, _Definitions(connection, tool.api))


def _read_api(connection: sqlite3.Connection, identity: str) -> Api:
    (record,) = connection.execute("SELECT record FROM apis WHERE id = ?", (identity,)).fetchone()
    definitions = connection.execute("SELECT name, schema FROM definitions WHERE api = ? ORDER BY name", (identity,))
    tools = connection.execute("SELECT record FROM tools WHERE api = ? ORDER BY row", (identity,))
    return Api.model_validate(
        orjson.loads(record)
        | {
            "definitions": {name: orjson.loads(schema) for name, schema in definitions},
            "tools": tuple(Tool.model_validate_json(each) for (each,) in tools),
        }
    )


class _Definitions(Mapping[str, JsonObject]):
    """An API's shared schemas, read one by one: a tool needs few of them."""

    def __init__(self, connection: sqlite3.Connection, api: str) -> None:
        self._connection, self._api = connection, api

    def __getitem__(self, name: str) -> JsonObject:
        row = self._connection.execute(
            "SELECT schema FROM definitions WHERE api = ? AND name = ?", (self._api, name)
        ).fetchone()
        if row is None:
            raise KeyError(name)
        return orjson.loads(row[0])

    def __iter__(self) -> Iterator[str]:
        rows = self._connection.execute("SELECT name FROM definitions WHERE api = ? ORDER BY name", (self._api,))
        return (name for (name,) in rows)

    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM definitions WHERE api = ?", (self._api,)).fetchone()
        return count


def _unknown(what: str, name: str, known: list[str], way_out: str) -> CatalogueError:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    listed = f"There are: {', '.join(known)}; " if what == "API" and known else ""
    guess = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return CatalogueError(f"no {what} is named {name!r}", hint=f"{guess}{listed}{way_out}")
