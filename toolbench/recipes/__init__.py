"""Recipes: pipelines over the commands, and which one suits."""
