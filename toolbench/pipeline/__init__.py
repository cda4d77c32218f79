"""The stages of a run, one a file: generate, evaluate, curate, save-as."""
