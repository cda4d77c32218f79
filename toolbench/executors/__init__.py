"""Ways to run a call: against the simulated world, the live API, or a recording."""
