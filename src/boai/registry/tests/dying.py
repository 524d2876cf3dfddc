"""A worker that dies in a phase of its own choosing: `python -m boai.registry.tests.dying PHASE AFTER ABOUT`.

It does what the jobs do, and sends itself SIGKILL: while a file is read behind so many batches, or in the middle of the
transaction of another phase. ABOUT is the intake, or the moment at which the night of destroying begins.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

FEW = 2  # intakes destroyed in one transaction
SMALL = 7  # rows of a batch: households are cut in two


def main() -> None:
    """Set the trap, and run into it."""
    import django

    django.setup()
    from boai.kernel.clock import now
    from boai.kernel.scope import EVERYWHERE, scoped
    from boai.people.actor import Actor
    from boai.registry import services
    from boai.registry.services import checking, checks, comparing, retention

    phase, after, about = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    checking.ROWS_PER_BATCH, retention._FEW = SMALL, FEW
    places: dict[str, tuple[Any, str]] = {
        "reading": (checking._Reading, "_write"),
        "resolving": (checking._Reading, "_resolve"),
        "comparing": (comparing, "_keep"),
        "checking": (checks, "counts"),
        "committing": (checks, "counts"),
        "destroying": (retention, "rows_destroy"),
    }
    where, name = places[phase]
    setattr(where, name, deadly(getattr(where, name), after))
    with scoped(EVERYWHERE):
        if phase == "destroying":
            services.retention_run(at=datetime.fromisoformat(about))
        elif phase == "committing":
            services.intake_commit_run(intake_id=UUID(about), actor=Actor.system(), at=now())
        else:
            services.intake_check(intake_id=UUID(about), actor=Actor.system(), at=now())


def deadly(step: Callable[..., Any], after: int) -> Callable[..., Any]:
    """The step, and then the end, the given time that it is done."""
    done = 0

    def stepped(*args: Any, **kwargs: Any) -> Any:
        nonlocal done
        answer = step(*args, **kwargs)
        done += 1
        if done >= after:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return stepped


if __name__ == "__main__":
    main()
