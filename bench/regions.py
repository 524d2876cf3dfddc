"""Divisions of the whole country: loading, search as you type, resolving names as clerks write them."""

from boai.regions.tests.measure import run

__all__ = ["run"]
