"""Addresses of the open door. No address holds a name, a phone, a case code or an objection's number."""

from django.urls import URLPattern, URLResolver, path

from boai.portal.views import apply, follow, home, notices, objection, verify

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("places/", home.places, name="places"),
    path("help/", home.help_page, name="help"),
    path("privacy/", home.privacy, name="privacy"),
    path("robots.txt", home.robots, name="robots"),
    path("apply/", apply.start, name="apply"),
    path("apply/done/", apply.done, name="apply_done"),
    path("apply/forget/", apply.forget, name="apply_forget"),
    path("apply/<slug:name>/", apply.step, name="apply_step"),
    path("follow/", follow.follow, name="follow"),
    path("follow/case/", follow.case, name="case"),
    path("follow/withdraw/", follow.withdraw, name="case_withdraw"),
    path("follow/supply/", follow.supply, name="case_supply"),
    path("follow/leave/", follow.leave, name="case_leave"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<slug:code>", notices.notice, name="notice"),
    path("notices/<slug:code>/object", notices.object_, name="object"),
    path("notices/<slug:code>/proof.json", notices.notice_proof, name="notice_proof"),
    path("objection/", objection.ask, name="objection"),
    path("objection/case/", objection.case, name="objection_case"),
    path("verify/", verify.verify, name="verify"),
    path("verify/boai_verify.py", verify.tool, name="tool"),
    path("verify/<slug:code>", verify.verify_code, name="verify_code"),
    path("verify/<slug:code>/proof.json", verify.verify_proof, name="verify_proof"),
    path("checkpoints/", verify.checkpoints, name="checkpoints"),
    path("checkpoints/<int:size>.txt", verify.checkpoint, name="checkpoint"),
    path("checkpoints/<int:old>/consistency.json", verify.consistency, name="consistency"),
    path("given/", verify.given, name="given"),
]
