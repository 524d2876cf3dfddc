"""Categories to look at again: the list, one answer, many confirmed at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.forms.rechecks import AnswerForm, ConfirmForm, RecheckFilterForm
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
@require_GET
def recheck_list(request: StaffRequest) -> HttpResponseBase:
    """What runs out or was not confirmed for long."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    form = RecheckFilterForm(request.GET or None, root=request.actor.region_code)
    page = queries.recheck_page(
        actor=request.actor, on=local_date(now()), region=form.said("region"), kind=form.said("category"),
        key=request.GET.get("key", ""),
    )  # fmt: skip
    context = {
        "form": form,
        "page": page,
        "columns": [_("Name"), _("Category"), _("Village or community"), _("Held since"), _("Established by"),
                    _("Check again by"), {"label": _("Actions"), "hidden_label": True}],
        "actions": [{"name": "step", "value": "holds", "label": _("Still holds for those ticked"), "kind": "primary"}],
        "next_url": shared.page_url(request, page.after),
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": _("Categories to look at again"), "url": ""},
        ],
    }  # fmt: skip
    return render(request, "registry/recheck_list.html", context)


@signed_in
def recheck(request: StaffRequest, recheck_id: UUID) -> HttpResponseBase:
    """Answer one."""
    row = queries.recheck_get(recheck_id=recheck_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    if row.entry.sealed:
        require(policies.may_read_sensitive, request.actor, row)
    form = AnswerForm(request.POST or None)
    back = reverse("registry:recheck_list")
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.recheck_answer(recheck_id=recheck_id, actor=request.actor, at=now(), **form.cleaned_data)
            messages.success(request, _("Recorded."))
            return redirect(back)
    kind = _("Sealed fact") if row.entry.sealed else row.entry.get_kind_display()
    title = _("Does it still hold? %(name)s: %(kind)s") % {"name": row.entry.resident.name, "kind": kind}
    lead = _("Since %(day)s, established by %(source)s.") % {
        "day": row.entry.valid_from.isoformat(), "source": row.entry.source,
    }  # fmt: skip
    return shared.form_page(request, form, title=title, back=back, lead=lead)


@signed_in
def rechecks_confirm(request: StaffRequest) -> HttpResponseBase:
    """Many at once: who established it anew, and until when; then it is done."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    back = reverse("registry:recheck_list")
    ids = [one for one in request.POST.getlist("id") if shared.is_uuid(one)]
    if request.method != "POST" or not ids:
        messages.info(request, _("Tick some rows first."))
        return redirect(back)
    form = ConfirmForm(request.POST if "source" in request.POST else None)
    if form.is_bound and form.is_valid():
        with shared.errors_into(form):
            done = services.rechecks_confirm(
                recheck_ids=[UUID(one) for one in ids], actor=request.actor, at=now(), **form.cleaned_data
            )
            text = ngettext("%(n)s category confirmed.", "%(n)s categories confirmed.", done)
            messages.success(request, text % {"n": done})
            return redirect(back)
    waiting = queries.rechecks_open(actor=request.actor).filter(id__in=ids)
    names = [f"{one.entry.resident.name} {one.entry.get_kind_display() if not one.entry.sealed else ''}".strip()
             for one in waiting[:20]]  # fmt: skip
    context = {
        "form": form,
        "will": {"count": waiting.count(), "text": _("These categories still hold:"), "names": names},
        "hidden": [("id", one) for one in ids],
        "back": back,
    }
    return render(request, "registry/rechecks_confirm.html", context, status=422 if form.errors else 200)
