"""Addresses of visits."""

from django.urls import path

from boai.visits.views import desk, phone, plan, route, visit

app_name = "visits"
urlpatterns = [
    path("", desk.visit_list, name="list"),
    path("plan/", plan.village, name="plan"),
    path("plan/<uuid:household_id>/", plan.one, name="plan_one"),
    path("route/", route.route, name="route"),
    path("route/print/", route.sheet, name="route_print"),
    path("route/<uuid:visit_id>/move/", route.move, name="route_move"),
    path("phone/", phone.page, name="phone"),
    path("phone/worker.js", phone.worker, name="phone_worker"),
    path("phone/manifest.webmanifest", phone.manifest, name="phone_manifest"),
    path("phone/session/", phone.session, name="phone_session"),
    path("phone/take/", phone.take, name="phone_take"),
    path("phone/records/", phone.record, name="phone_record"),
    path("phone/photos/", phone.photo, name="phone_photo"),
    path("photos/<uuid:photo_id>/", visit.photo, name="photo"),
    path("<uuid:visit_id>/", visit.show, name="visit"),
    path("<uuid:visit_id>/change/", plan.change, name="change"),
    path("<uuid:visit_id>/again/", plan.again, name="again"),
    path("<uuid:visit_id>/cancel/", visit.cancel, name="cancel"),
    path("<uuid:visit_id>/tie/", visit.tie, name="tie"),
    path("<uuid:visit_id>/report/", visit.report, name="report"),
    path("<uuid:visit_id>/settle/", visit.settle, name="settle"),
]
