"""Addresses where a decision in one app moves something in another."""

from django.urls import URLPattern, URLResolver, path

from boai.journeys.views import bulk, decisions

app_name = "journeys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("cases/bulk/", bulk.bulk, name="bulk"),
    path("meetings/<uuid:meeting_id>/agenda/add/", bulk.agenda_add, name="agenda_add"),
    path("decisions/reviews/<uuid:review_id>/declare/", decisions.review_declare, name="review_declare"),
    path("decisions/reviews/<uuid:review_id>/conflict/", decisions.conflict_report, name="conflict_report"),
    path("decisions/notices/<uuid:notice_id>/publish/", decisions.notice_publish, name="notice_publish"),
    path("decisions/notices/<uuid:notice_id>/extend/", decisions.notice_extend, name="notice_extend"),
    path("decisions/notices/<uuid:notice_id>/retract/", decisions.notice_retract, name="notice_retract"),
    path("decisions/objections/<uuid:objection_id>/decide/", decisions.objection_decide, name="objection_decide"),
    path("decisions/objections/<uuid:objection_id>/appeal/", decisions.appeal_decide, name="appeal_decide"),
]
