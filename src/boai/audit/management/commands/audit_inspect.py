"""`audit_inspect`: check the whole log now, as every night."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boai.audit.inspection import log_inspect
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, scoped


class Command(BaseCommand):
    """Prints the result; ends with an error when something is wrong."""

    help = "Recompute the log from its leaves and compare it with everything that is stored."

    def handle(self, *args: Any, **options: Any) -> None:
        with scoped(EVERYWHERE):
            result = log_inspect(at=now())
        text = f"{result.size} entries, root {bytes(result.root).hex()}, {result.seconds} s"
        if not result.ok:
            raise CommandError(f"{text}: {json.dumps(result.findings)}")
        self.stdout.write(f"{text}: in order")
