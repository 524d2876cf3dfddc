"""Asking for background work on an intake, in the transaction that needs it. The jobs themselves: `registry.tasks`."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

CHECK = "registry.intake_check"
COMMIT = "registry.intake_commit"
UNDO = "registry.intake_undo"
WORKBOOK = "registry.intake_workbook"
RECOUNT = "registry.intake_recount"
COMPARE = "registry.compare"
RECHECK = "registry.intake_recheck"
RETURNED = "registry.returned_compare"


def job_enqueue(*, name: str, intake_id: UUID) -> None:
    """Queue a job; it exists only if the caller's transaction commits. All jobs can be run twice without harm."""
    lock = f"{name} {intake_id}" if name in (RECOUNT, RECHECK) else None  # many decisions, one count
    with suppress(AlreadyEnqueued), transaction.atomic():  # the refusal must not take the caller's transaction along
        app.configure_task(name, queueing_lock=lock).defer(intake_id=str(intake_id))


def returned_enqueue(*, returned_id: UUID) -> None:
    """Queue the comparison of a findings workbook that came back."""
    app.configure_task(RETURNED).defer(returned_id=str(returned_id))


def compare_enqueue(*, region_code: str) -> None:
    """Queue the comparison of a division's register with itself, unless it is queued already."""
    with suppress(AlreadyEnqueued), transaction.atomic():  # as above
        app.configure_task(COMPARE, queueing_lock=f"{COMPARE} {region_code}").defer(region_code=region_code)
