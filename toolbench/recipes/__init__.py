"""Recipes: the commands of a paper's method, one after the other. A recipe can do nothing that the commands cannot."""
