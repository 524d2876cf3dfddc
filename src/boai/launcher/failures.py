"""What can go wrong while starting, said in one sentence."""

from __future__ import annotations


class LaunchError(Exception):
    """Starting is impossible; the text tells what to do."""
