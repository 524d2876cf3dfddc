"""Starts, tests and measures Boai. Above every other room: it composes the environment that settings read."""
