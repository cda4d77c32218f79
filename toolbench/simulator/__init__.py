"""A language model in place of a server, for operations of which the world knows no more than the answer's form."""
