"""The stateful simulation of APIs: a seeded world whose states are immutable values."""
