"""Tasks that are solvable by construction: dependency graph, paths, instructions."""
