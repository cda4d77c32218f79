"""What the live executor may do, and how much of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolbench.model import McpBinding, PythonBinding
from toolbench.model.tool import Binding
from toolbench.specs._mcp import is_url


@dataclass(frozen=True, slots=True)
class Access:
    """What the user allows. Nothing is reached, and nothing changed, unless it is named here."""

    hosts: frozenset[str]
    """Servers: `api.example.com` (its default ports, public addresses only) or an exact `127.0.0.1:8000`, which may
    be a loopback or private address."""
    writes: bool = False
    """Whether operations that change something may be called."""
    destructive: bool = False
    """Whether those that remove something or cannot be undone may be called, too; they need `writes` as well."""
    base_urls: Mapping[str, str] = field(default_factory=dict[str, str])
    """Base URLs by API id, in place of the servers that the API names."""
    programs: frozenset[str] = frozenset()
    """What may be run on this machine: Python modules, and command lines of MCP servers, as their tools name them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a server is used."""

    per_second: float = 2.0
    """Most requests per second to one host."""
    seconds: float = 30.0
    """Longest time for one request and its answer."""
    size: int = 262_144
    """Bytes of an answer's body, decompressed, after which no more is read."""
    redirects: int = 5
    """Most redirects followed in one go."""
    attempts: int = 3
    """Most times that a read is sent while the server asks to wait."""
    memory: int = 4 << 30
    """Bytes of memory that the process of Python functions may ask for."""
    wait: float = 60.0
    """Longest wait, in seconds, that a server is granted; one that asks for more is not asked again."""


def program(binding: Binding) -> str:
    """Return what must be run on this machine for a call: a Python module, or a command line; empty for nothing."""
    match binding:
        case PythonBinding():
            return binding.target.partition(":")[0]
        case McpBinding() if not is_url(binding.server):
            return binding.server
        case _:
            return ""
