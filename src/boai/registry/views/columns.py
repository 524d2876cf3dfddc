"""What the columns of a register file were taken for, and the form on which a person says it better."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.clock import now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.enums import IntakeKind, IntakeState
from boai.registry.forms.columns import ColumnsForm
from boai.registry.intake.meanings import label_of
from boai.registry.views import shared


@signed_in
def columns(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """Each heading with a few of its values and what it was taken for; a correction is remembered for the division."""
    found = queries.intake_get(intake_id=intake_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    listed = queries.columns_view(intake=found)
    form = ColumnsForm(request.POST or None, columns=listed, patch=found.kind == IntakeKind.PATCH)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            again = services.columns_decide(
                intake_id=intake_id, choices=form.choices_by_key(), actor=request.actor, at=now()
            )
            if again:
                messages.info(request, _("Remembered for the next files. This file is being read once more."))
            else:
                messages.success(request, _("Remembered for the next files."))
            return redirect("registry:intake", intake_id)
    context: dict[str, Any] = {
        "intake": found,
        "form": form,
        "rows": [
            {"column": one, "field": field, "label": label_of(one.meaning)}
            for one, field in zip(listed, form.fields_in_order(), strict=True)
        ],
        "changeable": found.state in (IntakeState.CHECKED, IntakeState.FAILED),
        "several_sheets": len({name for one in listed for name in one.sheets}) > 1,
        "columns": [_("Heading in the file"), _("First values"), _("Read as"), _("How we know")],
        "crumbs": [
            {"label": _("Register import"), "url": reverse("registry:intake_list")},
            {"label": found.file_name, "url": reverse("registry:intake", args=[found.id])},
            {"label": _("Columns"), "url": ""},
        ],
    }
    return render(request, "registry/columns.html", context, status=422 if form.errors else 200)
