"""Bring Django up inside the launcher's own process, under a given environment."""

from __future__ import annotations

import os
from collections.abc import Mapping


def boot(environment: Mapping[str, str]) -> None:
    """Set the environment, compile the catalogues that are stale, and load Django."""
    import django

    from boai.launcher.catalogue import compile_all

    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boai.settings")
    compile_all()
    django.setup()


def migrate(verbosity: int = 0) -> None:
    """Apply all migrations as the owner."""
    from django.core.management import call_command

    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
