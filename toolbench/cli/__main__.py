"""`python -m toolbench.cli`."""

from toolbench.cli.main import main

main()
