"""A process of its own in which llama.cpp's server runs: it tells its address on standard output, a line of JSON.

It lives as long as its standard input is open, so it ends with whoever started it, however that one ends.
"""

import json
import os
import sys
from typing import Any

import xllamacpp  # pyright: ignore[reportMissingImports]

QUIET = 0
"""llama.cpp's verbosity: errors only."""

CACHE_MIB = 256
"""Memory for prompts that were read before and may come again."""

library: Any = xllamacpp


def main() -> None:
    """Serve until standard input ends. The arguments: file of the weights, name to serve them under, threads, requests
    answered at once, tokens of context for each."""
    path, name, *numbers = sys.argv[1:]
    threads, slots, context = map(int, numbers)
    parameters = library.CommonParams()
    parameters.model.path = path
    parameters.model_alias = {name}
    parameters.port = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    # Threads that wait for each other in a loop come to a standstill where others want the cores, too.
    parameters.cpuparams.poll = parameters.cpuparams_batch.poll = 0
    parameters.n_parallel, parameters.n_ctx = slots, slots * context
    parameters.cache_ram_mib = CACHE_MIB
    parameters.ui = parameters.warmup = False
    parameters.verbosity = QUIET
    server = library.Server(parameters)
    print(json.dumps({"url": server.listening_address}), flush=True)  # noqa: T201 - it is how the parent is told
    sys.stdin.read()
    # The server's threads would keep an orderly exit waiting for the answers under way.
    os._exit(0)


if __name__ == "__main__":
    main()
