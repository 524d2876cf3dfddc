"""Correcting a cell of a register file beside its finding."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.kernel.clock import now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.forms.columns import CellForm
from boai.registry.intake.rules import sentence_of


@signed_in
@require_POST
def fix(request: StaffRequest, intake_id: UUID, finding_id: int) -> HttpResponseBase:
    """Write another value over the cell, and say what became of it."""
    found = queries.intake_get(intake_id=intake_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    form = CellForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This value is too long or holds characters that can't be stored."))
        return _back(request, intake_id)
    done = services.finding_fix(
        intake_id=intake_id, finding_id=finding_id, value=form.cleaned_data["value"], actor=request.actor, at=now()
    )
    if done.again:
        messages.info(request, _("Corrected. Who belongs to which household changes by it, so the file is read again."))
        return redirect("registry:intake", intake_id)
    if done.rules:
        messages.warning(request, _("Not right yet: %(sentence)s") % {"sentence": sentence_of(done.rules[0], {})})
    else:
        messages.success(request, _("Corrected. The counts follow in a moment."))
    return _back(request, intake_id)


def _back(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """To the page of findings that the person came from."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/"):
        return redirect(target)
    return redirect(reverse("registry:findings", args=[intake_id]))
