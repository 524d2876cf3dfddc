"""The empty register to fill in."""

from __future__ import annotations

import io

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from boai.files.web import disposition
from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.kernel.sheets import XLSX_TYPE
from boai.people.access import StaffRequest, signed_in
from boai.regions.queries import names_of
from boai.registry import policies, queries
from boai.registry.intake.template import template_write
from boai.registry.services.intakes import Division


@signed_in
@require_GET
def template(request: StaffRequest) -> HttpResponseBase:
    """The template of the actor's division, made anew: its villages are those of today."""
    code = request.actor.region_code
    require(policies.may_write, request.actor, Division(code))
    target = io.BytesIO()
    template_write(target, places=queries.template_places(region_code=code, on=local_date(now())))
    response = HttpResponse(target.getvalue(), content_type=XLSX_TYPE)
    name = _("Register template (%(place)s).xlsx") % {"place": names_of([code]).get(code, "")}
    response["Content-Disposition"] = disposition(name, ".xlsx", inline=False)
    return response
