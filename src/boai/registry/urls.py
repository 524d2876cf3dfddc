"""Addresses of the register and of the files that bring people into it."""

from django.urls import URLPattern, URLResolver, path

from boai.registry.views import exports, households, intakes, looks, pairs, people, requests

app_name = "registry"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", households.household_list, name="household_list"),
    path("households/new/", households.household_new, name="household_new"),
    path("households/<uuid:household_id>/", households.household, name="household"),
    path("households/<uuid:household_id>/edit/", households.household_edit, name="household_edit"),
    path("households/<uuid:household_id>/head/", households.head, name="head"),
    path("households/<uuid:household_id>/close/", households.household_close, name="household_close"),
    path("households/<uuid:household_id>/sensitive/", households.sensitive, name="sensitive"),
    path("households/<uuid:household_id>/people/new/", people.resident_new, name="resident_new"),
    path("people/<uuid:resident_id>/edit/", people.resident_edit, name="resident_edit"),
    path("people/<uuid:resident_id>/leave/", people.resident_leave, name="resident_leave"),
    path("people/<uuid:resident_id>/categories/new/", people.category_new, name="category_new"),
    path("categories/<uuid:entry_id>/end/", people.category_end, name="category_end"),
    path("duplicates/", pairs.pair_list, name="pair_list"),
    path("duplicates/<int:pair_id>/", pairs.pair, name="pair"),
    path("duplicates/<int:pair_id>/decide/", pairs.decide, name="pair_decide"),
    path("intakes/", intakes.intake_list, name="intake_list"),
    path("intakes/<uuid:intake_id>/", intakes.intake, name="intake"),
    path("intakes/<uuid:intake_id>/progress/", intakes.progress, name="intake_progress"),
    path("intakes/<uuid:intake_id>/findings/", intakes.findings, name="findings"),
    path("intakes/<uuid:intake_id>/workbook/", intakes.workbook, name="intake_workbook"),
    path("intakes/<uuid:intake_id>/file/", intakes.original, name="intake_file"),
    path("intakes/<uuid:intake_id>/commit/", intakes.commit, name="intake_commit"),
    path("intakes/<uuid:intake_id>/undo/", intakes.undo, name="intake_undo"),
    path("intakes/<uuid:intake_id>/cancel/", intakes.cancel, name="intake_cancel"),
    path("intakes/<uuid:intake_id>/again/", intakes.again, name="intake_again"),
    path("households/<uuid:household_id>/looks/", looks.household_looks, name="household_looks"),
    path("households/<uuid:household_id>/looks/print/", looks.household_looks_print, name="household_looks_print"),
    path("looks/", looks.flag_list, name="flag_list"),
    path("looks/<uuid:flag_id>/", looks.flag, name="flag"),
    path("looks/watched/", looks.watched_add, name="watched_add"),
    path("looks/watched/<uuid:person_id>/end/", looks.watched_end, name="watched_end"),
    path("households/<uuid:household_id>/requests/new/", requests.request_new, name="request_new"),
    path("requests/", requests.request_list, name="request_list"),
    path("requests/<uuid:request_id>/", requests.person_request, name="request"),
    path("requests/<uuid:request_id>/copy.json", requests.request_copy, {"form": "json"}, name="request_copy_json"),
    path("requests/<uuid:request_id>/copy.pdf", requests.request_copy, {"form": "pdf"}, name="request_copy_pdf"),
    path("requests/<uuid:request_id>/finish/", requests.request_finish, name="request_finish"),
    path("exports/", exports.export_list, name="export_list"),
    path("exports/<uuid:export_id>/decide/", exports.export_decide, name="export_decide"),
    path("exports/<uuid:export_id>/fetch/", exports.export_fetch, name="export_fetch"),
]
