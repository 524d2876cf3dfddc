"""Addresses of relief: desk, cases, payments, funds."""

from django.urls import URLPattern, URLResolver, path

from boai.relief.views import cases, desk, funds, payments, steps

app_name = "relief"
urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/", desk.desk, name="desk"),
    path("cases/", desk.case_list, name="case_list"),
    path("cases/filters/", desk.filter_keep, name="filter_keep"),
    path("cases/filters/<uuid:filter_id>/drop/", desk.filter_drop, name="filter_drop"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/step/", steps.case_step, name="step"),
    path("cases/<uuid:case_id>/step/<slug:action>/", steps.case_step, name="step_page"),
    path("cases/<uuid:case_id>/verify/", cases.verify, name="verify"),
    path("cases/<uuid:case_id>/sheet/", cases.visit_sheet, name="visit_sheet"),
    path("cases/<uuid:case_id>/visit/", cases.visit, name="visit"),
    path("cases/<uuid:case_id>/link/", cases.link, name="link"),
    path("cases/<uuid:case_id>/account/", cases.account, name="account"),
    path("cases/<uuid:case_id>/retry/", payments.payment_retry, name="payment_retry"),
    path("cases/<uuid:case_id>/sealed/<slug:field>/", cases.reveal, name="reveal"),
    path("cases/<uuid:case_id>/files/<uuid:file_id>/", cases.file, name="file"),
    path("payments/", payments.batch_list, name="batch_list"),
    path("payments/prepare/", payments.batch_prepare, name="batch_prepare"),
    path("payments/batches/<uuid:batch_id>/", payments.batch, name="batch"),
    path("payments/batches/<uuid:batch_id>/release/", payments.batch_release, name="batch_release"),
    path("payments/batches/<uuid:batch_id>/cancel/", payments.batch_cancel, name="batch_cancel"),
    path("payments/batches/<uuid:batch_id>/file/", payments.batch_file, name="batch_file"),
    path("payments/statements/new/", payments.statement_new, name="statement_new"),
    path("payments/statements/lines/<uuid:line_id>/", payments.line_answer, name="line_answer"),
    path("payments/statements/<uuid:statement_id>/", payments.statement, name="statement"),
    path("payments/receipts/<uuid:receipt_id>.pdf", payments.receipt, name="receipt"),
    path("funds/", funds.fund_list, name="fund_list"),
    path("funds/new/", funds.fund_new, name="fund_new"),
    path("funds/banks/new/", funds.bank_new, name="bank_new"),
    path("funds/<uuid:fund_id>/", funds.fund, name="fund"),
    path("funds/<uuid:fund_id>/receive/", funds.fund_receive, name="fund_receive"),
    path("funds/programmes/new/", funds.programme_new, name="programme_new"),
    path("funds/programmes/<uuid:programme_id>/allot/", funds.budget_allot, name="budget_allot"),
]
