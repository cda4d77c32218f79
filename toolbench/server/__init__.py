"""A simulated world over HTTP: requests become calls, the world's answers become responses."""
